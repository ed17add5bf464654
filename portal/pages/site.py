"""The addresses of the site itself: style guide, declaration of accessibility, what engines and robots ask."""

from flask import Blueprint, Response, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from portal.assets import address_of
from portal.extensions import portal
from portal.pages import declaration, findability, specimens, styleguide
from portal.pages.opening import drawings, find_catalogue

bp = Blueprint("site", __name__)
A_DAY = "public, max-age=86400"


@bp.get("/styleguide/")
def show_style() -> str:
    """Show what the pages are made of: tokens, their contrasts, every part in its states."""
    tokens = styleguide.find_tokens()
    return render_template(
        "pages/styleguide.html",
        colours=styleguide.list_colours(tokens),
        contrasts=styleguide.list_contrasts(tokens),
        sizes=styleguide.list_scale(tokens, "size-"),
        spaces=styleguide.list_scale(tokens, "space-"),
        **styleguide.fill_parts(),
        **specimens.find_specimens(),
    )


@bp.get("/pages/accessibility/")
def show_declaration() -> str:
    """Declare how accessible the site is, as RGAA 4.1 asks."""
    results, appeal = declaration.read_results(), declaration.RIGHTS_DEFENDER
    return render_template("pages/accessibility.html", results=results, rights_defender=appeal)


@bp.get("/sitemap.xml")
def give_sitemap() -> Response:
    """Answer every address worth finding; beyond what one sitemap may hold, the index of several."""
    places, base = find_places(), portal.settings.base_url
    many = len(places) > findability.PER_SITEMAP
    return answer((findability.write_index if many else findability.write_sitemap)(places, base), "application/xml")


@bp.get("/sitemap-<int:rank>.xml")
def give_part(rank: int) -> Response:
    """Answer one of the sitemaps that the index names."""
    start = (rank - 1) * findability.PER_SITEMAP
    part = find_places()[start : start + findability.PER_SITEMAP] if rank else []
    if not part:
        abort(404)
    return answer(findability.write_sitemap(part, portal.settings.base_url), "application/xml")


@bp.get("/robots.txt")
def give_robots() -> Response:
    """Answer what robots are asked to leave."""
    return answer(findability.write_robots(portal.settings.base_url), "text/plain")


@bp.get("/.well-known/security.txt")
def give_security() -> Response:
    """Answer to whom a weakness is told."""
    settings = portal.settings
    text = findability.write_security(settings.officer_email, settings.base_url, portal.clock.now())
    return answer(text, "text/plain")


@bp.get("/favicon.ico")
def give_icon() -> ResponseReturnValue:
    """Lead to the icon those who look for it where it stood of old."""
    return redirect(address_of("icon.png"))


def find_places() -> list[findability.Place]:
    """Return what the sitemap tells, remembered by the version of the catalogue."""
    source = find_catalogue()
    if source is None:
        return findability.list_places(None, portal.engine)
    return drawings.get(("places", source.version_id), lambda: findability.list_places(source, portal.engine))


def answer(text: str, media_type: str) -> Response:
    """Answer a text for programs, kept for a day and validated by its content."""
    response = Response(text, mimetype=media_type)
    response.headers["Cache-Control"] = A_DAY
    response.add_etag()
    response.make_conditional(request)
    return response
