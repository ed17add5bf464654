"""How to make a call of the API in a program: the tables that the console and the pages of a dataset share.

`{address}` stands for the address of the call; it holds no quote nor backslash, so that it can end no string.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flask_babel import lazy_gettext as _l

JSON_PROGRAMS: Mapping[str, str] = MappingProxyType(
    {
        "curl": "curl '{address}'",
        "Python": 'import requests\n\nanswer = requests.get("{address}", timeout=60)\nprint(answer.json())',
        "R": 'answer <- jsonlite::fromJSON("{address}")\nstr(answer)',
        "JavaScript": 'const answer = await fetch("{address}");\nconsole.log(await answer.json());',
    }
)
"""Calls that answer JSON, by language."""

FILE_PROGRAMS: Mapping[str, str] = MappingProxyType(
    {
        "curl": "curl --remote-header-name --remote-name '{address}'",
        "Python": 'from urllib.request import urlretrieve\n\nurlretrieve("{address}", "{file}")',
        "R": 'download.file("{address}", "{file}", mode = "wb")',
        "JavaScript": 'const answer = await fetch("{address}");\nconst file = await answer.blob();',
    }
)
"""Calls that answer a file, by language; `{file}` is its name."""


@dataclass(frozen=True)
class Use:
    """A way to use the records of a query: `text` asks `resource` of the dataset, with `extra` parameters.

    `{python_types}` and `{r_types}` keep codes from becoming numbers; `note` says where the text goes.
    """

    name: str
    text: str
    resource: str = "records"
    extra: tuple[tuple[str, str], ...] = ()
    note: Any = ""


PANDAS = """\
import pandas as pd

table = pd.read_csv(
    "{address}",
    sep=";",
    dtype={python_types},
)
print(table.head())"""

READ_CSV = """\
table <- read.csv2(
  "{address}",
  dec = ".", fileEncoding = "UTF-8-BOM",
  colClasses = c({r_types})
)
head(table)"""

POWER_QUERY = """\
= Csv.Document(
    Web.Contents("{address}"),
    [Delimiter = ";", Encoding = 65001]
)"""

USES: tuple[Use, ...] = (
    Use("curl", JSON_PROGRAMS["curl"]),
    Use("Python", PANDAS, "exports/csv"),
    Use("R", READ_CSV, "exports/csv"),
    Use("JavaScript", JSON_PROGRAMS["JavaScript"]),
    Use("QGIS", "{address}", "exports/geojson", (), _l("Layer, Add Layer, Add Vector Layer, Protocol: HTTP(S), then:")),
    Use("Excel", POWER_QUERY, "exports/csv", (), _l("Data, Get Data, From Other Sources, Blank Query, then:")),
    Use("LibreOffice", "{address}", "exports/csv", (), _l("Sheet, External Links, then this address:")),
    Use(
        "Google Sheets",
        '=IMPORTDATA("{address}")',
        "exports/csv",
        (("delimiter", ","), ("with_bom", "false")),
        _l("In a cell:"),
    ),
)
"""The ways to use the records of a dataset, in the order of its page."""
