"""Pictures and rows that tests begin with. The same call gives the same picture; every default one is new."""

import hashlib
import itertools
import threading
from collections.abc import Callable
from io import BytesIO
from typing import Any, TypeVar

from peewee import Model
from PIL import Image as Picture
from PIL.PngImagePlugin import PngInfo

from pindeck import db, storage
from pindeck.access import Actor
from pindeck.imaging.presets import EAGER
from pindeck.models import Blob, Image, Job, StoredFile
from pindeck.services.images import ledger, projects, publishing
from pindeck.services.ingest import tickets, uploads
from pindeck.states import ImageStatus, PersistStatus
from pindeck.storage import keys
from tests.conftest import run_due_jobs

Colour = tuple[int, int, int]
T = TypeVar("T")
_numbers = itertools.count(1)


def photo(
    colour: Colour = (180, 60, 40),
    *,
    size: tuple[int, int] = (64, 48),
    format: str = "JPEG",
    mark: str = "",
    **save: Any,
) -> bytes:
    """A picture of two halves, the right one darker. `mark` changes the bytes and nothing that is seen."""
    picture = Picture.new("RGB", size, colour)
    dark = tuple(part // 2 for part in colour)
    picture.paste(dark, (size[0] // 2, 0, size[0], size[1]))
    if mark and format == "JPEG":
        save["comment"] = mark.encode()
    elif mark and format == "PNG":
        save["pnginfo"] = PngInfo()
        save["pnginfo"].add_text("Comment", mark)
    out = BytesIO()
    picture.save(out, format, **save)
    return out.getvalue()


def new_photo(**options: Any) -> bytes:
    """A picture whose bytes no other call gives."""
    return photo(mark=f"number {next(_numbers)}", **options)


def make_draft(actor: Actor, data: bytes | None = None, *, name: str = "alley.jpg", **words: Any) -> Image:
    """A draft as an upload leaves it; its jobs wait. `words` are fields that the person wrote."""
    image = uploads.accept(actor, BytesIO(data or new_photo()), name).image
    if words:
        ledger.write(image.id, words, ledger.person(actor))
    return Image.get_by_id(image.seq)


def make_stored_draft(actor: Actor) -> Image:
    """A draft that may be published: its jobs are done, as far as the record tells."""
    image = make_draft(actor)
    Image.update(persist_status="succeeded").where(Image.seq == image.seq).execute()
    return Image.get_by_id(image.seq)


def make_active(actor: Actor, data: bytes | None = None, *, name: str = "alley.jpg", **words: Any) -> Image:
    """An image of the library, stored, sized, described and published."""
    image = make_draft(actor, data, name=name, **words)
    run_due_jobs()
    publishing.publish(actor, image.id)
    run_due_jobs()
    return Image.get_by_id(image.seq)


def make_row(
    actor: Actor,
    *,
    title: str = "Untitled",
    tags: list[str] | None = None,
    project: str | None = None,
    **columns: Any,
) -> Image:
    """An image of the library as rows alone, for tests of what is listed: no bytes lie behind it."""
    number, now = next(_numbers), db.now_ms()
    with db.writing():
        blob = Blob.create(
            id=db.new_id(),
            sha256=hashlib.sha256(f"row {number}".encode()).hexdigest(),
            size=1,
            bucket="pindeck",
            object_key=f"rows/{number}",
            created_at=now,
        )
        file = StoredFile.create(
            id=db.new_id(), file_key=db.new_token(), blob=blob.id, user=actor.user_id, purpose="image", created_at=now
        )
        image = Image.create(
            **{
                "id": db.new_id(),
                "project": projects.find_or_create(project).id,
                "user": actor.user_id,
                "file": file.id,
                "title": title,
                "width": 4,
                "height": 3,
                "status": ImageStatus.ACTIVE,
                "persist_status": PersistStatus.SUCCEEDED,
                "created_at": now,
                "updated_at": now,
                **columns,
            }
        )
        ledger.write_new(image, tags or [], project, ledger.RULE)
    return Image.get_by_id(image.seq)


OF_ONE_ROW = ("seq", "is_listed", "unique_id", "unique_tag")


def add_copies(model: type[Model], row: dict[str, Any], changes: list[dict[str, Any]]) -> None:
    """One more row like `row` for each of `changes`, without what only one may have. For tests that need thousands:
    the statement is made once."""
    fields = [field for field in model._meta.sorted_fields if field.name not in OF_ONE_ROW]
    columns, marks = (", ".join(each) for each in ((f'"{field.column_name}"' for field in fields), [db.database.param] * len(fields)))
    values = [[field.db_value({**row, **changed}[field.name]) for field in fields] for changed in changes]
    with db.writing():
        db.database.cursor().executemany(f'INSERT INTO "{model._meta.table_name}" ({columns}) VALUES ({marks})', values)


def row_of(image: Image) -> dict[str, Any]:
    found: dict[str, Any] = Image.select().where(Image.seq == image.seq).dicts().get()
    return found


# Looking at what is there


def fresh(image: Image) -> Image:
    return Image.get_by_id(image.seq)


def blob_of(image: Image) -> Blob:
    return Blob.select(Blob).join(StoredFile).where(StoredFile.id == image.file_id).get()


def objects(prefix: str = "") -> list[str]:
    """The keys of what lies in the store."""
    return [found.key for found in storage.current().list(prefix)]


def public_objects() -> list[str]:
    return [found.key for found in storage.current().list_public()]


def published(image: Image) -> list[str]:
    """The public keys that an image should have when nobody has asked for a further size."""
    return sorted(keys.public_key(str(image.public_token), preset.name) for preset in EAGER)


def overwrite(key: str, data: bytes) -> None:
    """Change stored bytes behind the back of everybody."""
    storage.current().put(key, BytesIO(data), content_type="application/octet-stream")


def redeem(token: str, stream: tickets.Stream, **about: Any) -> str:
    """Present a ticket and fill it at once; the id of the stored file."""
    return tickets.fill(tickets.present(token), stream, **about)


def jobs_of(kind: str) -> list[Job]:
    return list(Job.select().where(Job.kind == kind).order_by(Job.created_at, Job.id))


def together(count: int, work: Callable[[int], T]) -> list[T | Exception]:
    """Do the same in several threads at once; what each returned or raised, in order."""
    results: list[Any] = [None] * count
    ready = threading.Barrier(count)

    def one(number: int) -> None:
        db.connect()
        ready.wait(30)
        try:
            results[number] = work(number)
        except Exception as error:  # the test looks at it
            results[number] = error
        finally:
            db.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "A thread did not end."
    return results


def imports_like(source: Image, count: int) -> list[str]:
    """Imports that wait and show the same picture, each with a file of its own."""
    ids = []
    with db.writing():
        for number in range(count):
            file = {**StoredFile.get_by_id(source.file_id).__data__, "id": db.new_id(), "file_key": db.new_token()}
            StoredFile.insert(**file).execute()
            row = {k: v for k, v in source.__data__.items() if k not in ("seq", "is_listed", "public_token", "unique_tag")}
            ids.append(db.new_id())
            row |= {"id": ids[-1], "file": file["id"], "title": f"Import {number}", "status": "pending"}
            Image.insert(**row).execute()
    return ids
