"""What every page shows besides its own content. Computed only when the layout asks."""

from functools import cached_property

from flask import Flask, g, request
from markupsafe import Markup

from pindeck import config
from pindeck.access import can
from pindeck.services.library import own, sheet
from pindeck.services.maintenance import work
from pindeck.web import hanging, tweaks
from pindeck.web.navigation import VIEWS
from pindeck.web.parts import part


class NavCounts:
    """Numbers beside the navigation, by name; a fragment never asks for them."""

    def __getitem__(self, name: str) -> int:
        return int(getattr(self, name))

    @cached_property
    def drafts(self) -> int:
        return sheet.count_waiting(g.actor)

    @cached_property
    def trash(self) -> int:
        return own.count_trash(g.actor)

    @cached_property
    def work(self) -> int:
        return work.count_under_way(g.actor)


class Navigation:
    """The links between the views, as who asks may follow them."""

    def __init__(self, counts: NavCounts) -> None:
        self._counts = counts

    def drawn(self, place: str) -> Markup:
        """In the place `rail` or `bottom`."""
        views = tuple(
            (view, self._counts[view.counts] if view.counts else 0)
            for view in VIEWS
            if (not view.action or can(g.actor, view.action)) and (view.in_bottom or place == "rail")
        )
        return part("shared/_nav.html", place=place, at=request.blueprint, views=views)


def init_app(app: Flask) -> None:
    @app.context_processor
    def shell() -> dict[str, object]:
        shown = tweaks.Tweaks.parse(request.cookies.get(tweaks.COOKIE))
        is_open = config.current().public_library
        counts = NavCounts()
        return {
            "tweaks": shown,
            "hung": hanging.here(),
            "navigation": Navigation(counts),
            "nav_counts": counts,
            "open_to_all": is_open,
        }
