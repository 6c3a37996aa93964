"""What parameters and headers are like, wherever they stand: the same name has the same example and the same meaning."""

from typing import Any

_ID = "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a11"
_FLOW_ID = "0198c5a0-8f00-7b11-8a52-6d1f3e0c9b27"
_VERSION = f'"{_ID}-v3"'
_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
_SHA256_BASE64 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

# In the schema of a parameter: of those with the same word here at least one must be given.
AT_LEAST_ONE = "x-at-least-one"

EXAMPLES: dict[str, Any] = {
    "ref": "@hero",
    "image_id": _ID,
    "flow_id": _FLOW_ID,
    "storage_id": "0198c5a0-9b44-7c05-b1d3-2f6e0a7c5d18",
    "job_id": "0198c5a0-9b44-7c05-b1d3-2f6e0a7c5d19",
    "batch_id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a11",
    "proposal_id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a55",
    "round_id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a11",
    "source_id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a14",
    "board_id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6b11",
    "storyboard_id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6c11",
    "deck_id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6e11",
    "block_id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6e12",
    "export_id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6d11",
    "search_id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6c01",
    "action_id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6c11",
    "group_id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6d11",
    "rule_id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6c11",
    "section_id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6b12",
    "webhook_id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a21",
    "delivery_id": "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a22",
    "batchId": "0198c5a0-6b11-7e20-9a3b-4d5e6f708192",
    "imageId": _ID,
    "variationCount": 2,
    "modificationMode": "coverage",
    "variationDetail": "rain on the glass",
    "resolution": "2K",
    "generation_id": "0198c5a0-6b12-7d40-8e3f-5a2c1b0d9e87",
    "client_id": "0198c5a0-99aa-7f31-b2c4-5d6e7f809121",
    "key_id": "0198c5a0-99aa-7f31-b2c4-5d6e7f809122",
    "alias": "@hero",
    "name": "hero",
    "file_key": "7d0f6c3e9a514be28e0c1f5a6b7d9e30",
    "kind": "character",
    "field": "genre",
    "subject_id": "c1",
    "project": "blade-runner",
    "flowId": _FLOW_ID,
    "userId": "0198c5a0-42e0-7d15-a6b8-c9d0e1f2a3b4",
    "size": "small",
    "crop": "square",
    "w": 600,
    "h": 400,
    "s": "Qm9sZGx5R29XaGVyZU5v",
    "download": "1",
    "mode": "trash",
    "owner_character_id": "c1",
    "owner_chat_id": "chat-7",
    "filename": "portrait.png",
    "mime_type": "image/png",
    "cursor": "MTc3MjM1NzQwMDEyNTowMTk4YzVhMC05YjQ0LTdjMDUtYjFkMy0yZjZlMGE3YzVkMTg",
    "minCreationTime": 1772357400125,
    "maxCreationTime": 1772443800125,
    "expiresIn": 3600,
    "sha256": _SHA256,
    "token": "1f0e6c3e9a514be28e0c1f5a6b7d9e30",
    # Headers of requests
    "Accept": "image/webp, image/*;q=0.8",
    "If-Match": _VERSION,
    "If-None-Match": _VERSION,
    "If-Range": f'"{_SHA256}"',
    "Range": "bytes=0-99",
    "Digest": f"sha-256={_SHA256_BASE64}",
    "Repr-Digest": f"sha-256=:{_SHA256_BASE64}:",
    "X-Content-SHA256": _SHA256,
    "Idempotency-Key": "nightly-sync-42",
    "Content-Disposition": 'attachment; filename="Storm light.jpg"',
}

ALWAYS = ("X-Request-Id",)
COUNTED = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
WHOLE = ("ETag", "Accept-Ranges", "Cache-Control", "Content-Disposition")
PART = (*WHOLE, "Content-Range")
UNCHANGED = ("ETag", "Accept-Ranges", "Cache-Control")

# Headers of answers: what they mean, the type of their value, and one.
HEADERS: dict[str, tuple[str, str, Any]] = {
    "X-Request-Id": ("The id of the request, which the log has too; the caller's own if it is plain text.", "string",
                     "nightly-sync.42"),
    "X-RateLimit-Limit": ("Calls that are allowed in the window.", "integer", 3000),
    "X-RateLimit-Remaining": ("Calls left in the window.", "integer", 2999),
    "X-RateLimit-Reset": ("When the window ends, in Unix seconds.", "integer", 1795003600),
    "Retry-After": ("When to come back, in seconds; left out where nobody can know.", "integer", 30),
    "ETag": ("The version, for `If-None-Match`; of a record also for `If-Match`.", "string", _VERSION),
    "Location": ("Where to go.", "string", f"/api/v1/images/{_ID}"),
    "Cache-Control": ("For how long and by whom the answer may be kept.", "string", "private, no-cache"),
    "Accept-Ranges": ("The caller may ask for parts.", "string", "bytes"),
    "Content-Range": ("Which bytes these are, and of how many.", "string", "bytes 0-99/482113"),
    "Content-Disposition": ("Whether to show or to save it, and under which name.", "string",
                            "inline; filename*=UTF-8''still.jpg"),
    "X-Image-Id": ("The id of the image that is shown.", "string", _ID),
    "Digest": ("The SHA-256 of the whole file.", "string", f"sha-256={_SHA256_BASE64}"),
    "Repr-Digest": ("The SHA-256 of the whole file (RFC 9530).", "string", f"sha-256=:{_SHA256_BASE64}:"),
    "X-Released-Aliases": ("Names that moved images lost, with commas between them; left out when there are none.",
                           "string", "@hero, @poster"),
    "Link": ("The address of the next page by cursor (RFC 8288, `rel=\"next\"`); left out on the last one.", "string",
             "<https://pindeck.example/api/v1/images?cursor=MTc3MjM1NzQwMDEyNTowMTk4YzVhMC05YjQ0LTdjMDUtYjFkMy0yZjZlMGE3YzVkMTg>; rel=\"next\""),
    "Set-Cookie": ("The session.", "string", "pindeck_session=…; HttpOnly; Path=/; SameSite=Lax"),
}  # fmt: skip
