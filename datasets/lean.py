"""What makes a process start sooner and weigh less: no pandas before it is imported, a calm collector, shared memory.

Arrow looks for pandas when it makes its first value, and the engine when it is given one, to know its frames should
they meet some: 43 MB and a fifth of a second of each process, most of which never see a frame. Here they look in vain,
and find it once somebody else has imported it.
"""

import ctypes
import gc
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

import pyarrow as pa

PANDAS = "pandas"
COLLECTED = (50_000, 20, 50)
"""How many new objects Python lets be made between two searches for cycles: 70 times its default. A fifth of a start
went into searches among modules, which all stay."""

M_ARENA_MAX, ARENAS = -8, 2
"""A parameter of mallopt(3), and how many arenas all threads share."""

_hidden = threading.local()


class Latecomer(MetaPathFinder, Loader):
    """Finds pandas for whoever imports it, and tells Arrow once it is loaded."""

    def __init__(self) -> None:
        self.real: Loader | None = None

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to load pandas; None for anything else. Raises ImportError where it is hidden."""
        if fullname != PANDAS:
            return None
        if getattr(_hidden, "now", False):
            raise ImportError("not before somebody needs it", name=PANDAS)
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None:
            self.real, spec.loader = spec.loader, self
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Return the empty module that the true loader makes."""
        return self.real.create_module(spec) if self.real else None

    def exec_module(self, module: ModuleType) -> None:
        """Load pandas, then let Arrow find it: a conversion that needs it looks again."""
        sys.meta_path.remove(self)
        if self.real and module.__spec__:
            module.__spec__.loader = self.real
            self.real.exec_module(module)
        pa.table({}).to_pandas()


def calm_collector() -> None:
    """Let Python look for cycles less often."""
    gc.set_threshold(*COLLECTED)


@contextmanager
def hidden_pandas() -> Iterator[None]:
    """Let this thread find no pandas that is not loaded yet; others find it."""
    _hidden.now = True
    try:
        yield
    finally:
        _hidden.now = False


def share_memory() -> None:
    """Have freed memory found again by whoever needs some next.

    The C library keeps apart what each thread frees, in up to eight arenas for each processor, and Arrow keeps what it
    frees: a server with many threads held twice what it used. Does nothing to another C library than GNU's.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)


def hide_pandas() -> None:
    """Let Arrow do its first search while there is no pandas; does nothing in a process that has loaded it."""
    if PANDAS in sys.modules:
        return
    sys.meta_path.insert(0, Latecomer())
    with hidden_pandas():
        pa.scalar(None)
