"""The older versions of the API, and the addresses of pages that they named: what published links still ask."""

from flask import Blueprint, Flask, render_template

from portal.explore.v1 import links
from portal.explore.v1 import routes as first
from portal.explore.v2 import routes as second

bp = Blueprint("api_versions", __name__)


@bp.get("/explore/api-versions/")
def versions() -> str:
    """Tell people which versions of the API there are, and what to change."""
    return render_template("explore/versions.html")


def init_app(app: Flask) -> None:
    """Serve versions 1 and 2.0, and lead former pages to the present ones."""
    app.register_blueprint(first.bp)
    for place, prefix in enumerate(second.PREFIXES):
        name = f"{second.bp.name}_{place}" if place else second.bp.name
        app.register_blueprint(second.bp, url_prefix=prefix, name=name)
    app.register_blueprint(links.bp)
    app.register_blueprint(bp)
    app.after_request(second.tell_deprecation)
