"""What the tests of files do again and again."""

import base64
import hashlib
from typing import Any
from urllib.parse import urlsplit

from werkzeug.test import TestResponse

from pindeck.models import Blob, StoredFile
from tests.factories import objects
from tests.programs import Program, refused

API = "/api/v1/storage"
FIELDS = {"_id", "_creationTime", "sha256", "size", "contentType"}
UNKNOWN = "0198c5a0-9b44-7c05-b1d3-2f6e0a7c5d18"


def hex_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def base64_of(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def path_of(url: str) -> str:
    """An absolute address of ours as the test client wants it; `http://localhost` is what it is called there."""
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc) == ("http", "localhost"), url
    return parts.path + (f"?{parts.query}" if parts.query else "")


def ticket(asker: Any, **wish: Any) -> str:
    """The path of a new upload address."""
    answer = asker.post(f"{API}/upload-url", json=wish)
    assert answer.status_code == 200, answer.text
    return path_of(answer.json["uploadUrl"])


def send(
    asker: Any, path: str, data: bytes, kind: str | None = None, method: str = "POST", **more: Any
) -> TestResponse:
    """Bytes to an address, as nobody in particular."""
    client = asker.client if isinstance(asker, Program) else asker
    answer: TestResponse = client.application.test_client().open(
        path, method=method, data=data, content_type=kind, **more
    )
    return answer


def upload(asker: Any, data: bytes, kind: str | None = None, **wish: Any) -> str:
    """Store bytes through a ticket; the storage id."""
    answer = send(asker, ticket(asker, **wish), data, kind)
    assert answer.status_code == 200, answer.text
    assert set(answer.json) == {"storageId"}
    return str(answer.json["storageId"])


def store(asker: Any, data: bytes, kind: str | None = None, **more: Any) -> str:
    """Store bytes directly; the storage id."""
    answer = asker.post(API, data=data, content_type=kind, **more)
    assert answer.status_code == 201, answer.text
    return str(answer.json["storageId"])


def url_of(asker: Any, storage_id: str, query: str = "") -> str:
    answer = asker.get(f"{API}/{storage_id}/url{query}")
    assert answer.status_code == 200 and set(answer.json) == {"url"}, answer.text
    return path_of(answer.json["url"])


def counted() -> tuple[int, int, list[str]]:
    """Files, blobs and objects: what must not change after a refusal."""
    return StoredFile.select().count(), Blob.select().count(), objects()


def sees_nothing(asker: Any, storage_id: str) -> None:
    refused(asker.get(f"{API}/{storage_id}"), 404, "FILE_NOT_FOUND")
    assert asker.get(f"{API}/{storage_id}/url").json == {"url": None}
    refused(asker.get(f"{API}/{storage_id}/content"), 404, "FILE_NOT_FOUND")
    refused(asker.delete(f"{API}/{storage_id}"), 404, "FILE_NOT_FOUND")
    refused(asker.post(f"{API}/{storage_id}/rotate-url"), 404, "FILE_NOT_FOUND")
    refused(asker.post(f"{API}/delete", json={"storageIds": [storage_id]}), 404, "FILE_NOT_FOUND")
