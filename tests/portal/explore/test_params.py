"""The table of parameters: what is read, what is refused, with the messages that clients test for."""

import pytest
from werkzeug.datastructures import MultiDict

from datasets.errors import InvalidParameter
from portal.explore.params import (
    PARAMETERS,
    Limits,
    export_options,
    export_query,
    find_unknown,
    page_query,
    read_values,
)

LIMITS = Limits(page=100, offset=10_000, group=20_000)


def page(**asked):
    return page_query(read_values(MultiDict(asked)), "fr", LIMITS)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"limit": "101"}, "limit API parameter: 101 was found but -1 <= limit <= 100 is expected."),
        ({"limit": "-2"}, "limit API parameter: -2 was found but -1 <= limit <= 100 is expected."),
        ({"limit": "20001", "group_by": "a"}, "limit API parameter: 20001 was found but -1 <= limit <= 20000 is"),
        ({"offset": "10000", "limit": "100"}, "sum of offset + limit API parameter: 10100 was found but <= 10000 is"),
        ({"offset": "-1"}, "offset API parameter: -1 was found but >= 0 is expected."),
        ({"limit": "ten"}, "limit API parameter: ten was found but an integer is expected."),
        ({"limit": "1.5"}, "an integer"),
        ({"limit": "٣"}, "an integer"),
        ({"limit": "9" * 5000}, "an integer"),
        ({"offset": "1e3"}, "an integer"),
        ({"timezone": "Mars/Olympus"}, "timezone API parameter: Mars/Olympus was found but an IANA time zone"),
        ({"timezone": "../../etc/passwd"}, "an IANA time zone"),
        ({"lang": "klingon"}, "lang API parameter: klingon was found but one of en, fr"),
        ({"delimiter": "::"}, "delimiter API parameter"),
        ({"use_labels": "maybe"}, "use_labels API parameter: maybe was found but true or false is expected."),
    ],
)
def test_a_value_out_of_range_names_itself(asked, message):
    """An InvalidParameter tells the parameter, what was found and what was expected."""
    with pytest.raises(InvalidParameter) as refused:
        page(**asked)
    assert message in str(refused.value)


def test_the_boundary_of_offset_and_limit_is_allowed():
    """A sum of exactly 10000 is served, and 20000 with groups."""
    assert page(offset="9900", limit="100").offset == 9900
    assert page(offset="10000", limit="10000", group_by="a").limit == 10_000


def test_limits_have_their_defaults():
    """Ten records by default, a limit of -1 is the most of a page, an export has no limit."""
    assert page().limit == 10
    assert page(limit="-1").limit == 100
    assert page(limit="-1", group_by="a").limit == 20_000
    assert page(limit="-1", offset="9990").limit == 10
    assert page(limit="0").limit == 0
    for asked in ({}, {"limit": "-1"}):
        assert export_query(read_values(MultiDict(asked)), "fr").limit is None
    assert export_query(read_values(MultiDict({"limit": "5000000", "offset": "20000"})), "fr").limit == 5_000_000


def test_repeated_parameters_combine():
    """Repeated where, refine, exclude and facet are lists; a repeated select is one list of items; empty is absent."""
    asked = MultiDict(
        [("where", "a=1"), ("where", ""), ("where", "b=2"), ("select", "a"), ("select", "b"), ("refine", "c:d:e,f")]
    )
    query = page_query(read_values(asked), "fr", LIMITS)
    assert query.where == ("a=1", "b=2")
    assert query.select == "a,b"
    assert query.refine == ("c:d:e,f",)


def test_names_of_older_versions_are_understood():
    """`rows` and `start` are read as limit and offset, and give way to them."""
    assert page(rows="3", start="4").limit == 3
    assert page(rows="3", start="4").offset == 4
    assert page(rows="3", limit="5").limit == 5


@pytest.mark.parametrize("text", ["true", "True", "1", "yes", "YES"])
def test_booleans_have_the_spellings_of_clients(text):
    """Python sends True, curl true, forms 1 or yes."""
    assert read_values(MultiDict({"use_labels": text}))["use_labels"] is True
    assert read_values(MultiDict({"with_bom": "False"}))["with_bom"] is False


@pytest.mark.parametrize(("text", "lang"), [("fr", "fr"), ("FR", "fr"), ("fr-FR", "fr"), ("en_GB", "en"), ("nl", "nl")])
def test_languages_are_read_with_their_region(text, lang):
    """A language may come with a region, in any case."""
    assert read_values(MultiDict({"lang": text}))["lang"] == lang


def test_layout_reaches_the_exporter():
    """The options of CSV are those asked."""
    asked = MultiDict({"delimiter": "\t", "list_separator": " / ", "quote_all": "1", "with_bom": "0"})
    options = export_options(read_values(asked), "en")
    assert (options.delimiter, options.list_separator, options.quote_all, options.with_bom) == (
        "\t",
        " / ",
        True,
        False,
    )
    assert options.lang == "en"


def test_unknown_names_are_told_and_silent_ones_not():
    """A typing mistake is named once; what clients always send is not."""
    assert find_unknown(["selct", "apikey", "rows", "selct", "ods-api-analytics-app", "pretty"]) == ["selct"]


def test_the_table_has_no_name_twice():
    """Each parameter, with its aliases, is one row."""
    names = [name for parameter in PARAMETERS for name in (parameter.name, *parameter.aliases)]
    assert len(names) == len(set(names))
