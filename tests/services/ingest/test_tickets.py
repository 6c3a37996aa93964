"""Upload tickets: one file each, within an hour, in the name of whoever asked."""

from io import BytesIO

import pytest

from pindeck import db
from pindeck.access import VISITOR, Actor
from pindeck.config import Settings
from pindeck.errors import Conflict, Forbidden, Invalid, NotSignedIn, PindeckError
from pindeck.models import Blob, Image, StoredFile, UploadTicket
from pindeck.services.clients import api_keys
from pindeck.services.ingest import tickets
from pindeck.services.maintenance import sweeps
from pindeck.storage import keys as object_keys
from tests.conftest import ChangeSettings
from tests.factories import new_photo, objects, redeem, together


def stored(actor: Actor, data: bytes | None = None) -> str:
    return redeem(tickets.make_ticket(actor), BytesIO(data or new_photo()), filename="still.jpg")


def test_a_ticket_stores_one_file_that_waits_to_be_claimed(olga: Actor) -> None:
    token = tickets.make_ticket(olga)
    storage_id = redeem(token, BytesIO(new_photo()), filename="a/still.jpg")
    file, ticket = StoredFile.get_by_id(storage_id), UploadTicket.get()
    assert (file.user_id, file.filename, file.measured_type) == (olga.user_id, "still.jpg", "image/jpeg")
    assert file.claim_deadline > db.now_ms()
    assert (ticket.stored_file_id, ticket.used_at is None) == (storage_id, False)
    assert token not in ticket.token_hash
    assert Image.select().count() == 0
    assert objects()[0].startswith(object_keys.STAGING_PREFIX)


def test_a_job_is_given_the_whole_address(olga: Actor, change_settings: ChangeSettings) -> None:
    change_settings(site_url="https://pins.example.org")
    site, _, token = tickets.upload_url(olga).rpartition(tickets.PATH)
    assert site == "https://pins.example.org"
    assert StoredFile.get_by_id(redeem(token, [b"any bytes"])).user_id == olga.user_id


def test_a_ticket_for_a_file_stores_it_under_its_hash_for_good(olga: Actor) -> None:
    token = tickets.mint(olga).token
    file = StoredFile.get_by_id(redeem(token, [b"any", b"thing"], content_type="x/y"))
    assert (file.purpose, file.declared_type, file.claim_deadline) == ("file", "x/y", None)
    assert objects() == [object_keys.general_key(file.blob.sha256)]


@pytest.mark.parametrize("purpose", ["file", "image"])
def test_a_ticket_works_once(olga: Actor, purpose: str) -> None:
    token, data = tickets.make_ticket(olga, purpose=purpose), new_photo()
    first = redeem(token, BytesIO(data))
    assert redeem(token, BytesIO(data)) == first
    with pytest.raises(Conflict) as caught:
        redeem(token, BytesIO(new_photo()))
    assert caught.value.code == "TICKET_USED"
    assert StoredFile.select().count() == 1
    assert len(objects()) == 1


@pytest.mark.parametrize("purpose", ["file", "image"])
def test_a_ticket_used_by_several_at_once_stores_one_file(olga: Actor, purpose: str) -> None:
    token, pictures = tickets.make_ticket(olga, purpose=purpose), [new_photo() for _ in range(4)]
    results = together(4, lambda n: redeem(token, BytesIO(pictures[n])))
    assert sum(isinstance(result, str) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 3
    assert (StoredFile.select().count(), Blob.select().count(), len(objects())) == (1, 1, 1)


def test_a_ticket_expires_and_is_forgotten_a_day_later(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    token = tickets.make_ticket(olga)
    now = db.now_ms
    monkeypatch.setattr(db, "now_ms", lambda: now() + tickets.TICKET_MINUTES * 60_000 + 1)
    with pytest.raises(PindeckError) as caught:
        redeem(token, BytesIO(new_photo()))
    assert (caught.value.code, caught.value.status) == ("STORAGE_TOKEN_EXPIRED", 401)
    monkeypatch.setattr(db, "now_ms", lambda: now() + 26 * db.HOUR_MS)
    sweeps.sweep()
    with pytest.raises(PindeckError) as caught:
        tickets.present(token)
    assert (caught.value.code, caught.value.status) == ("STORAGE_TOKEN_INVALID", 401)
    assert objects() == []


def test_a_ticket_that_does_not_exist_is_not_good(database: Settings) -> None:
    for token, code in (("", "MISSING_TOKEN"), *((t, "STORAGE_TOKEN_INVALID") for t in ("x", "\x00", "\ud800"))):
        with pytest.raises(PindeckError) as caught:
            redeem(token, BytesIO(new_photo()))
        assert caught.value.code == code
    assert objects() == []


def test_bytes_that_are_no_picture_do_not_use_up_a_ticket(olga: Actor) -> None:
    token = tickets.make_ticket(olga)
    with pytest.raises(Invalid):
        redeem(token, BytesIO(b"text"))
    assert redeem(token, BytesIO(new_photo()))


def test_visitors_and_guests_get_no_ticket(gus: Actor) -> None:
    for purpose in ("file", "image"):
        with pytest.raises(NotSignedIn):
            tickets.make_ticket(VISITOR, purpose=purpose)
        with pytest.raises(Forbidden):
            tickets.make_ticket(gus, purpose=purpose)


def test_a_ticket_of_a_key_leads_to_a_file_of_its_client_and_project(database: Settings) -> None:
    actor = api_keys.actor_of(api_keys.create(api_keys.NewClient("project"))[2])
    assert actor is not None
    file = StoredFile.get_by_id(redeem(tickets.mint(actor).token, [b"x"]))
    assert (file.user_id, file.client_id, file.project_id) == (None, actor.client_id, actor.project_id)


def test_a_limit_is_never_above_that_of_the_installation(olga: Actor) -> None:
    tickets.mint(olga, max_bytes=2**50)
    tickets.mint(olga, max_bytes=0)
    limits = {ticket.max_bytes for ticket in UploadTicket.select()}
    assert limits == {5120 * 2**20, 0}
