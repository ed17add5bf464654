"""One sample of each small size, written once."""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from datasets.programming.sample import SampleReport, write_sample
from datasets.programming.territories import Territories

SEED = 7


@dataclass(frozen=True)
class Sample:
    """A written sample: its report, its tables as texts (null is ""), what was planted, and the totals."""

    report: SampleReport
    tables: Mapping[str, pd.DataFrame]
    defects: pd.DataFrame
    totals: pd.DataFrame

    def planted(self, defect: str, table: str) -> pd.DataFrame:
        """Return the rows of a table that carry a defect."""
        lines = self.defects.loc[self.defects["defaut"] == defect, "ligne"]
        return self.tables[table].iloc[lines.astype(int) - 2]


def read_table(path: Path) -> pd.DataFrame:
    """Read one of the ten tables as texts, whatever its encoding."""
    content = path.read_bytes()
    text = content.decode("iso-8859-1" if path.stem == "equipes" else "utf-8").lstrip("\ufeff")
    rows = list(csv.reader(text.splitlines()))
    return pd.DataFrame(rows[1:], columns=rows[0], dtype="str")


@pytest.fixture(scope="session")
def samples(territories: Territories, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Sample]:
    """Give the sample of a size, written at the first call."""
    made: dict[str, Sample] = {}

    def sample(size: str) -> Sample:
        if size not in made:
            folder = tmp_path_factory.mktemp(size)
            report = write_sample(folder, size, SEED, territories)
            tables = {path.stem: read_table(path) for path in folder.glob("*.csv")}
            defects = pd.read_csv(folder / "verite" / "defects.csv", dtype="str")
            totals = pd.read_csv(folder / "verite" / "totals.csv", dtype={"periode": "str", "code_geo": "str"})
            made[size] = Sample(report, tables, defects, totals)
        return made[size]

    return sample
