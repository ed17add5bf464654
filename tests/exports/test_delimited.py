"""CSV: separators, quoting and cells, as RFC 4180 and the Explore API have them."""

import csv
import io

import pandas as pd
import pyarrow as pa
import pytest

from datasets.model import Field, Schema
from exports import EXPORTERS, ExportOptions

CSV = EXPORTERS["csv"]
TEXT = Schema((Field("a", "text"), Field("b", "text")))


def written(schema, batches, **options) -> str:
    return b"".join(CSV.write(schema, batches, ExportOptions(**options))).decode()


def test_a_record_has_the_cells_of_the_reference(communes):
    """The defaults are BOM, semicolon, CRLF, names as heading, quotes only where needed, an empty cell for null."""
    schema, batch = communes
    shape = '"{""coordinates"": [[[0.5, 43.6], [0.6, 43.6], [0.6, 43.7], [0.5, 43.6]]], ""type"": ""Polygon""}"'
    assert written(schema, [batch]) == (
        "\ufeffcode_insee;nom;population;surface_km2;prefecture;maj;vu_le;labels;geo_point_2d;geo_shape;photo\r\n"
        "32013;Auch;22173;72.48;True;2024-05-17;2024-05-17T08:30:00+00:00;ville-porte,art;43.6465, 0.5863;"
        f"{shape};\r\n"
        "32001;;;;;;;;;;\r\n"
    )


def test_options_change_delimiter_labels_lists_quotes_and_zone(communes):
    """Each option of the API changes what it names, and nothing else."""
    schema, batch = communes
    text = written(
        schema,
        [batch],
        delimiter=",",
        list_separator="|",
        use_labels=True,
        lang="en",
        with_bom=False,
        timezone="Europe/Paris",
    )
    heading, auch, _ = text.split("\r\n")[:3]
    assert heading.startswith("Code INSEE,Name,Population")
    assert ',2024-05-17T10:30:00+02:00,ville-porte|art,"43.6465, 0.5863",' in auch
    assert written(TEXT, [], quote_all=True, with_bom=False) == '"a","b"\r\n'.replace(",", ";")


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_awkward_cells_come_back_whole(a_batch, delimiter):
    """Quotes, delimiters, line breaks, accents and emoji survive a reading by the standard library."""
    cells = ['"', 'a"b', "x;y,z|t\tu", "line\nbreak", "line\r\nbreak", "é 🎭", "", " spaces ", "=1+1", "\\"]
    rows = [{"a": cell, "b": cell[::-1]} for cell in cells]
    text = written(TEXT, [a_batch(TEXT, rows)], delimiter=delimiter, with_bom=False)
    read = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    assert read[1:] == [[row["a"], row["b"]] for row in rows]


def test_a_single_empty_column_keeps_its_lines(a_batch):
    """A lone empty cell is quoted, as readers skip blank lines."""
    schema = Schema((Field("a", "text"),))
    text = written(schema, [a_batch(schema, [{"a": None}, {"a": "x"}])], with_bom=False)
    assert text == 'a\r\n""\r\nx\r\n'
    assert len(pd.read_csv(io.StringIO(text))) == 2


def test_zero_rows_are_a_heading(communes):
    """An empty result still tells its columns."""
    assert written(communes[0], [], with_bom=False).startswith("code_insee;nom;")
    assert written(communes[0], [communes[1].slice(0, 0)], with_bom=False).count("\r\n") == 1


def test_the_front_end_address_reads_in_pandas(communes):
    """The file that Opendatasoft front-ends link to reads in pandas with its types and its zeros."""
    schema, batch = communes
    data = b"".join(CSV.write(schema, [batch], ExportOptions(timezone="Europe/Berlin")))
    frame = pd.read_csv(io.BytesIO(data), sep=";", dtype={"code_insee": str}, parse_dates=["vu_le"])
    assert frame["code_insee"].tolist() == ["32013", "32001"]
    assert frame["vu_le"][0] == pd.Timestamp("2024-05-17T08:30:00Z")
    assert frame["population"][0] == 22173


def test_equal_labels_stay_apart():
    """Two fields of one label keep two headings."""
    schema = Schema((Field("a", "text", {"fr": "Nom"}), Field("b", "text", {"fr": "Nom"}), Field("c", "text")))
    assert written(schema, [], use_labels=True, with_bom=False) == "Nom (a);Nom (b);c\r\n"


def test_a_column_of_nothing_but_nulls_is_empty(a_batch):
    """An expression without a type, such as a bare null, is an empty cell in each row."""
    schema = Schema((Field("a", "text"), Field("b", "geo_point_2d")))
    batch = pa.record_batch([pa.nulls(2), pa.nulls(2)], names=["a", "b"])
    assert written(schema, [batch], with_bom=False) == "a;b\r\n;\r\n;\r\n"


def test_tsv_is_csv_with_tabs(communes):
    """tsv has tabs whatever delimiter is asked, and reads in pandas with the rows of csv."""
    schema, batch = communes
    data = b"".join(EXPORTERS["tsv"].write(schema, [batch], ExportOptions(delimiter=";", with_bom=False)))
    assert data.startswith(b"code_insee\tnom\tpopulation")
    frame = pd.read_csv(io.BytesIO(data), sep="\t", dtype=str)
    pd.testing.assert_frame_equal(frame, pd.read_csv(io.StringIO(written(schema, [batch])), sep=";", dtype=str))
