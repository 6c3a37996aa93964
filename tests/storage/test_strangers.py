"""What strangers get from the object store itself, with the whole application before it.

On Ceph RGW this proves that nothing private can be read: a server in production decides there. The small server of
the other tests is asked the same, so that a change is noticed without it.
"""

import hashlib
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import minio.time
import pytest
import urllib3

from pindeck import storage
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.services.files import intake
from pindeck.services.images import moderation, trash
from pindeck.storage import keys
from tests.conftest import ClientFor, run_due_jobs
from tests.factories import (
    blob_of,
    fresh,
    make_active,
    make_draft,
    new_photo,
    objects,
    overwrite,
    public_objects,
    published,
)
from tests.servers.s3 import S3Server

LISTINGS = ("", "?list-type=2", "?prefix=media-uploads/", "?versions", "?uploads", "?acl", "?policy", "?location")


@pytest.fixture
def environ(server: S3Server) -> dict[str, str]:
    return {**server.environ(), "PRIVATE_REDIRECT": "1"}


def ask(method: str, address: str, body: bytes | None = None) -> urllib3.BaseHTTPResponse:
    return urllib3.request(method, address, body=body, retries=False, redirect=False, timeout=60)


def refused_everything(address: str) -> None:
    for method, body in (("GET", None), ("HEAD", None), ("PUT", b"mine"), ("DELETE", None)):
        assert ask(method, address, body).status == 403, (method, address)


def test_strangers_read_public_copies_and_nothing_else(olga: Actor, database: Settings) -> None:
    server = f"http://{database.minio_endpoint}"
    private, public = f"{server}/{database.minio_bucket}", f"{server}/{database.minio_public_bucket}"
    draft = make_draft(olga)
    run_due_jobs()
    shown, hidden, thrown = (make_active(olga, name=f"{name}.jpg") for name in ("shown", "hidden", "thrown"))
    intake.store(intake.owner_of(olga), b"a file that is no picture")
    overwrite(f"{keys.STAGING_PREFIX}on-its-way", b"an upload that has not ended")

    everything = objects()
    assert blob_of(draft).object_key in everything and blob_of(shown).object_key in everything
    kinds = {key.split("/")[0] for key in everything}
    assert kinds >= {database.upload_prefix, keys.STAGING_PREFIX.rstrip("/"), keys.GENERAL_PREFIX.rstrip("/")}
    for key in everything:
        refused_everything(f"{private}/{key}")
    assert ask("GET", f"{private}/{keys.STAGING_PREFIX}not-there").status == 403, "not even what is not there is told"

    copies = {image.id: published(fresh(image)) for image in (shown, hidden, thrown)}
    assert sorted(public_objects()) == sorted(key for names in copies.values() for key in names)
    for key in public_objects():
        answer = ask("GET", f"{public}/{key}")
        with storage.current().open_public(key) as stream:
            assert (answer.status, answer.data) == (200, stream.read())
        for method in ("PUT", "DELETE"):
            assert ask(method, f"{public}/{key}", b"mine" if method == "PUT" else None).status == 403
    assert ask("PUT", f"{public}/planted", b"mine").status == 403
    assert ask("GET", f"{public}/{'0' * 2}/{'0' * 32}-w320.webp").status in (403, 404)
    for bucket in (private, public):
        for query in LISTINGS:
            assert ask("GET", bucket + query).status == 403, query
        assert ask("POST", f"{bucket}?delete", b"<Delete/>").status == 403
        assert ask("DELETE", bucket).status == 403
        form = {"key": "planted", "file": ("planted", b"mine")}
        assert urllib3.request("POST", bucket, fields=form, retries=False, timeout=60).status in (400, 403)
        assert ask("PUT", f"{bucket}?acl", b"").status == 403

    moderation.update(olga, hidden.id, {}, visibility="private")
    trash.trash(olga, thrown.id)
    for image in (hidden, thrown):  # at once: no job has run
        for key in copies[image.id]:
            assert ask("GET", f"{public}/{key}").status in (403, 404)
    assert sorted(public_objects()) == sorted(copies[shown.id])
    assert objects() == everything, "no stranger has changed anything"


def test_the_address_that_a_private_picture_is_answered_with_opens_it_for_a_minute(
    olga: Actor, sam: Actor, client_for: ClientFor, database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = new_photo(), make_draft(sam)
    image = make_draft(olga, mine)
    run_due_jobs()
    person = client_for(olga)

    def address_of() -> str:
        answer = person.get(f"/i/{image.id}")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (302, "private, no-store")
        return answer.headers["Location"]

    address = address_of()
    assert client_for().get(f"/i/{image.id}").status_code == 404
    parts = urlsplit(address)
    assert parts.netloc == database.minio_endpoint and "X-Amz-Expires=60" in parts.query
    answer = ask("GET", address)
    assert answer.status == 200 and hashlib.sha256(answer.data).digest() == hashlib.sha256(mine).digest()

    others = [
        address.replace(blob_of(image).object_key, blob_of(fresh(theirs)).object_key),  # only for that object
        address.replace("X-Amz-Expires=60", "X-Amz-Expires=86400"),
        urlunsplit(parts._replace(path=f"/{database.minio_bucket}")),
        urlunsplit(parts._replace(query="")),
    ]
    for other in others:
        assert other != address
        assert ask("GET", other).status == 403, other
    for method in ("PUT", "DELETE"):
        assert ask(method, address, b"mine" if method == "PUT" else None).status == 403

    now = minio.time.utcnow
    for ago_s, status in ((30, 200), (61, 403), (3600, 403)):
        with monkeypatch.context() as earlier:
            earlier.setattr("minio.time.utcnow", lambda ago_s=ago_s: now() - timedelta(seconds=ago_s))
            signed_then = address_of()
        assert ask("GET", signed_then).status == status, ago_s
