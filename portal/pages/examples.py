"""How to call the API, in the languages of those who do: real calls, to this very portal."""

from dataclasses import dataclass
from urllib.parse import urlencode

from portal.pages.filters import Pair

API = "/api/explore/v2.1/catalog/datasets"


@dataclass(frozen=True)
class Example:
    """A language and a program in it; `{records}` and `{csv}` stand for the addresses."""

    name: str
    language: str
    code: str


EXAMPLES: tuple[Example, ...] = (
    Example("curl", "sh", "curl '{records}'"),
    Example(
        "Python",
        "python",
        'import pandas as pd\n\ntable = pd.read_csv(\n    "{csv}",\n    sep=";",\n    dtype={{{text}}},\n)\nprint(table.head())',
    ),
    Example(
        "R",
        "r",
        'table <- read.csv2(\n  "{csv}",\n  dec = ".", fileEncoding = "UTF-8-BOM", colClasses = c({text_r})\n)\nhead(table)',
    ),
    Example(
        "JavaScript",
        "js",
        'const answer = await fetch("{records}");\nconst {{ total_count, results }} = await answer.json();\nconsole.log(total_count, results[0]);',
    ),
)


@dataclass(frozen=True)
class Addresses:
    """The addresses of a dataset in the API, with the reader's filters."""

    base_url: str
    dataset_id: str
    filters: tuple[Pair, ...]

    def of(self, resource: str = "", *, limit: int | None = None) -> str:
        """Return the address of a resource ("records", "exports/csv"…); the filters follow but on the dataset itself."""
        pairs = [*(self.filters if resource else ()), *([("limit", str(limit))] if limit else [])]
        path = f"{self.base_url}{API}/{self.dataset_id}" + (f"/{resource}" if resource else "")
        return f"{path}?{urlencode(pairs)}" if pairs else path


def write_examples(addresses: Addresses, codes: list[str]) -> list[tuple[Example, str]]:
    """Return each example with its program; `codes` are the text fields that programs must not read as numbers."""
    values = {
        "records": addresses.of("records", limit=20),
        "csv": addresses.of("exports/csv"),
        "text": ", ".join(f'"{code}": "string"' for code in codes),
        "text_r": ", ".join(f'{code} = "character"' for code in codes),
    }
    return [(example, example.code.format(**values)) for example in EXAMPLES]
