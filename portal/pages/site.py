"""The pages about the site itself: the style guide."""

from flask import Blueprint, render_template

from portal.pages import styleguide

bp = Blueprint("site", __name__)


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
    )
