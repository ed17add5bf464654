"""The living style guide: the tokens as the style sheet writes them, their contrasts, the parts with sample data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Form,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    validators,
)
from wtforms.fields.choices import SelectChoice

from datasets.facets import FacetGroup, FacetValue
from portal.assets import STATIC
from portal.pages.facets import build_facets
from portal.pages.filters import Filters, paginate

THEMES = ("light", "dark")
TOKEN = re.compile(r"--([\w-]+):\s*([^;]+);")
COLOUR = re.compile(r"#([0-9a-f]{6})")
TEXT, DRAWING = 4.5, 3.0
"""What WCAG 2.2 AA asks of the contrast of words (1.4.3), and of what must be seen (1.4.11)."""

GROUNDS = ("paper", "surface", "sunken")
PAIRS: tuple[tuple[str, str, float], ...] = (
    *((word, ground, TEXT) for word in ("ink", "ink-soft", "blue", "amber", "good", "bad") for ground in GROUNDS),
    ("on-blue", "blue", TEXT),
    ("on-blue", "blue-strong", TEXT),
    ("ink", "blue-soft", TEXT),
    ("blue", "blue-soft", TEXT),
    ("blue-strong", "blue-soft", TEXT),
    *(("ink", f"{kind}-soft", TEXT) for kind in ("amber", "good", "bad")),
    *((kind, f"{kind}-soft", TEXT) for kind in ("amber", "good", "bad")),
    *((drawn, ground, DRAWING) for drawn in ("line-strong", "focus") for ground in GROUNDS),
)
"""What stands on what (words or drawing, ground), and the contrast that it needs."""


@dataclass(frozen=True)
class Contrast:
    """A colour on another, in one theme: their values, their ratio (1 to 21), the least that is asked."""

    theme: str
    front: str
    ground: str
    colours: tuple[str, str]
    least: float

    @property
    def ratio(self) -> float:
        """The ratio of their luminances, from 1 (none) to 21 (black on white)."""
        return contrast(*self.colours)


@lru_cache(maxsize=4)
def read_tokens(css: str) -> Mapping[str, Mapping[str, str]]:
    """Return the tokens of a style sheet by theme; the dark theme has those that it changes, and the others."""
    light, _opening, rest = css.partition("@media screen and (prefers-color-scheme: dark)")
    plain = dict(TOKEN.findall(light.partition("\n}\n")[0]))
    return {"light": plain, "dark": plain | dict(TOKEN.findall(rest.partition("\n}\n")[0]))}


def find_tokens() -> Mapping[str, Mapping[str, str]]:
    """Return the tokens of the portal, as they are now."""
    return read_tokens((STATIC / "portal.css").read_text(encoding="utf-8"))


def list_colours(tokens: Mapping[str, Mapping[str, str]]) -> list[tuple[str, dict[str, str]]]:
    """Return each colour with its value in each theme."""
    names = [name for name, value in tokens["light"].items() if COLOUR.fullmatch(value)]
    return [(name, {theme: tokens[theme][name] for theme in THEMES}) for name in names]


def list_scale(tokens: Mapping[str, Mapping[str, str]], prefix: str) -> list[tuple[str, str]]:
    """Return the tokens of a scale (size, space), with their values."""
    return [(name, value) for name, value in tokens["light"].items() if name.startswith(prefix)]


def list_contrasts(tokens: Mapping[str, Mapping[str, str]]) -> list[tuple[Contrast, ...]]:
    """Return the contrasts that the pages need: for each pair, one by theme."""
    return [
        tuple(Contrast(theme, front, ground, (tokens[theme][front], tokens[theme][ground]), least) for theme in THEMES)
        for front, ground, least in PAIRS
    ]


def contrast(front: str, ground: str) -> float:
    """Return the contrast of two colours (#rrggbb) as WCAG 2.2 defines it."""
    high, low = sorted((luminance(front), luminance(ground)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (#rrggbb), from 0 (black) to 1 (white), as WCAG 2.2 defines it."""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


CHOICES = [SelectChoice(code, name) for code, name in (("a", "Auch"), ("c", "Condom"), ("l", "Lectoure"))]
RHYTHMS = [SelectChoice("m", _l("Each month")), SelectChoice("y", _l("Each year"))]


class SampleForm(Form):
    """A form with a field of each kind."""

    name = StringField(_l("Name of the venue"), [validators.InputRequired()], description=_l("As its sign says it."))
    mail = StringField(_l("E-mail address"), [validators.InputRequired(), validators.Regexp("@")])
    town = SelectField(_l("Town"), choices=CHOICES, validators=[validators.InputRequired()])
    words = TextAreaField(_l("Comments"))
    agreed = BooleanField(_l("Send me a letter when the data change"))
    rhythm = RadioField(_l("How often"), choices=RHYTHMS, default="m")
    towns = SelectMultipleField(_l("Several towns"), choices=CHOICES)


def fill_form() -> SampleForm:
    """Return the form after somebody sent it with a mistake."""
    form = SampleForm(MultiDict({"name": "Le Théâtre", "mail": "ada", "town": "a", "rhythm": "m"}))
    form.validate()
    form.mail.errors = [_("“%(found)s” is not an address: write it as name@example.org.", found="ada")]
    return form


def fill_parts() -> dict[str, Any]:
    """Return what the parts of the guide are drawn with."""
    filters = Filters(text="tournée", refined=(("theme", "Culture"),))
    values = (FacetValue("Culture", "Culture", 9, "displayed"), FacetValue("Territoire", "Territoire", 1, "displayed"))
    return {
        "form": fill_form(),
        "filters": filters,
        "facet": build_facets([FacetGroup("theme", values)], filters, "/styleguide/", {"theme": _("Theme")})[0],
        "pages": paginate(Filters(page=4), 200, 20, "/styleguide/"),
        "entry": {
            "dataset_id": "exemple",
            "title": _("A dataset in a list"),
            "summary": _("Its first sentences, cut at a word."),
            "themes": ["Culture"],
            "rows": 1200,
            "modified": datetime(2026, 11, 22, tzinfo=UTC),
            "publisher": _("Its publisher"),
        },
    }
