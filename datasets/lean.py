"""What makes a process start sooner and weigh less: no pandas before it is imported, and a calm collector.

Arrow looks for pandas when it makes its first value, to know its frames should it be given some: 43 MB and a fifth of
a second of each process, most of which never see a frame. Here it looks once in vain, and again when pandas is there.
"""

import gc
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

import pyarrow as pa

PANDAS = "pandas"
COLLECTED = (50_000, 20, 50)
"""How many new objects Python lets be made between two searches for cycles: 70 times its default. A fifth of a start
went into searches among modules, which all stay."""


class Latecomer(MetaPathFinder, Loader):
    """Finds pandas for whoever imports it, and tells Arrow once it is loaded."""

    def __init__(self) -> None:
        self.hidden = False
        self.real: Loader | None = None

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to load pandas; None for anything else. Raises ImportError while pandas is hidden."""
        if fullname != PANDAS:
            return None
        if self.hidden:
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


def hide_pandas() -> None:
    """Let Arrow do its first search while there is no pandas; does nothing in a process that has loaded it."""
    if PANDAS in sys.modules:
        return
    finder = Latecomer()
    sys.meta_path.insert(0, finder)
    finder.hidden = True
    pa.scalar(None)
    finder.hidden = False
