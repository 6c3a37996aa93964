"""What tests of the library share: its addresses, the fields of its record, and the calls many of them begin with."""

import re
from typing import Any

from werkzeug.test import TestResponse

from tests.factories import new_photo

BASE = "/api/v1/library"
IMAGES = f"{BASE}/images"
ALWAYS = {
    "_id": str, "_creationTime": int, "title": str, "imageUrl": str, "tags": list, "category": str, "uploadedBy": str,
    "likes": int, "views": int, "isLiked": bool, "status": str, "aiStatus": str, "sourceType": str, "createdAt": int, "rights": str,
    "storageProvider": str, "storageBucket": str, "storagePersistStatus": str, "nextcloudPersistStatus": str,
}  # fmt: skip
SOMETIMES = {
    "previewUrl": str, "derivativeUrls": dict, "description": str, "source": str, "credit": str, "sref": str, "group": str,
    "genre": str, "shot": str, "style": str, "projectName": str, "projectOrder": int, "moodboardName": str,
    "uniqueId": str, "parentImageId": str, "sourceUrl": str, "externalId": str, "importBatchId": str, "sourceId": str,
    "uploadedAt": int, "storagePersistError": str, "colors": list, "craft": dict,
}  # fmt: skip
OWNERS = {
    "visibility": str, "storageId": str, "storagePath": str, "previewStoragePath": str, "derivativeStoragePaths": dict,
}  # fmt: skip
HOSTED = "https://pictures.example.org/alley.jpg"


def good(answer: TestResponse, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json


def ids(listed: list[dict[str, Any]]) -> list[str]:
    return [image["_id"] for image in listed]


def get(caller: Any, image_id: str) -> Any:
    return good(caller.get(f"{IMAGES}/{image_id}"))


def external(caller: Any, **body: Any) -> TestResponse:
    answer: TestResponse = caller.post(f"{IMAGES}/external", json={"title": "Pin", "imageUrl": HOSTED, **body})
    return answer


def store(caller: Any, data: bytes | None = None) -> str:
    """A picture behind a ticket; its storage id."""
    path = re.sub(r"^https?://[^/]+", "", good(caller.post(f"{BASE}/upload-url")))
    return str(good(caller.put(path, data=data or new_photo(), content_type="image/jpeg"))["storageId"])
