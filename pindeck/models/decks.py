"""Decks: their blocks, the pictures that were chosen for them, and the people who edit them."""

from typing import Any

from peewee import BigIntegerField, BooleanField, CompositeKey, DoubleField, ForeignKeyField, IntegerField, TextField

from pindeck import db
from pindeck.models.accounts import UserId
from pindeck.models.base import BaseModel, JsonField
from pindeck.models.boards import Board


class Deck(BaseModel):
    """`overlay` and its variation are percent. `palette` has the colours that were chosen, None for those of the style.
    `share_hash` is the SHA-256 of the token of its public link."""

    id = TextField(primary_key=True)
    board = ForeignKeyField(Board, null=True, on_delete="SET NULL")  # that it was made from
    board_id: str | None
    user_id = UserId()
    project_id = TextField(null=True)  # of the key that made it, if it was one of a project
    title = TextField()
    style = TextField(default="cinematic")
    layout = TextField(default="editorial")
    scroll_fx = TextField(default="parallax")
    overlay = IntegerField(default=58)
    overlay_variation = IntegerField(default=32)
    overlay_seed = IntegerField(default=0)
    palette = JsonField(null=True)
    font_family = TextField(default="agency")
    has_credits = BooleanField(default=True)
    share_hash = TextField(null=True)
    version = IntegerField(default=1)
    created_at = BigIntegerField()
    updated_at = BigIntegerField()
    deleted_at = BigIntegerField(null=True)

    class Meta:
        table_name = "deck"

    @classmethod
    def change(cls, **columns: Any) -> Any:
        """An update of the deck or, without columns, of what is in it, of which programs hear by the version."""
        return cls.update(version=cls.version + 1, updated_at=db.now_ms(), **columns)

    @property
    def is_shared(self) -> bool:
        return self.share_hash is not None


class DeckPerson(BaseModel):
    """That a person may edit a deck of somebody else."""

    deck = ForeignKeyField(Deck, on_delete="CASCADE")
    deck_id: str
    user_id = UserId()

    class Meta:
        table_name = "deck_person"
        primary_key = CompositeKey("deck", "user_id")


class DeckImage(BaseModel):
    """A picture that was chosen for a deck, whether a block shows it or not."""

    deck = ForeignKeyField(Deck, on_delete="CASCADE")
    deck_id: str
    image_id = TextField()
    position = TextField()

    class Meta:
        table_name = "deck_image"
        primary_key = CompositeKey("deck", "image_id")


class DeckBlock(BaseModel):
    """One page. Without a title or a text of its own it has those of its kind; an empty one is none at all."""

    id = TextField(primary_key=True)
    deck = ForeignKeyField(Deck, on_delete="CASCADE")
    deck_id: str
    position = TextField()
    kind = TextField()
    is_on = BooleanField(default=True)
    is_locked = BooleanField(default=False)
    variant = TextField(default="")
    title = TextField(null=True)
    text = TextField(null=True)
    notes = TextField(null=True)

    class Meta:
        table_name = "deck_block"


class DeckStill(BaseModel):
    """A picture in a block; `slot` counts from 0. The focal point is that of this page alone."""

    block_id = TextField()
    slot = IntegerField()
    deck = ForeignKeyField(Deck, on_delete="CASCADE")
    deck_id: str
    image_id = TextField()
    focal_x = DoubleField(null=True)
    focal_y = DoubleField(null=True)

    class Meta:
        table_name = "deck_still"
        primary_key = CompositeKey("block_id", "slot")
