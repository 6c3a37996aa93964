"""Taking pictures in: what is recorded, what is refused, and the ticket flow of programs."""

from io import BytesIO

import pytest

from pindeck.access import VISITOR, Actor
from pindeck.config import Settings
from pindeck.errors import Forbidden, Invalid, NotFound, NotSignedIn, TooLarge
from pindeck.models import Blob, FieldEvent, Image, ImageTag, Job, StoredFile
from pindeck.services.blobs import staging
from pindeck.services.images import ledger, publishing
from pindeck.services.ingest import ticket_uploads, tickets, uploads
from pindeck.states import AiStatus, ImageStatus, PersistStatus, Visibility
from pindeck.storage import keys
from tests.conftest import ChangeSettings
from tests.factories import fresh, make_draft, new_photo, objects, photo, redeem


def counts() -> tuple[int, ...]:
    return tuple(model.select().count() for model in (Blob, StoredFile, Image, Job))


def take(actor: Actor, data: bytes, name: str = "alley.jpg") -> uploads.Accepted:
    return uploads.accept(actor, BytesIO(data), name)


def test_an_upload_writes_one_blob_one_file_one_draft_and_one_job(olga: Actor) -> None:
    data = new_photo(size=(80, 60))
    accepted = take(olga, data, "blade_runner-alley.jpg")
    assert counts() == (1, 1, 1, 1)
    image, blob, file, job = fresh(accepted.image), Blob.get(), StoredFile.get(), Job.get()
    assert (image.status, image.visibility) == (ImageStatus.DRAFT, Visibility.LIBRARY)
    assert (image.persist_status, image.ai_status) == (PersistStatus.PENDING, AiStatus.PROCESSING)
    assert (image.title, image.original_filename) == ("blade runner-alley", "blade_runner-alley.jpg")
    assert (image.width, image.height, image.size, image.mime) == (80, 60, len(data), "image/jpeg")
    assert (image.user_id, image.file_id) == (olga.user_id, file.id)
    assert (file.blob_id, file.purpose, file.claim_deadline) == (blob.id, "image", None)
    assert (job.kind, job.image_id, job.queue) == ("persist", image.id, "media")
    assert objects() == [blob.object_key]
    assert blob.object_key.startswith(keys.STAGING_PREFIX)
    assert accepted.already is None


def test_the_first_words_are_in_the_ledger_as_defaults_of_a_rule(olga: Actor) -> None:
    image = make_draft(olga, name="alley.jpg")
    events = {event.field: event for event in FieldEvent.select().where(FieldEvent.image_id == image.id)}
    assert set(events) == {"title", "category", "tags"}
    assert {(event.writer, event.program, event.old) for event in events.values()} == {("rule", "default", None)}
    assert (events["title"].new, events["tags"].new) == ("alley", ["original"])


def test_the_same_bytes_twice_are_one_blob_and_the_second_upload_is_told_of_the_first(olga: Actor) -> None:
    data = new_photo()
    first, second = take(olga, data), take(olga, data, "again.jpg")
    assert counts() == (1, 2, 2, 2)
    assert second.already == first.image
    assert len(objects()) == 1


def test_the_same_bytes_of_a_stranger_are_one_blob_and_not_told(olga: Actor, sam: Actor) -> None:
    data = new_photo()
    take(olga, data)
    assert take(sam, data).already is None
    assert Blob.select().count() == 1


def test_a_stranger_is_told_of_an_equal_picture_of_the_library(olga: Actor, sam: Actor) -> None:
    data = new_photo()
    first = take(olga, data).image
    publishing.publish(olga, first.id)
    assert take(sam, data).already == first


@pytest.mark.parametrize(
    "data",
    [b"", b"not a picture", photo()[:200], b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a"],
    ids=["empty", "text", "cut off", "svg", "only a head"],
)
def test_refused_bytes_leave_nothing_behind(olga: Actor, data: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        take(olga, data)
    assert caught.value.code in ("UNSUPPORTED_FILE_TYPE", "IMAGE_UNDECODABLE", "EMPTY_IMAGE")
    assert caught.value.fields["file"]
    assert counts() == (0, 0, 0, 0)
    assert objects() == []


def test_an_upload_that_breaks_off_leaves_nothing_behind(olga: Actor) -> None:
    def broken():
        yield photo()[:100]
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        uploads.accept(olga, broken(), "a.jpg")
    assert counts() == (0, 0, 0, 0)
    assert objects() == []


def test_a_transaction_that_fails_takes_the_bytes_away_again(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(uploads.queue, "enqueue", fail)
    with pytest.raises(RuntimeError):
        take(olga, new_photo())
    assert counts() == (0, 0, 0, 0)
    assert objects() == []


def test_a_picture_of_too_many_bytes_is_refused_without_a_trace(olga: Actor, change_settings: ChangeSettings) -> None:
    change_settings(max_upload_mb=500 / 2**20)
    with pytest.raises(TooLarge):
        take(olga, new_photo(size=(200, 200)))
    assert counts() == (0, 0, 0, 0)
    assert objects() == []


def test_a_picture_of_too_many_pixels_is_refused_without_a_trace(olga: Actor, change_settings: ChangeSettings) -> None:
    change_settings(max_image_megapixels=1)
    with pytest.raises(Invalid):
        take(olga, new_photo(size=(1200, 1000)))
    assert counts() == (0, 0, 0, 0)
    assert objects() == []


def test_a_visitor_cannot_upload(database: Settings) -> None:
    with pytest.raises(NotSignedIn):
        take(VISITOR, new_photo())
    assert objects() == []


def test_a_guest_cannot_upload(gus: Actor) -> None:
    with pytest.raises(Forbidden):
        take(gus, new_photo())
    assert objects() == []


def test_a_guest_can_upload_where_the_policy_allows_it(gus: Actor, change_settings: ChangeSettings) -> None:
    change_settings(guest_uploads=True)
    assert fresh(take(gus, new_photo()).image).user_id == gus.user_id


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("alley.jpg", "alley.jpg"),
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\Users\\olga\\still.png", "still.png"),
        ("a\x00b\nc\u202e.jpg", "abc.jpg"),
        ("  spaced .jpg  ", "spaced .jpg"),
        ("x" * 300, "x" * 255),
        ("\ud800lone.jpg", "lone.jpg"),
        ("Café – Зима 雪.jpg", "Café – Зима 雪.jpg"),
        ("", "image"),
        ("/", "image"),
    ],
)
def test_file_names_are_cleaned(given: str, kept: str) -> None:
    assert staging.clean_filename(given) == kept


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("blade_runner-alley.jpg", "blade runner-alley"),
        ("no  ending", "no  ending"),
        (".jpg", ".jpg"),
        ("v1.2.final.png", "v1.2.final"),
        ("---.png", "---"),
        ("___.png", "Untitled"),
        ("Café.jpg", "Café"),
    ],
)
def test_a_title_is_made_of_the_file_name(name: str, title: str) -> None:
    assert uploads.title_from(name) == title


def test_any_name_that_can_be_sent_can_be_stored(olga: Actor) -> None:
    image = take(olga, new_photo(), "\x00\ud800../☃\x07.jpg").image
    assert fresh(image).original_filename == "☃.jpg"


# Claims


def stored(actor: Actor, data: bytes | None = None, name: str = "still.jpg") -> str:
    return redeem(tickets.make_ticket(actor), BytesIO(data or new_photo()), filename=name)


def test_claimed_files_become_drafts_in_order_with_their_words(olga: Actor) -> None:
    items: list[dict[str, object]] = [
        {"storageId": stored(olga), "title": "Rain", "tags": ["Neon", "wet street"], "genre": "Noir"},
        {"storageId": stored(olga), "projectName": "Blade", "originalFileName": "second.jpg"},
    ]
    ids = ticket_uploads.upload_multiple(olga, items)
    first, second = (Image.get(Image.id == image_id) for image_id in ids)
    assert (first.title, first.genre, ledger.tags_of(first.id)) == (
        "Rain",
        "Noir",
        ["neon", "wet street", "original"],
    )
    assert (second.title, second.project.name) == ("second", "Blade")
    assert {first.status, second.status} == {ImageStatus.DRAFT}
    assert StoredFile.select().where(StoredFile.claim_deadline.is_null(False)).count() == 0
    assert [job.image_id for job in Job.select().order_by(Job.id)] == ids
    words = FieldEvent.get((FieldEvent.image_id == first.id) & (FieldEvent.new == "Rain"))
    assert (words.writer, words.user_id) == ("person", olga.user_id)


def test_a_file_of_somebody_else_cannot_be_claimed(olga: Actor, sam: Actor) -> None:
    storage_id = stored(olga)
    with pytest.raises(NotFound):
        ticket_uploads.upload_multiple(sam, [{"storageId": storage_id}])
    assert Image.select().count() == 0


@pytest.mark.parametrize("storage_id", ["", "missing", "\x00", "\ud800", None, 7, ["x"]], ids=ascii)
def test_what_is_no_storage_id_is_not_found(olga: Actor, storage_id: object) -> None:
    with pytest.raises(NotFound):
        ticket_uploads.upload_multiple(olga, [{"storageId": storage_id}])


def test_one_bad_item_takes_back_all_of_them(olga: Actor) -> None:
    good = stored(olga)
    with pytest.raises(NotFound):
        ticket_uploads.upload_multiple(olga, [{"storageId": good}, {"storageId": "missing"}])
    assert (Image.select().count(), Job.select().count(), ImageTag.select().count()) == (0, 0, 0)
    assert StoredFile.get_by_id(good).claim_deadline is not None


def test_one_bad_word_takes_back_all_of_them(olga: Actor) -> None:
    with pytest.raises(Invalid):
        ticket_uploads.upload_multiple(olga, [{"storageId": stored(olga)}, {"storageId": stored(olga), "title": "x" * 201}])
    assert Image.select().count() == 0


def test_a_file_is_claimed_once(olga: Actor) -> None:
    storage_id = stored(olga)
    ticket_uploads.upload_multiple(olga, [{"storageId": storage_id}])
    with pytest.raises(NotFound):
        ticket_uploads.upload_multiple(olga, [{"storageId": storage_id}])
    with pytest.raises(NotFound):
        other = stored(olga)
        ticket_uploads.upload_multiple(olga, [{"storageId": other}, {"storageId": other}])


@pytest.mark.parametrize("items", [[], [{}] * 51, None, "text"], ids=["none", "51", "null", "text"])
def test_one_to_fifty_items_are_taken(olga: Actor, items: object) -> None:
    with pytest.raises(Invalid):
        ticket_uploads.upload_multiple(olga, items)  # type: ignore[arg-type]


def test_finalising_publishes_own_drafts_only(olga: Actor, sam: Actor) -> None:
    mine, other = make_draft(olga), make_draft(olga)
    theirs = make_draft(sam)
    assert publishing.publish_many(olga, [mine.id, theirs.id])[0] == [mine.id]
    assert [fresh(image).status for image in (mine, other, theirs)] == ["active", "draft", "draft"]
    assert publishing.publish_many(olga)[0] == [other.id]
    assert fresh(theirs).status == ImageStatus.DRAFT
