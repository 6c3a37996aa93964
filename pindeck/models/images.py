"""The image: one picture with its words, its place in the library and its work states."""

from functools import reduce
from operator import or_
from typing import Any

from peewee import (
    SQL,
    AutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    Case,
    CompositeKey,
    DoubleField,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from pindeck import db
from pindeck.models.accounts import Session, User, UserId
from pindeck.models.base import BaseModel, JsonField
from pindeck.models.clients import Client
from pindeck.models.files import StoredFile
from pindeck.models.projects import Project
from pindeck.states import AiStatus, ImageStatus, Origin, PersistStatus, RunStatus, TermState, Visibility

# The columns of an image that its record shows to programs, and those that decide who reads it. Whoever read the
# record may be sure that it is still the same while the version is: the ETag is made of it, and `If-Match` asks for it.
TOLD = frozenset(
    ("project", "flow_id", "file", "external_url", "mime", "size", "width", "height", "origin", "focal_x", "focal_y", "meta")
    + ("status", "visibility", "deleted_at", "attribution", "rights")
)


class ImportBatch(BaseModel):
    """Imports that belong together; the run of a source is one. `error` says why a run came to nothing."""

    id = TextField(primary_key=True)
    user = ForeignKeyField(User, on_delete="CASCADE")
    user_id: str
    project_id = TextField(null=True)  # of the key that made it, if it was one of a project
    origin = TextField()
    source_url = TextField(null=True)
    created_count = IntegerField(default=0)
    skipped_count = IntegerField(default=0)
    failed_count = IntegerField(default=0)  # of what could not even be recorded as a picture
    source_id = TextField(null=True)
    status = TextField(default=RunStatus.DONE)
    error = TextField(null=True)
    created_at = BigIntegerField()

    class Meta:
        table_name = "import_batch"


class WordField(TextField):
    """A word that a picture may have; an empty one is none, or it would stand first among those that have one."""

    def db_value(self, value: Any) -> str | None:
        return value or None


class Image(BaseModel):
    """`seq` orders and joins inside the process; `id` is the only name that leaves it."""

    seq = AutoField()
    id = TextField(unique=True)
    project = ForeignKeyField(Project, on_delete="RESTRICT")
    project_id: str
    project_key = TextField(constraints=[SQL("DEFAULT ''")])  # of the project's name
    flow_id = TextField(null=True)
    user = ForeignKeyField(User, on_delete="RESTRICT")
    user_id: str
    client = ForeignKeyField(Client, null=True, on_delete="SET NULL")
    client_id: str | None
    file = ForeignKeyField(StoredFile, null=True, unique=True, on_delete="RESTRICT")
    file_id: str | None
    external_url = TextField(null=True)
    original_filename = TextField(default="")
    mime = TextField(null=True)
    size = BigIntegerField(null=True)
    width = IntegerField(null=True)
    height = IntegerField(null=True)
    visibility = TextField(default=Visibility.LIBRARY)
    status = TextField(default=ImageStatus.DRAFT)
    ai_status = TextField(default=AiStatus.QUEUED)
    ai_started_at = BigIntegerField(null=True)
    ai_error = TextField(null=True)
    persist_status = TextField(default=PersistStatus.PENDING)
    persist_error = TextField(null=True)
    origin = TextField(default=Origin.UPLOAD)
    title = TextField(default="")
    title_key = TextField(constraints=[SQL("DEFAULT ''")])  # this and the other keys: see `word_store.sort_key`
    description = TextField(null=True)
    description_key = TextField(null=True)
    category = TextField(default="General")
    category_key = TextField(null=True)
    group = WordField(null=True)
    genre = WordField(null=True)
    shot = WordField(null=True)
    style = WordField(null=True)
    attribution = TextField(null=True)
    credit_key = TextField(null=True)
    rights = TextField(null=True)  # `Rights`; null where they are unknown
    sref = WordField(null=True)
    sref_key = TextField(null=True)
    moodboard = WordField(null=True)
    unique_tag = TextField(null=True, unique=True)
    project_order = IntegerField(null=True)
    colors = JsonField(default=list)
    dominant = TextField(null=True)
    hue = IntegerField(null=True)  # of the first colour of the palette; see `colours.hue_of`
    tags_key = TextField(null=True)
    tag_count = IntegerField(constraints=[SQL("DEFAULT 0")])  # by the database; without the tags that no page shows
    thumbhash = TextField(null=True)
    phash = BigIntegerField(null=True)  # 64 bits of how it looks; none where it shows nothing to compare
    phash_middle = BigIntegerField(null=True)  # the same of its middle, as a crop of it looks
    exif = JsonField(default=dict)
    gps = JsonField(null=True)
    focal_x = DoubleField(null=True)
    focal_y = DoubleField(null=True)
    meta = JsonField(default=dict)
    parent_id = TextField(null=True)
    generation_id = TextField(null=True)
    external_id = TextField(null=True)
    source_url = TextField(null=True)
    import_urls = JsonField(null=True)
    import_batch_id = TextField(null=True)
    subject_character = TextField(null=True)
    subject_chat = TextField(null=True)
    likes = IntegerField(default=0)
    views = IntegerField(default=0)
    public_token = TextField(null=True, unique=True)
    last_alias = TextField(null=True)
    version = IntegerField(default=1)
    created_at = BigIntegerField()
    updated_at = BigIntegerField()
    uploaded_at = BigIntegerField(null=True)
    ingested_at = BigIntegerField(null=True)
    deleted_at = BigIntegerField(null=True)
    deleted_by = UserId(null=True)
    held_at = BigIntegerField(null=True)  # since when it is set aside in review
    is_listed = BooleanField(null=True)  # generated by the database, never written

    class Meta:
        table_name = "image"

    @classmethod
    def change(cls, *, now: Any = None, **columns: Any) -> Any:
        """An update of these columns. Where it changes what programs read (`TOLD`), the version goes up, and
        `updated_at` is later than before, even within a millisecond; else both stay.

        Without columns both move: what changed is kept elsewhere, as a name is. `now` (ms) is the time that is
        written otherwise. Narrow it with `where` and `execute` it.
        """
        now = db.now_ms() if now is None else now
        later = Case(None, [(cls.updated_at >= now, cls.updated_at + 1)], now)
        if not columns:
            return cls.update(version=cls.version + 1, updated_at=later)
        moved = [db.differs(getattr(cls, name), value) for name, value in columns.items() if name in TOLD]
        if not moved:
            return cls.update(**columns)
        is_news = reduce(or_, moved)
        return cls.update(
            version=Case(None, [(is_news, cls.version + 1)], cls.version),
            updated_at=Case(None, [(is_news, later)], cls.updated_at),
            **columns,
        )

    @property
    def is_trashed(self) -> bool:
        return self.deleted_at is not None


class ImageTag(BaseModel):
    image_id = TextField()
    tag = TextField()
    position = IntegerField()

    class Meta:
        table_name = "image_tag"
        primary_key = CompositeKey("image_id", "tag")


class ImageColour(BaseModel):
    """A cell of colours that look like one of the image's palette (see `imaging.similar`)."""

    seq = IntegerField()
    cell = IntegerField()

    class Meta:
        table_name = "image_colour"
        primary_key = CompositeKey("cell", "seq")


class ImageCraft(BaseModel):
    """A term of the frame's craft that is true of an image. Without a place it follows from another one."""

    field = TextField()
    term = TextField()
    seq = IntegerField()
    place = IntegerField(null=True)

    class Meta:
        table_name = "image_craft"
        primary_key = CompositeKey("field", "term", "seq")


class ImageEmbedding(BaseModel):
    """The direction in which a model sees the words of an image (`vision.embeddings`), and a hash of these words; no numbers where the
    model refuses them."""

    seq = IntegerField(primary_key=True)
    model = TextField()
    text_hash = TextField()
    numbers = BlobField()

    class Meta:
        table_name = "image_embedding"


class EmbeddingDue(BaseModel):
    """An image whose words were written, with another mark each time."""

    seq = IntegerField(primary_key=True)
    mark = TextField()

    class Meta:
        table_name = "embedding_due"


class VocabularyTerm(BaseModel):
    """A word for a field that the files of the vocabulary do not have; `key` is what its spellings have in common."""

    id = TextField(primary_key=True)
    field = TextField()
    key = TextField()
    spelling = TextField()
    state = TextField(default=TermState.PROPOSED)
    term = TextField(null=True)
    count = IntegerField(default=1)
    first_seen_at = BigIntegerField()

    class Meta:
        table_name = "vocabulary_term"


class Like(BaseModel):
    user_id = UserId()
    image_id = TextField()
    created_at = BigIntegerField()

    class Meta:
        table_name = "like"
        primary_key = CompositeKey("user_id", "image_id")


class Memo(BaseModel):
    user_id = UserId()
    image_id = TextField()
    text = TextField()
    updated_at = BigIntegerField()

    class Meta:
        table_name = "memo"
        primary_key = CompositeKey("user_id", "image_id")


class SeenMark(BaseModel):
    """Up to which picture of the gallery a person has looked."""

    user_id = UserId(primary_key=True)
    seq = BigIntegerField()
    at = BigIntegerField()

    class Meta:
        table_name = "seen_mark"


class Viewing(BaseModel):
    """That a session has opened an image, so that a view counts once."""

    session = ForeignKeyField(Session, on_delete="CASCADE")
    session_id: str
    image_id = TextField()

    class Meta:
        table_name = "viewing"
        primary_key = CompositeKey("session", "image_id")


class Alias(BaseModel):
    id = TextField(primary_key=True)
    project_id = TextField(null=True)
    flow_id = TextField(null=True)
    name = TextField()
    name_key = TextField()
    image_id = TextField()
    set_by = TextField(default="")
    created_at = BigIntegerField()
    updated_at = BigIntegerField()

    class Meta:
        table_name = "alias"
