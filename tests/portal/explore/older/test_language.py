"""The query language of version 1: what it becomes in ODSQL, and that no text whatever breaks it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.catalogue.snapshot import ALIASES, SCHEMA
from datasets.errors import InvalidParameter, LimitExceeded, PortalError, QueryError
from datasets.odsql.checks import Checker, Scope
from datasets.odsql.parser import parse_where
from datasets.odsql.tokens import MAX_LENGTH
from portal.explore.v1.language import translate_query
from tests.portal.explore.communes import COMMUNES

CASES = [
    ("", ""),
    ("auch", 'suggest(*, "auch")'),
    ('"auch"', '"auch"'),
    ("mairie auch", 'suggest(*, "mairie") AND suggest(*, "auch")'),
    ("mairie AND auch", 'suggest(*, "mairie") AND suggest(*, "auch")'),
    ('"pont neuf" -suspendu', '"pont neuf" AND NOT suggest(*, "suspendu")'),
    ('"pont" NOT "suspendu"', '"pont" AND NOT "suspendu"'),
    ("a OR b c", '"a" OR "b c"'),
    ("(a OR b) c", '("a" OR "b") AND "c"'),
    ("or et no", '"or et no"'),
    ("nom:Auch or not population > 5", 'nom LIKE "Auch" OR NOT population > 5'),
    ("film*", '"film*"'),
    ("a - c", '"a - c"'),
    ("sous-préfecture", 'suggest(*, "sous-préfecture")'),
    ("nom:Auch", 'nom LIKE "Auch"'),
    ('nom:"L\'Isle" canton:Auch', 'nom LIKE "L\'Isle" AND canton LIKE "Auch"'),
    ("-nom:Auch", 'NOT nom LIKE "Auch"'),
    ("nom:(Auch OR Condom)", 'nom LIKE "Auch" OR nom LIKE "Condom"'),
    ("nom==Auch", 'nom = "Auch"'),
    ("nom != Auch", 'nom != "Auch"'),
    ("nom:*", "NOT nom IS NULL"),
    ("labels:art", 'labels LIKE "art"'),
    ("prefecture:TRUE", "prefecture = true"),
    ("population:51", "population = 51"),
    ("population = 51", "population = 51"),
    ("population>=100 AND population<2e3", "population >= 100 AND population < 2000.0"),
    ("population > -5", "population > -5"),
    ("population:[50 TO 100]", "population IN [50 TO 100]"),
    ("population:]50 TO 100[", "population IN ]50 TO 100["),
    ("population:{50 TO *]", "population IN ]50 TO *]"),
    ("maj:2024", "maj = date'2024'"),
    ("maj>2024/05", "maj > date'2024/05'"),
    ("maj:[2023 TO 2024-05-17]", "maj IN [date'2023' TO date'2024-05-17']"),
    ("vu_le>=#now(years=-1, months=2)", "vu_le >= now(years = -1, months = 2)"),
    ("vu_le:[#now(days=-3) TO #now()]", "vu_le IN [now(days = -3) TO now()]"),
    ("#null(maj)", "maj IS NULL"),
    ("NOT #null(maj)", "NOT maj IS NULL"),
    ('#exact(nom, "Auch")', 'nom = "Auch"'),
    ('#search(nom, "ach")', 'search(nom, "ach")'),
    ('#search("ach")', 'search(*, "ach")'),
    ("#startswith(nom,'Au')", 'startswith(nom, "Au")'),
    (
        '#distance(geo_point_2d, "43.64,0.58", 1000)',
        "within_distance(geo_point_2d, geom'POINT(0.58 43.64)', 1000.0)",
    ),
    (
        '#polygon(geo_point_2d, "(43,0),(44,0),(44,1)")',
        "intersects(geo_point_2d, geom'POLYGON((0.0 43.0, 0.0 44.0, 1.0 44.0, 0.0 43.0))')",
    ),
    ('#geometry(geo_shape,"POINT(0 43)",WITHIN)', "within(geo_shape, geom'POINT(0 43)')"),
    ('#geometry(geo_shape,"POINT(0 43)")', "intersects(geo_shape, geom'POINT(0 43)')"),
    ("12:30 http://auch.example/x", 'suggest(*, "12:30") AND suggest(*, "http://auch.example/x")'),
    ("foo AND", '"foo"'),
    ("((auch", '"auch"'),
    ('nom:"Auch', '"nom Auch"'),
    ("AND", '""'),
]


@pytest.mark.parametrize(("asked", "where"), CASES)
def test_each_form_has_its_odsql(asked, where):
    """A query of version 1 becomes this where clause; what fits no rule is looked for as words."""
    assert translate_query(asked, COMMUNES) == where


@pytest.mark.parametrize(
    ("asked", "code", "says"),
    [
        ("populatin > 3", "ODSQLError", "population"),
        ("population:abc", "InvalidRESTParameterError", "abc"),
        ("maj > hier", "InvalidRESTParameterError", "date"),
        ("geo_shape:3", "InvalidRESTParameterError", "q API parameter"),
        ("#nope(nom)", "InvalidRESTParameterError", "#exact(field"),
        ("#null(nom, maj)", "InvalidRESTParameterError", "#null(field)"),
        ("#null(nope)", "ODSQLError", "nope"),
        ('#distance(nom, "43,0", 5)', "InvalidRESTParameterError", "geographic"),
        ('#distance(geo_point_2d, "43", 5)', "InvalidRESTParameterError", "latitude"),
        ('#polygon(geo_point_2d, "(43,0),(44,0)")', "InvalidRESTParameterError", "three"),
        ("vu_le > #now(year)", "InvalidRESTParameterError", "#now"),
        ("-(" * 30 + "a" + ")" * 30, "LimitExceeded", "depth"),
        ("a" * (MAX_LENGTH + 1), "LimitExceeded", "length"),
    ],
)
def test_what_cannot_be_meant_is_a_clear_refusal(asked, code, says):
    """A wrong field, value or function is told, where words would silently find nothing."""
    with pytest.raises(PortalError) as caught:
        translate_query(asked, COMMUNES)
    assert caught.value.code == code
    assert says in str(caught.value)


def test_short_names_of_the_catalogue_are_fields():
    """`theme`, `publisher` and their like name the metadata that they stand for."""
    assert translate_query("publisher:gers -theme:Culture", SCHEMA, ALIASES) == (
        'default.publisher LIKE "gers" AND NOT default.theme LIKE "Culture"'
    )


PIECES = st.sampled_from(
    [
        *("nom", "population", "maj", "vu_le", "labels", "prefecture", "geo_point_2d", "geo_shape", "nope"),
        *(":", "==", ">", "<=", "=", "!=", "[", "]", "{", "}", " TO ", "*", "(", ")", '"', "'", "\\", "`", ",", "-"),
        *(" AND ", " OR ", " NOT ", " ", "#now(", "#null(", "#exact(", "#search(", "#distance(", "#polygon("),
        *(
            "#geometry(",
            "12",
            "-3.5",
            "1e999",
            "9" * 30,
            "2024",
            "2024/05/17",
            "auch",
            "é",
            "43.6,0.5",
            "\x00",
            "days=-7",
        ),
    ]
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=14).map("".join))


def check_any_text(text: str) -> None:
    """Check that a text becomes a valid where clause, or an error of the tree that speaks both languages."""
    try:
        where = translate_query(text, COMMUNES)
        if where or text.strip():
            Checker(Scope(COMMUNES, {}, "where")).condition(parse_where(where))
    except (QueryError, InvalidParameter, LimitExceeded) as refusal:
        refusal.message("fr")


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_any_text_is_a_clause_or_an_error(text):
    """Whatever is asked, the result parses and checks against the schema, or an error of our tree says why not."""
    check_any_text(text)


@pytest.mark.verify
@settings(max_examples=20_000, deadline=None)
@given(TEXTS)
def test_any_text_is_a_clause_or_an_error_at_length(text):
    """The same, over many more texts."""
    check_any_text(text)
