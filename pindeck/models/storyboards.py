"""Storyboards: their frames, and the pictures of a board as the shots in them."""

from typing import Any

from peewee import BigIntegerField, BooleanField, CompositeKey, ForeignKeyField, IntegerField, TextField

from pindeck import db
from pindeck.models.accounts import UserId
from pindeck.models.base import BaseModel
from pindeck.models.boards import Board


class Storyboard(BaseModel):
    """`template` names what it was made with, `aspect` the mask in which its shots are seen; empty shows them whole.
    `share_hash` is the SHA-256 of the token of its public link."""

    id = TextField(primary_key=True)
    board = ForeignKeyField(Board, on_delete="CASCADE")
    board_id: str
    user_id = UserId()
    title = TextField()
    template = TextField()
    aspect = TextField(default="")
    share_hash = TextField(null=True)
    version = IntegerField(default=1)
    created_at = BigIntegerField()
    updated_at = BigIntegerField()
    deleted_at = BigIntegerField(null=True)

    class Meta:
        table_name = "storyboard"

    @classmethod
    def change(cls, **columns: Any) -> Any:
        """An update of the storyboard or, without columns, of what is in it, of which programs hear by the version."""
        return cls.update(version=cls.version + 1, updated_at=db.now_ms(), **columns)

    @property
    def is_shared(self) -> bool:
        return self.share_hash is not None


class StoryboardFrame(BaseModel):
    """`size` is the number of cells in a row, from which the number of slots follows."""

    id = TextField(primary_key=True)
    storyboard = ForeignKeyField(Storyboard, on_delete="CASCADE")
    storyboard_id: str
    position = TextField()
    style = TextField()
    size = IntegerField()
    note = TextField(null=True)
    is_collapsed = BooleanField(default=False)

    class Meta:
        table_name = "storyboard_frame"


class StoryboardShot(BaseModel):
    """A picture as a shot; `slot` counts from 0 within its frame. Without a frame it is described but not placed."""

    storyboard = ForeignKeyField(Storyboard, on_delete="CASCADE")
    storyboard_id: str
    image_id = TextField()
    frame_id = TextField(null=True)
    slot = IntegerField(null=True)
    number = TextField(null=True)
    shot_size = TextField(null=True)
    lens = TextField(null=True)
    movement = TextField(null=True)
    action = TextField(null=True)
    dialogue = TextField(null=True)
    duration_ms = IntegerField(null=True)

    class Meta:
        table_name = "storyboard_shot"
        primary_key = CompositeKey("storyboard", "image_id")
