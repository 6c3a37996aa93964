"""The canvas of a board: its objects, and who looks at it."""

from peewee import BigIntegerField, CompositeKey, ForeignKeyField, IntegerField, TextField

from pindeck.models.accounts import UserId
from pindeck.models.base import BaseModel
from pindeck.models.boards import Board


class CanvasObject(BaseModel):
    """`version` is that of the board when the object changed last. An arrow points from its place by its width and height."""

    id = TextField(primary_key=True)
    board = ForeignKeyField(Board, on_delete="CASCADE")
    board_id: str
    kind = TextField()
    image_id = TextField(null=True)
    x = IntegerField()
    y = IntegerField()
    width = IntegerField()
    height = IntegerField()
    layer = IntegerField()
    group_id = TextField(null=True)
    text = TextField(null=True)
    color = TextField(null=True)
    version = IntegerField()

    class Meta:
        table_name = "canvas_object"


class CanvasVisit(BaseModel):
    """When somebody's page showed the canvas last."""

    board = ForeignKeyField(Board, on_delete="CASCADE")
    board_id: str
    user_id = UserId()
    seen_at = BigIntegerField()

    class Meta:
        table_name = "canvas_visit"
        primary_key = CompositeKey("board", "user_id")
