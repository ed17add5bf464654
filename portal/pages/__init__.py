"""The public site: home, catalogue, dataset. Pages of people; programs have `portal/explore`."""

import re
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from markupsafe import Markup

from portal.extensions import portal
from portal.pages import site
from portal.pages.charts import frames
from portal.pages.charts.routes import init_app as init_charts
from portal.pages.declaration import read_results
from portal.pages.findability import alternates, canonical
from portal.pages.ges import routes as ges
from portal.pages.maps import routes as maps
from portal.pages.marking import mark, summarise
from portal.pages.prose import clean_html, first_sentence, plain_text
from portal.pages.routes import bp
from portal.pages.words import licence_name, say_value

__all__ = ["bp", "init_app"]


def init_app(app: Flask) -> None:
    """Serve the public site from `app`, and give every room's templates what the layout needs."""
    app.jinja_env.filters.update(
        plain=plain_text,
        sentence=first_sentence,
        clean=clean_html,
        say=say_value,
        relative=relative,
        breakable=breakable,
    )
    app.jinja_env.filters.update(mark=mark, summarise=summarise)
    app.context_processor(layout_values)
    app.register_blueprint(bp)
    app.register_blueprint(maps.bp)
    app.register_blueprint(site.bp)
    app.register_blueprint(ges.bp)
    init_charts(app)
    app.register_blueprint(frames.bp)


def layout_values() -> dict[str, Any]:
    """Return what every page's frame needs: the identity of the installation, its address for search engines."""
    base = portal.settings.base_url
    return {
        "settings": portal.settings,
        "default_licence": licence_name(portal.settings.licence),
        "canonical": partial(canonical, base),
        "alternates": partial(alternates, base),
        "conformity": read_results().state_name,
    }


def relative(address: str) -> str:
    """Return an address without its host: what a link of the same site needs, whatever name it was opened under."""
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def breakable(address: str) -> Markup:
    """Return an address that may be broken after its separators, on narrow screens."""
    return Markup("{}").format(Markup("<wbr>").join(re.split(r"(?<=[/?&])(?!/)", address)))
