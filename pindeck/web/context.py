"""What every page shows besides its own content. Computed only when the layout asks."""

from functools import cached_property

from flask import Flask, g, request

from pindeck import config
from pindeck.services.library import own, sheet
from pindeck.services.maintenance import work
from pindeck.web import hanging, tweaks
from pindeck.web.navigation import VIEWS


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


def init_app(app: Flask) -> None:
    @app.context_processor
    def shell() -> dict[str, object]:
        shown = tweaks.Tweaks.parse(request.cookies.get(tweaks.COOKIE))
        is_open = config.current().public_library
        return {"tweaks": shown, "hung": hanging.here(), "views": VIEWS, "nav_counts": NavCounts(), "open_to_all": is_open}
