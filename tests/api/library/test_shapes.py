"""Every documented call of the library, its status, and the exact keys and types of its answer."""

import re
from typing import Any

from pindeck import db
from pindeck.access import Actor
from pindeck.http.site import Site
from pindeck.models import Image, ImportBatch
from pindeck.services.images import aliases
from tests.api.gallery import ALWAYS, BASE, HOSTED, IMAGES, OWNERS, SOMETIMES, good, store
from tests.conftest import Browser
from tests.factories import fresh, make_active, make_row, new_photo
from tests.programs import Program, refused

EVERYBODYS = {**ALWAYS, **SOMETIMES}
RECORD = {**EVERYBODYS, **OWNERS}
SIZES = {"small": str, "medium": str, "large": str}
# What holds more than one value: of what.
WITHIN = {"tags": [str], "colors": [str], "derivativeUrls": SIZES, "derivativeStoragePaths": SIZES}
CHANGED = {"success": bool}
MOVED = {"success": bool, "releasedAlias": str}
RUNS = {"scanned": int, "inserted": int, "skippedExisting": int}
SCHEDULED = {"scheduled": int}
STORED = {"storageId": str}
NULL = type(None)
FOUND = {"data": [RECORD], "nextCursor": NULL, "problems": [{"at": int, "end": int, "says": str}]}
UPLOAD = {"title": "Still", "category": "Film", "tags": ["neon"]}


def fits(value: Any, shape: Any) -> bool:
    """A type, a list whose every item fits, an object with exactly these keys, or a record."""
    if shape is RECORD:
        return fits_record(value, RECORD)
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(each, shape[0]) for each in value)
    if isinstance(shape, dict):
        return isinstance(value, dict) and set(value) == set(shape) and all(fits(value[name], shape[name]) for name in shape)
    return isinstance(value, shape) and isinstance(value, bool) == (shape is bool)


def fits_record(value: Any, known: dict[str, Any]) -> bool:
    """What is not set is left out: nothing is null or unknown, and nothing but the tags is empty."""
    return (
        set(ALWAYS) <= set(value) <= set(known)
        and all(fits(value[name], WITHIN.get(name, known[name])) for name in value)
        and all(value[name] for name in WITHIN if name in value and name not in ALWAYS)
    )


def full(owner: Actor, parent: Actor) -> Image:
    """An image of which everything is known that can be known at once."""
    image = make_active(
        owner, description="Rain", sref="--sref 1", group="Film", genre="Noir", shot="Wide Shot", style="16mm",
        project="Blade", moodboard="Night", unique_tag="BR-1", source="A credit",
        size="CU",
    )  # fmt: skip
    batch = ImportBatch.create(id=db.new_id(), user=owner.user_id, origin="pinterest", created_at=db.now_ms())
    Image.update(
        parent_id=make_row(parent).id,
        project_order=2,
        source_url="https://x.org/a",
        external_id="e1",
        import_batch_id=batch.id,
    ).where(Image.id == image.id).execute()
    return fresh(image)


def test_every_call_of_the_gallery_has_its_status_and_shape(
    owner: Browser, app: Site, olga: Actor, sam: Actor
) -> None:
    image, spare, gone = full(olga, sam), make_active(olga, title="Lamp"), make_active(olga)
    aliases.assign(olga, spare.id, "@hero")
    waiting, unwanted = (make_row(olga, status="pending", ai_status="queued") for _ in range(2))
    make_row(olga, ai_status="processing", ai_started_at=db.now_ms())
    draft = make_row(olga, status="draft")
    one = f"{IMAGES}/{image.id}"
    row = {"projectName": "Blade", "imageIds": [image.id, spare.id]}
    calls: list[tuple[str, str, str, Any, Any]] = [
        ("list", "GET", IMAGES, None, [RECORD]),
        ("search", "GET", f"{IMAGES}/search?searchTerm=lamp", None, [RECORD]),
        ("find", "GET", f"{BASE}/search?q=lamp bord:a", None, FOUND),
        ("getById", "GET", one, None, RECORD),
        ("getById, nothing", "GET", f"{IMAGES}/{db.new_id()}", None, NULL),
        ("getGroups", "GET", f"{BASE}/groups", None, [str]),
        ("getCategories", "GET", f"{BASE}/categories", None, [str]),
        ("getDraftImages", "GET", f"{IMAGES}/drafts", None, [RECORD]),
        ("getPendingImages", "GET", f"{IMAGES}/pending", None, [RECORD]),
        ("getProcessingImages", "GET", f"{IMAGES}/processing", None, [RECORD]),
        ("create", "POST", IMAGES, {**UPLOAD, "imageUrl": HOSTED}, str),
        ("createExternal", "POST", f"{IMAGES}/external", {"title": "Pin", "imageUrl": f"{HOSTED}?2"}, str),
        ("generateUploadUrl", "POST", f"{BASE}/upload-url", None, str),
        ("uploadMultiple", "POST", f"{BASE}/uploads", {"uploads": [{**UPLOAD, "storageId": store(owner)}]}, [str]),
        ("finalizeUploads", "POST", f"{BASE}/uploads/finalize", {"imageIds": [draft.id]}, NULL),
        ("toggleLike", "POST", f"{one}/like", None, bool),
        ("toggleLike, back", "POST", f"{one}/like", None, bool),
        ("incrementViews", "POST", f"{one}/view", None, NULL),
        ("approveImage", "POST", f"{IMAGES}/{waiting.id}/approve", None, NULL),
        ("rejectImage", "POST", f"{IMAGES}/{unwanted.id}/reject", None, NULL),
        ("remove", "DELETE", f"{IMAGES}/{gone.id}", None, CHANGED),
        ("updateImageMetadata", "PATCH", one, {"title": "New", "colors": None}, CHANGED),
        ("updateImageMetadata, moved", "PATCH", f"{IMAGES}/{spare.id}", {"projectName": "Alien"}, MOVED),
        ("setAiStatus", "PUT", f"{one}/ai-status", {"status": "completed"}, NULL),
        ("setProjectRowOrder", "PUT", f"{BASE}/projects/row-order", row, NULL),
        ("clearMyStaleProcessingImages", "POST", f"{BASE}/maintenance/stale-processing", None, int),
        ("backfillGenerationsFromAiImages", "POST", f"{BASE}/maintenance/backfill-generations", None, RUNS),
        ("backfillNextcloudFailedUploads", "POST", f"{BASE}/maintenance/backfill-persistence", None, SCHEDULED),
    ]
    for name, method, path, body, shape in calls:
        answer = owner.open(path, method=method, json=body)
        assert (answer.status_code, answer.mimetype) == (200, "application/json"), (name, answer.text)
        assert fits(answer.json, shape), (name, answer.text)
        assert answer.json != [], name
        assert answer.headers["X-Request-Id"]
    assert routes_called(app, calls) == {
        (rule.endpoint, method)
        for rule in app.rules()
        if rule.endpoint.startswith("api_library")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def routes_called(app: Site, calls: list[tuple[str, str, str, Any, Any]]) -> set[tuple[str, str]]:
    """So that no operation is left out of the table."""
    adapter = app.later().bind("localhost")
    return {(adapter.match(path.split("?")[0], method=method)[0], method) for _, method, path, _, _ in calls}


def test_both_ways_to_the_address_of_an_upload_answer_a_storage_id(owner: Browser, visitor: Program) -> None:
    for method in ("POST", "PUT"):
        path = re.sub(r"^https?://[^/]+", "", good(owner.post(f"{BASE}/upload-url")))
        answer = visitor.call(method, path, data=new_photo(), content_type="image/jpeg")
        assert fits(good(answer), STORED)


def test_a_record_has_every_documented_field_at_one_time_or_another(
    owner: Browser, other: Browser, visitor: Program, olga: Actor, sam: Actor
) -> None:
    image = full(olga, sam)
    stored = good(owner.get(f"{IMAGES}/{image.id}"))
    assert set(RECORD) - set(stored) == {"sourceId", "storageId", "storagePersistError"}
    assert stored["importBatchId"] == image.import_batch_id
    Image.update(persist_status="failed", persist_error="The disk was full.").where(Image.id == image.id).execute()
    failed = good(owner.get(f"{IMAGES}/{image.id}"))
    assert (failed["storageId"], failed["storagePersistError"]) == (image.file_id, "The disk was full.")
    assert fits_record(failed, RECORD)
    for stranger in (other, visitor):
        told = good(stranger.get(f"{IMAGES}/{image.id}"))
        assert fits_record(told, EVERYBODYS), told
        assert set(stored) - set(told) <= {*OWNERS, "derivativeUrls"}


def test_a_refusal_has_one_shape_everywhere(owner: Browser, visitor: Program, olga: Actor, sam: Actor) -> None:
    foreign = make_row(sam)
    for answer, status, code in [
        (visitor.get(f"{IMAGES}/drafts"), 401, "UNAUTHORIZED"),
        (owner.get(f"{IMAGES}?limit=x"), 400, "VALIDATION_ERROR"),
        (owner.post(IMAGES, json={}), 400, "VALIDATION_ERROR"),
        (owner.delete(f"{IMAGES}/{foreign.id}"), 403, "FORBIDDEN"),
        (owner.delete(f"{IMAGES}/{db.new_id()}"), 404, "IMAGE_NOT_FOUND"),
    ]:
        details = refused(answer, status, code)
        assert all(isinstance(name, str) and isinstance(says, str) for name, says in details.items())
