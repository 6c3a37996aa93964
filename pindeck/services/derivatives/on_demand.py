"""Sizes that are made when somebody first asks for them.

`sm` and `lg` come from the stored `medium` where there is one. `screen`, and whatever else is missing or was made by an
older version of its preset, comes from the original, which may still lie in staging.
"""

import hashlib
import secrets
from datetime import UTC, datetime
from io import BytesIO

from pindeck import config, db, queue, storage
from pindeck.errors import Damaged, NotFound, Unavailable, Upstream, no_image
from pindeck.imaging import confined
from pindeck.imaging.presets import EAGER, FROM_MEDIUM, PRESET_VERSION, PRESETS, Preset
from pindeck.imaging.results import Rendition
from pindeck.models import Blob, Derivative
from pindeck.services.derivatives import build, single_flight
from pindeck.services.images import public_copies
from pindeck.states import BlobState
from pindeck.storage import keys

# Somebody waits, so the encoder tries less hard than in a job: half of the time for 5 % more bytes.
MOST_EFFORT = 2


def make(blob_id: str, name: str, original: tuple[int, int]) -> Derivative:
    """The missing rendition of a blob whose upright picture is `original` (width, height) pixels large.

    Raises NotFound when the bytes are gone, Unavailable when it cannot be made now; rather than that, one of an
    older version of the preset is answered.
    """
    preset = PRESETS[name]
    try:
        return single_flight.once(
            f"rendition {name} of {blob_id}",
            lambda: _current(blob_id, name),
            lambda: _make(blob_id, preset, original),
        )
    except Unavailable:
        older = _find(blob_id, name)
        if older is None or older.damaged_at is not None:
            raise
        return older


def _find(blob_id: str, name: str) -> Derivative | None:
    return Derivative.get_or_none((Derivative.blob == blob_id) & (Derivative.preset == name))


def _current(blob_id: str, name: str) -> Derivative | None:
    found = _find(blob_id, name)
    return found if found is not None and _is_good(found) else None


def _is_good(found: Derivative) -> bool:
    return found.preset_version == PRESET_VERSION and found.damaged_at is None


def _make(blob_id: str, preset: Preset, original: tuple[int, int]) -> Derivative:
    blob = Blob.get_or_none((Blob.id == blob_id) & (Blob.state == BlobState.LIVE))
    if blob is None:
        raise no_image()
    made = _draw(blob, preset, original)
    key = _key(blob, preset)
    written = storage.current().put(key, BytesIO(made.data), content_type=made.mime)
    row = dict(
        preset_version=PRESET_VERSION,
        object_key=key,
        sha256=written.sha256,
        mime=made.mime,
        width=made.width,
        height=made.height,
        bytes=written.size,
        created_at=db.now_ms(),
        checked_at=db.now_ms(),
        damaged_at=None,
    )
    try:
        kept = _published_and_kept(blob.id, preset.name, row)
    except BaseException:
        storage.current().delete(key)
        raise
    if kept is None or kept.object_key != key:
        storage.current().delete(key)
    if kept is None:
        raise no_image()
    return kept


def _draw(blob: Blob, preset: Preset, original: tuple[int, int]) -> Rendition:
    """Raises BadImage, or Upstream when the store is away or has lost the bytes."""
    settings = config.current()
    effort = min(settings.webp_method, MOST_EFFORT)
    larger = _current(blob.id, "medium") if preset in FROM_MEDIUM else None
    try:
        if larger is not None:
            with storage.current().open(larger.object_key) as stream:
                data = stream.read()
            if hashlib.sha256(data).hexdigest() == larger.sha256:
                return confined.from_rendition(
                    data, preset, width=original[0], height=original[1], webp_method=effort, wait_s=single_flight.WAIT_S
                )
        if blob.damaged_at is not None:
            raise damaged(blob)
        with build.open_seekable(blob.object_key) as file:
            return confined.make(
                file, preset, max_megapixels=settings.max_image_megapixels, webp_method=effort, wait_s=single_flight.WAIT_S
            )
    except NotFound as error:
        raise Upstream("The bytes of this picture cannot be found in the store.") from error


def _key(blob: Blob, preset: Preset) -> str:
    """Beside the original and called like it.

    Eight more digits keep it apart from what another object of that name is, or will be: a size that is remade,
    one that the job will store as well, or that of equal bytes which are just being deleted.
    """
    staged = blob.object_key.startswith(keys.STAGING_PREFIX)
    if staged:
        token = keys.file_token(build.named(blob) or "image", blob.sha256)
    else:
        token = blob.object_key.rpartition("/")[2].partition(".")[0]
    key = keys.derivative_key(config.current().upload_prefix, build.uploaded_on(blob), token, preset.name)
    twin = Blob.select().where((Blob.sha256 == blob.sha256) & (Blob.id != blob.id)).exists()
    if twin or (staged and preset in EAGER) or Derivative.select().where(Derivative.object_key == key).exists():
        return keys.with_suffix(key, secrets.token_hex(4))
    return key


class _PublishedMeanwhile(Exception):
    """An image of these bytes got its public address after the copies were made."""


def _published_and_kept(blob_id: str, name: str, row: dict[str, object]) -> Derivative | None:
    """The copies come before the row, so that whoever finds the row of a published picture finds the copy as well."""
    copied: set[str] = set()
    while True:
        for token in _tokens(blob_id, name) - copied:
            public_copies.put(str(row["object_key"]), name, token, mime=str(row["mime"]))
            copied.add(token)
        try:
            return db.retried(lambda: _keep(blob_id, name, row, copied))
        except _PublishedMeanwhile:
            continue


def _tokens(blob_id: str, name: str) -> set[str]:
    return public_copies.tokens_of(blob_id) if name in keys.PUBLIC_PRESETS else set()


def _keep(blob_id: str, name: str, row: dict[str, object], copied: set[str]) -> Derivative | None:
    """The row that counts from now on, which may be one of the job; None when the blob went meanwhile."""
    alive = (Blob.id == blob_id) & (Blob.state == BlobState.LIVE)
    if db.locked(Blob.select().where(alive)).get_or_none() is None:
        return None
    before = _find(blob_id, name)
    if before is not None and _is_good(before):
        return before
    if _tokens(blob_id, name) - copied:
        raise _PublishedMeanwhile
    if before is None:
        return Derivative.create(id=db.new_id(), blob=blob_id, preset=name, **row)
    Derivative.update(**row).where(Derivative.id == before.id).execute()
    queue.enqueue(
        queue.DELETE_OBJECTS, payload={"object": before.object_key}, delay_s=build.STAGING_GRACE_S
    )  # somebody may be reading it
    return Derivative.get_by_id(before.id)


def damaged(blob: Blob) -> Damaged:
    """The error of whatever would need the bytes of a damaged original."""
    since = f"{datetime.fromtimestamp((blob.damaged_at or 0) / 1000, UTC):%Y-%m-%d}"
    return Damaged(
        f"The stored file has been damaged since {since}. Its sizes still exist. Send the same file again to mend it."
    )
