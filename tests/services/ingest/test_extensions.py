"""Pictures that extensions keep for a user: for whom, what one call reads, and what a broken transaction leaves."""

import threading
from typing import Any

import peewee
import pytest
from peewee import chunked

from pindeck import db, queue
from pindeck.access import VISITOR, Actor
from pindeck.errors import Forbidden, Invalid, NotFound, NotSignedIn
from pindeck.models import Activity, Client, Idempotency, Image, User
from pindeck.services.actions import shown
from pindeck.services.clients import api_keys, idempotency
from pindeck.services.images import trash, undoing
from pindeck.services.ingest import extensions, uploads
from pindeck.services.ingest.extensions import UploadMeta
from pindeck.services.library import filters, query
from tests.conftest import count_queries
from tests.factories import fresh, make_draft, make_row, new_photo, objects, together


def install(identifier: str, actor: Actor | None = None, scopes: tuple[str, ...] = ()) -> Actor:
    scope = "user" if actor else "operator"
    email = actor.email if actor else None
    key = api_keys.create(api_keys.NewClient("extension", identifier=identifier, install_scope=scope, user_email=email, scopes=scopes))[2]
    found = api_keys.actor_of(key)
    assert found
    return found


@pytest.fixture
def x(olga: Actor) -> Actor:
    return install("ext_x", olga)


def bring(actor: Actor, **wish: str) -> str:
    return extensions.take_in(actor, uploads.stage([new_photo()]), UploadMeta("a.jpg", **wish))[0].id  # type: ignore[arg-type]


# For whom


def test_who_is_no_extension_stays_who_it_is(olga: Actor, sam: Actor) -> None:
    for actor in (VISITOR, olga, Actor(client_id="c", client_kind="master")):
        assert extensions.acting(actor, sam.user_id) is actor


def test_an_extension_of_one_user_is_that_users(x: Actor, olga: Actor, sam: Actor) -> None:
    assert extensions.acting(x, None) is x and extensions.acting(x, olga.user_id) is x
    for other in (sam.user_id, "x"):
        with pytest.raises(Forbidden) as caught:
            extensions.acting(x, other)
        assert caught.value.code == "USER_SCOPE_VIOLATION"
    for blank in ("", " "):
        with pytest.raises(Invalid) as wrong:
            extensions.acting(x, blank)
        assert set(wrong.value.fields) == {"userId"}


def test_an_operators_names_somebody_who_is_there(olga: Actor, sam: Actor) -> None:
    o = install("ext_o")
    assert extensions.acting(o, olga.user_id) == o.acting_for(str(olga.user_id))
    for blank in (None, "", " "):
        with pytest.raises(Invalid) as wrong:
            extensions.acting(o, blank)
        assert wrong.value.code == "USER_ID_REQUIRED"
    User.update(disabled_at=1).where(User.id == sam.user_id).execute()
    for unknown in (sam.user_id, "x", "é", "\x00", "\ud800"):
        with pytest.raises(NotFound) as caught:
            extensions.acting(o, unknown)
        assert caught.value.code == "USER_NOT_FOUND"


def test_people_and_other_programs_do_not_come_in_here(olga: Actor) -> None:
    for actor, error in (
        (VISITOR, NotSignedIn),
        (olga, Forbidden),
        (Actor(client_id="c", client_kind="master"), Forbidden),
    ):
        staged = uploads.stage([new_photo()])
        for act in (
            lambda who: extensions.list_images(who, limit=1, offset=0), lambda who: extensions.get(who, "x"),
            lambda who: extensions.delete(who, "x"), lambda who: extensions.delete_many(who, ["x"]),
            lambda who: extensions.forget(who, "chat", "x"), lambda who: extensions.take_in(who, staged, UploadMeta()),  # noqa: B023
        ):  # fmt: skip
            with pytest.raises(error):
                act(actor)
    assert objects() == []  # nor do the bytes stay


# Reading


def test_drafts_of_the_user_are_not_the_extensions_business(x: Actor, olga: Actor) -> None:
    draft = make_draft(olga)
    assert extensions.list_images(x, limit=50, offset=0) == ([], 0)
    with pytest.raises(NotFound):
        extensions.get(x, draft.id)


def test_only_extensions_are_owners(x: Actor, olga: Actor) -> None:
    """A picture that a project's key brought has a maker as well, whom an extension is not told."""
    manager = api_keys.actor_of(api_keys.create(api_keys.NewClient("project", user_email=olga.email))[2])
    assert manager
    made = make_row(olga, client=manager.client_id)
    assert extensions.get(x, made.id).owner is None
    assert extensions.list_images(x, filters.wanted(owned=True), limit=50, offset=0) == ([], 0)


def test_page_and_total_are_one_snapshot(x: Actor, olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """An image that comes between the two reads is in neither."""
    for _ in range(3):
        make_row(olga)
    read = extensions._read

    def slowly(rows: object) -> list[extensions.Picture]:
        found = read(rows)
        other = threading.Thread(target=elsewhere)
        other.start()
        other.join(30)
        return found

    def elsewhere() -> None:
        db.connect()
        make_row(olga)
        db.close()

    monkeypatch.setattr(extensions, "_read", slowly)
    found, total = extensions.list_images(x, limit=50, offset=0)
    assert (len(found), total) == (3, 3)
    monkeypatch.undo()
    assert extensions.list_images(x, limit=50, offset=0)[1] == 4


@pytest.mark.parametrize("wanted", [{}, {"owned": True, "character": "c1", "chat": "t1"}])
def test_a_page_is_two_queries_however_many_images_there_are(x: Actor, olga: Actor, wanted: dict[str, Any]) -> None:
    for _ in range(3):
        bring(x, character="c1", chat="t1")
    with count_queries() as seen:
        assert extensions.list_images(x, filters.wanted(**wanted), limit=50, offset=0)[1] == 3
    assert len(seen) == 2


@pytest.mark.plans
@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({}, "image_of_user"), ({"owned": True}, "image_of_client"),
        ({"character": "c7"}, "image_of_character"), ({"chat": "t7"}, "image_of_chat"),
    ],
)  # fmt: skip
def test_lists_are_read_from_their_own_indexes(
    x: Actor, olga: Actor, sam: Actor, engine: str, wanted: dict[str, Any], index: str
) -> None:
    """Of a user's many images a page is read from the end of the index, and nothing of other users is looked at."""
    fill(olga, 400, x)
    fill(sam, 3000, None)
    db.database.execute_sql("ANALYZE")
    sql, values = query.statements(extensions.PICTURES, x, filters.wanted(**wanted))[0]
    if engine == "postgres":
        plan = "\n".join(row[0] for row in db.database.execute_sql(f"EXPLAIN {sql}", values).fetchall())
        assert "Seq Scan on image" not in plan, plan
    else:
        plan = "\n".join(row[3] for row in db.database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall())
        assert "SCAN t1" not in plan, plan
    assert index in plan, plan
    if index == "image_of_user":
        assert "Sort" not in plan and "B-TREE" not in plan, plan


def fill(owner: Actor, count: int, maker: Actor | None) -> None:
    row = Image.select().where(Image.seq == make_row(owner).seq).dicts().get()
    template = {name: value for name, value in row.items() if name not in ("seq", "file", "is_listed")}
    rows = [
        {
            **template,
            "id": db.new_id(),
            "client": maker.client_id if maker and number % 2 else None,
            "external_url": "https://example.org/",
            "subject_character": f"c{number % 40}",
            "subject_chat": f"t{number % 40}",
            "created_at": number,
        }
        for number in range(count)
    ]
    for part in chunked(rows, 400):
        Image.insert_many(part).execute()


# Bringing in


def test_a_transaction_that_was_broken_off_is_answered_with_what_stayed(
    x: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL may break one off in favour of another; what the first attempt made is not there any more."""
    enqueue, calls = queue.enqueue, []

    class BrokenOff(Exception):
        sqlstate = "40P01"

    def once(*args: object, **kwargs: object) -> object:
        calls.append(args)
        if len(calls) == 1:
            error = peewee.OperationalError("deadlock detected")
            error.orig = BrokenOff()  # type: ignore[attr-defined]
            raise error
        return enqueue(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(queue, "enqueue", once)
    repeat = idempotency.request(x, "key", "same")
    picture, is_new = extensions.take_in(x, uploads.stage([new_photo()]), UploadMeta(), repeat=repeat)
    assert is_new and len(calls) == 2
    assert [image.id for image in Image.select()] == [picture.id]
    assert picture.filename == f"image-{picture.id}.jpg" == extensions.get(x, picture.id).filename
    again, is_new = extensions.take_in(x, uploads.stage([new_photo()]), UploadMeta(), repeat=repeat)
    assert (again, is_new) == (picture, False)


def test_an_upload_that_fails_leaves_no_answer_and_no_bytes(x: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record and the answer under the key are of one transaction."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    repeat = idempotency.request(x, "key", "same")
    with monkeypatch.context() as patched, pytest.raises(ZeroDivisionError):
        patched.setattr(queue, "enqueue", broken)
        extensions.take_in(x, uploads.stage([new_photo()]), UploadMeta("a.jpg"), repeat=repeat)
    assert (Image.select().count(), Idempotency.select().count(), Activity.select().where(
        Activity.verb == "extension.upload").count(), objects()) == (0, 0, 0, [])  # fmt: skip
    assert extensions.take_in(x, uploads.stage([new_photo()]), UploadMeta("a.jpg"), repeat=repeat)[1]


def test_repeats_at_once_make_one_image(x: Actor) -> None:
    data = new_photo()

    def one(_: int) -> str:
        staged = uploads.stage([data])
        repeat = idempotency.request(x, "at once", staged.written.sha256)
        return extensions.take_in(x, staged, UploadMeta("a.jpg"), repeat=repeat)[0].id

    assert len(set(together(6, one))) == 1
    assert Image.select().count() == 1 and len(objects("staging/")) == 1


# Deleting and forgetting


def test_an_own_picture_that_another_user_has_is_not_there(olga: Actor, sam: Actor) -> None:
    """An operator's extension made both; it acts for one user at a time."""
    o = install("ext_o")
    made = bring(o.acting_for(str(sam.user_id)))
    with pytest.raises(NotFound):
        extensions.delete(o.acting_for(str(olga.user_id)), made)
    assert extensions.delete_many(o.acting_for(str(olga.user_id)), [made]) == 0
    extensions.delete(o.acting_for(str(sam.user_id)), made)
    assert Image.get_or_none(Image.id == made) is None


def test_the_permission_is_asked_for_before_the_image(olga: Actor) -> None:
    reader = install("ext_r", olga, ("images:read",))
    for image_id in (make_row(olga).id, db.new_id()):
        with pytest.raises(Forbidden) as caught:
            extensions.delete(reader, image_id)
        assert caught.value.code == "PERMISSION_DENIED" and caught.value.message.startswith(
            "PERMISSION_DENIED: images"
        )


def test_whoever_trashes_second_hears_that_it_is_gone(x: Actor, olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    image, find = make_row(olga), trash.access.image_for
    monkeypatch.setattr(trash.access, "image_for", lambda *args, **kwargs: (find(*args, **kwargs), goes(image))[0])

    def goes(image: Image) -> None:
        Image.update(deleted_at=1).where(Image.seq == image.seq).execute()

    with pytest.raises(NotFound):
        extensions.delete(x, image.id)


def test_many_ids_count_once(x: Actor, olga: Actor) -> None:
    mine, users = bring(x), make_row(olga).id
    assert extensions.delete_many(x, [mine, mine, users, db.new_id(), "é", users]) == 2
    assert [image.id for image in Image.select()] == [users]


def test_forgetting_clears_all_images_of_the_user(x: Actor, olga: Actor, sam: Actor) -> None:
    """Also of what lies in the trash, and of nobody else's."""
    mine = Image.get(Image.id == bring(x, character="c1", chat="c1"))
    trashed, foreign = make_row(olga, subject_character="c1"), make_row(sam, subject_character="c1")
    Image.update(deleted_at=1).where(Image.seq == trashed.seq).execute()
    assert extensions.forget(x, "character", "c1") == 2
    now = fresh(mine)
    assert (now.subject_character, now.subject_chat) == (None, "c1")
    assert (fresh(trashed).subject_character, fresh(foreign).subject_character) == (None, "c1")
    (row,) = Activity.select().where(Activity.verb == "extension.forget")
    assert row.detail == {"extension": "ext_x", "kind": "character", "cleared": 2}
    assert (row.client_id, row.user_id) == (x.client_id, olga.user_id)
    assert extensions.forget(x, "character", "c1") == 0
    assert Activity.select().where(Activity.verb == "extension.forget").count() == 1
    last = shown.last(olga)
    assert last and shown.what_of(last) == "Forgot a character or chat"
    assert sorted(undoing.undo(olga, last.id).image_ids) == sorted([mine.id, trashed.id])
    assert {fresh(image).subject_character for image in (mine, trashed, foreign)} == {"c1"}


def test_pictures_outlive_the_extension(x: Actor, olga: Actor) -> None:
    """A client whose row is gone leaves pictures without an owner's name; the tags stay."""
    made = bring(x, character="c1")
    y = install("ext_y", olga)
    Client.delete().where(Client.id == x.client_id).execute()
    found = extensions.get(y, made)
    assert (found.owner, found.character) == (None, "c1")
