"""What every page shows besides its own content. Computed only when the layout asks."""

from functools import cached_property

from flask import Flask, g, request
from peewee import fn

from pindeck import access, db
from pindeck.models import Image
from pindeck.services import trash
from pindeck.web import tweaks
from pindeck.web.navigation import VIEWS


@db.per_engine
def _count(shape: access.Condition) -> db.Spelt:
    return db.Spelt.of(Image.select(fn.COUNT(Image.seq)).where(shape.expression()))


class NavCounts:
    """Numbers beside the navigation; a fragment never asks for them."""

    @cached_property
    def drafts(self) -> int:
        drafts = access.drafts_of(g.actor)
        return _count(drafts.shape).rows(**drafts.values)[0][0] if g.actor.is_signed_in else 0

    @cached_property
    def trash(self) -> int:
        return trash.count_trash(g.actor)


def init_app(app: Flask) -> None:
    @app.context_processor
    def shell() -> dict[str, object]:
        shown = tweaks.Tweaks.parse(request.cookies.get(tweaks.COOKIE))
        return {"tweaks": shown, "views": VIEWS, "nav_counts": NavCounts()}
