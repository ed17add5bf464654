"""How to call the API, in the languages of those who do: real calls, to this very portal."""

from dataclasses import dataclass
from urllib.parse import urlencode

from portal.pages.filters import Pair

API = "/api/explore/v2.1/catalog/datasets"

CURL = "curl '{records}'"

PYTHON = """\
import pandas as pd

table = pd.read_csv(
    "{csv}",
    sep=";",
    dtype={{{python_types}}},
)
print(table.head())"""

R = """\
table <- read.csv2(
  "{csv}",
  dec = ".", fileEncoding = "UTF-8-BOM",
  colClasses = c({r_types})
)
head(table)"""

JAVASCRIPT = """\
const answer = await fetch("{records}");
const {{ total_count, results }} = await answer.json();
console.log(total_count, results[0]);"""

EXAMPLES = {"curl": CURL, "Python": PYTHON, "R": R, "JavaScript": JAVASCRIPT}
"""A program in each language; `{records}` and `{csv}` are addresses, the types keep codes from becoming numbers."""


@dataclass(frozen=True)
class Addresses:
    """The addresses of a dataset in the API, with the reader's filters."""

    base_url: str
    dataset_id: str
    filters: tuple[Pair, ...]

    def of(self, resource: str = "", *, limit: int | None = None) -> str:
        """Return the address of a resource ("records", "exports/csv"…); the filters follow, but on the dataset."""
        pairs = [*(self.filters if resource else ()), *([("limit", str(limit))] if limit else [])]
        path = f"{self.base_url}{API}/{self.dataset_id}" + (f"/{resource}" if resource else "")
        return f"{path}?{urlencode(pairs)}" if pairs else path


def write_examples(addresses: Addresses, codes: list[str]) -> list[tuple[str, str]]:
    """Return (language, program) pairs; `codes` are the text fields that programs must not read as numbers."""
    values = {
        "records": addresses.of("records", limit=20),
        "csv": addresses.of("exports/csv"),
        "python_types": ", ".join(f'"{code}": "string"' for code in codes),
        "r_types": ", ".join(f'{code} = "character"' for code in codes),
    }
    return [(name, program.format(**values)) for name, program in EXAMPLES.items()]
