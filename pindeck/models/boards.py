"""Boards: what they are called, their sections, the pictures on them, and the people who edit them."""

from typing import Any

from peewee import BigIntegerField, CompositeKey, ForeignKeyField, IntegerField, TextField

from pindeck import db
from pindeck.models.accounts import UserId
from pindeck.models.base import BaseModel


class Board(BaseModel):
    """`query` is what fills a smart board. `share_hash` is the SHA-256 of the token of its public link."""

    id = TextField(primary_key=True)
    user_id = UserId()
    project_id = TextField(null=True)  # of the key that made it, if it was one of a project
    name = TextField()
    name_key = TextField()
    description = TextField(null=True)
    cover_id = TextField(null=True)
    query = TextField(null=True)
    share_hash = TextField(null=True, unique=True)
    version = IntegerField(default=1)
    created_at = BigIntegerField()
    updated_at = BigIntegerField()
    deleted_at = BigIntegerField(null=True)

    class Meta:
        table_name = "board"

    @classmethod
    def change(cls, **columns: Any) -> Any:
        """An update of the board or, without columns, of what is on it, of which programs hear by the version."""
        return cls.update(version=cls.version + 1, updated_at=db.now_ms(), **columns)

    @property
    def next_version(self) -> int:
        """The one after `change`, for a board that is locked."""
        return self.version + 1

    @property
    def is_smart(self) -> bool:
        return self.query is not None

    @property
    def is_shared(self) -> bool:
        return self.share_hash is not None


class BoardSection(BaseModel):
    id = TextField(primary_key=True)
    board = ForeignKeyField(Board, on_delete="CASCADE")
    board_id: str
    name = TextField()
    position = TextField()

    class Meta:
        table_name = "board_section"


class BoardImage(BaseModel):
    """That a picture is on a board; without a section it stands before all of them."""

    board = ForeignKeyField(Board, on_delete="CASCADE")
    board_id: str
    image_id = TextField()
    section_id = TextField(null=True)
    position = TextField()
    note = TextField(null=True)
    user_id = UserId(null=True)  # who put it there
    created_at = BigIntegerField()

    class Meta:
        table_name = "board_image"
        primary_key = CompositeKey("board", "image_id")


class BoardPerson(BaseModel):
    """That a person may edit a board of somebody else."""

    board = ForeignKeyField(Board, on_delete="CASCADE")
    board_id: str
    user_id = UserId()

    class Meta:
        table_name = "board_person"
        primary_key = CompositeKey("board", "user_id")
