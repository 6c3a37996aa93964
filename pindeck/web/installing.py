"""Pindeck as an app of its own: what a browser reads before it installs it, and where other apps share pages to.

There is no service worker: none is needed for installing, and one that keeps answers could show what was hidden since.
"""

from flask import Blueprint, Response, jsonify, url_for

from pindeck.http.auth import public
from pindeck.web.assets import asset

bp = Blueprint("installing", __name__)

GROUND = "#08080a"


@bp.get("/manifest.webmanifest")
@public
def manifest() -> Response:
    """It says the same to everybody."""
    icons = [("app-192.png", 192, "any"), ("app-512.png", 512, "any"), ("app-maskable-512.png", 512, "maskable")]
    response = jsonify(
        id="/",
        name="Pindeck",
        short_name="Pindeck",
        description="A shared library of pictures for film people.",
        start_url=url_for("gallery.index"),
        scope="/",
        display="standalone",
        background_color=GROUND,
        theme_color=GROUND,
        icons=[
            {"src": asset(f"icons/{name}"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
            for name, size, purpose in icons
        ],
        shortcuts=[{"name": "Add from a link", "url": url_for("links.index")}],
        share_target={
            "action": url_for("links.index"), "method": "GET", "params": {"title": "title", "text": "text", "url": "url"},
        },
    )  # fmt: skip
    response.mimetype = "application/manifest+json"
    response.cache_control.public, response.cache_control.max_age = True, 3600
    return response
