"""What every page shows besides its own content. Computed only when the layout asks."""

from functools import cached_property

from flask import Flask, g, request

from pindeck import access
from pindeck.models import Image
from pindeck.services import trash
from pindeck.web import tweaks


class NavCounts:
    """Numbers beside the navigation; a fragment never asks for them."""

    @cached_property
    def drafts(self) -> int:
        return Image.select().where(access.drafts_of(g.actor)).count() if g.actor.is_signed_in else 0

    @cached_property
    def trash(self) -> int:
        return trash.count_trash(g.actor)


def init_app(app: Flask) -> None:
    @app.context_processor
    def shell() -> dict[str, object]:
        return {"tweaks": tweaks.Tweaks.parse(request.cookies.get(tweaks.COOKIE)), "nav_counts": NavCounts()}
