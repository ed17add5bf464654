"""Random trees of the language: any at all for printing, well-typed ones for comparing answers."""

from hypothesis import strategies as st

from datasets.odsql import nodes
from datasets.odsql.functions import FUNCTIONS
from datasets.odsql.nodes import Node

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NAMES = st.one_of(st.sampled_from(["nom", "population", "year", "and", "default.title", "a b", "1x", "é", "`"]), TEXTS)
NUMBERS = st.one_of(
    st.integers(-(2**62), 2**62), st.floats(allow_nan=False, allow_infinity=False, width=64).filter(lambda x: x == x)
)
UNITS = st.sampled_from(["km", "m", "days", "M"])
CALLABLE = sorted(name for name in FUNCTIONS if name)

literals = st.one_of(TEXTS, NUMBERS, st.booleans()).map(nodes.Literal)
values = st.one_of(literals, TEXTS.map(nodes.Date), TEXTS.map(nodes.Geometry), NAMES.map(nodes.Name))


def calls(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Calls of known functions with any arguments."""
    quantities = st.builds(nodes.Quantity, st.integers(0, 10**6), UNITS)
    arguments = st.one_of(inner, st.just(nodes.Star()), quantities, NAMES.map(nodes.Pattern))
    return st.builds(
        nodes.Call, st.sampled_from(CALLABLE), st.lists(arguments, min_size=1, max_size=3).map(tuple), st.booleans()
    )


def logic(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Chains of AND or OR, flat as the parser makes them."""

    def flat(operator: str, parts: list[Node]) -> Node:
        flattened = [
            deep
            for part in parts
            for deep in (part.parts if isinstance(part, nodes.Logic) and part.operator == operator else (part,))
        ]
        return nodes.Logic(operator, tuple(flattened))

    return st.builds(flat, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3))


def deeper(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Every node over others."""
    operators = st.sampled_from(["=", ":", "!=", "<", "<=", ">", ">=", "like"])
    bounds = st.one_of(inner, st.just(nodes.Star()))
    return st.one_of(
        st.builds(nodes.Arithmetic, st.sampled_from("+-*/"), inner, inner),
        st.builds(nodes.Compare, operators, inner, inner),
        st.builds(nodes.In, inner, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(nodes.Within, inner, bounds, bounds, st.booleans(), st.booleans()),
        st.builds(nodes.Has, inner, NAMES.map(nodes.Name)),
        st.builds(nodes.Is, inner, st.sampled_from(["null", "true", "false"])),
        inner.map(nodes.Not),
        inner.map(nodes.Negative),
        logic(inner),
        calls(inner),
    )


any_tree = st.recursive(values, deeper, max_leaves=12)


def comparisons() -> st.SearchStrategy[str]:
    """Well-typed comparisons of the towns' fields, as text."""
    texts = st.sampled_from(["Auch", "Auch-1", "Condom", "x", "Éauze", "", "Z", "art", "ville-porte"]).map(repr)
    numbers = st.sampled_from(["0", "5900", "6500", "6500.0", "9300", "-1", "41.5", "72.48", "100000", "2", "3"])
    dates = st.sampled_from(
        ["2024", "2023-12", "2024-05-17", "2024-01-01", "2024-05-17T10:00", "2022-02-28T12:00:01Z", "1999", "2024-05"]
    ).map("date'{}'".format)
    signs = st.sampled_from(["=", "!=", "<", "<=", ">", ">=", ":"])
    kinds = [
        (st.sampled_from(["nom", "canton", "title", "labels", "`a b-c\\`d`"]), texts),
        (st.sampled_from(["population", "surface", "notes", "population + 1", "population / surface"]), numbers),
        (st.sampled_from(["maj", "vu_le"]), dates),
    ]
    tests: list[st.SearchStrategy[str]] = []
    for fields, constants in kinds:
        some = st.lists(constants, min_size=1, max_size=3)
        ends = st.tuples(st.sampled_from("[]"), constants, constants, st.sampled_from("[]"))
        tests += [
            st.tuples(fields, signs, constants).map(" ".join),
            st.tuples(constants, signs, fields).map(lambda t: f"{t[0]} {t[1].replace(':', '=')} {t[2]}"),
            st.tuples(fields, some).map(lambda t: f"{t[0]} in ({', '.join(t[1])})"),
            st.tuples(fields, ends).map(lambda t: f"{t[0]} in {t[1][0]}{t[1][1]}..{t[1][2]}{t[1][3]}"),
            fields.map(lambda field: f"{field} is null"),
        ]
    tests += [
        st.sampled_from(
            ["prefecture", "prefecture = true", "prefecture is false", "prefecture != true", "maj < vu_le"]
        ),
        st.tuples(st.sampled_from(["nom", "canton", "title", "labels"]), texts).map(lambda t: f"{t[0]} like {t[1]}"),
        st.sampled_from(["maj < vu_le", "nom = canton", "year(maj) = 2024", "length(nom) > 5", "'auch'"]),
    ]
    return st.one_of(tests)


valid_where = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        inner.map(lambda text: f"not ({text})"),
    ),
    max_leaves=6,
)
