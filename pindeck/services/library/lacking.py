"""Pictures in which a field is empty, and pictures that a model is not asked about just now: filters of no address."""

from typing import Any

from peewee import SQL, fn

from pindeck import queue
from pindeck.errors import invalid
from pindeck.models import FieldEvent, Image, ImageCraft, ImageTag, Job
from pindeck.services.images import projects
from pindeck.services.images.fields import FIELDS
from pindeck.services.library.query import Filter, Rows
from pindeck.states import JobStatus, WriterKind
from pindeck.terms import CRAFT
from pindeck.vocabulary import DEFAULT_CATEGORY, SYSTEM_TAGS

# What a model fills. A title is never empty: that of the file counts as none.
FIELDS_OF_A_MODEL = (
    "title", "description", "tags", "category", "group", "genre", "shot", "style", "project", "moodboard", *CRAFT,
)  # fmt: skip


def check(name: str) -> str:
    """Raises Invalid for a field that no model fills."""
    if name not in FIELDS_OF_A_MODEL:
        raise invalid("lacking", f"Name one of {', '.join(FIELDS_OF_A_MODEL)}.")
    return name


def _lacks(rows: Rows, name: str) -> Rows:
    # What a person cleared is to stay empty, so nobody pays for it.
    return rows.where(_is_empty(name), ~fn.EXISTS(_last_event(name).where(FieldEvent.writer == WriterKind.PERSON)))


def _is_empty(name: str) -> Any:
    if name in CRAFT:
        held = (ImageCraft.seq == Image.seq) & (ImageCraft.field == name) & ImageCraft.place.is_null(False)
        return ~fn.EXISTS(ImageCraft.select(SQL("1")).where(held))
    if name == "tags":
        own = ImageTag.tag.in_(sorted(SYSTEM_TAGS)) | ImageTag.tag.startswith("sref:")
        return ~fn.EXISTS(ImageTag.select(SQL("1")).where((ImageTag.image_id == Image.id) & ~own))
    if name == "project":
        return Image.project == projects.DEFAULT_ID
    if name == "title":
        return ~fn.EXISTS(_last_event(name).where(FieldEvent.writer.in_([WriterKind.MACHINE, WriterKind.IMPORT])))
    column = getattr(Image, str(FIELDS[name].column))
    if name == "category":
        return column == DEFAULT_CATEGORY
    return column.is_null() | (column == "")


def _last_event(name: str) -> Any:
    """The one that says who wrote the field that an image has."""
    later = FieldEvent.alias()
    beyond = (later.image_id == FieldEvent.image_id) & (later.field == FieldEvent.field) & (later.id > FieldEvent.id)
    mine = (FieldEvent.image_id == Image.id) & (FieldEvent.field == name)
    return FieldEvent.select(SQL("1")).where(mine & ~fn.EXISTS(later.select(SQL("1")).where(beyond)))


def _idle(rows: Rows, _: Any) -> Rows:
    open_ones = Job.status.in_([JobStatus.QUEUED, JobStatus.RUNNING]) & (Job.kind == queue.ANALYSE.kind)
    return rows.where(~fn.EXISTS(Job.select(SQL("1")).where((Job.image_id == Image.id) & open_ones)))


LACKING = Filter("lacking", "Only pictures in which this field is empty and nobody has cleared it.", _lacks, is_literal=True)
IDLE = Filter("idle", "Only pictures about which no model is asked just now.", _idle, is_literal=True)
