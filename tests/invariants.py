"""What must hold at any time, checked against the database and the store."""

import hashlib
from io import BytesIO

from PIL import Image as Picture
from PIL import ImageOps

from pindeck import db, storage
from pindeck.models import Alias, Blob, Derivative, Image, Like, StoredFile
from pindeck.services.maintenance import doctor
from pindeck.states import BlobState, PersistStatus
from pindeck.storage import keys

PRESETS = {"preview", "small", "medium", "large"}


def read(key: str) -> bytes:
    with storage.current().open(key) as stream:
        return stream.read()


def check(*, grace_ms: int = 3_600_000) -> None:
    """Raises AssertionError naming the invariant that does not hold."""
    for image in Image.select():
        _one_file(image)
        if image.file_id:
            _measured(image)
    _aliases()
    _blobs(grace_ms)
    _counters()
    _keys()
    assert doctor._invariants()


def _one_file(image: Image) -> None:
    if image.external_url is None:
        assert image.file_id, f"{image.id} has no original"
        assert Image.select().where(Image.file == image.file_id).count() == 1, f"the file of {image.id} is shared"


def _measured(image: Image) -> None:
    """Size and bytes are true, and what is called safe is safe: original and renditions are there, whole and right."""
    blob = Blob.get_by_id(StoredFile.get_by_id(image.file_id).blob_id)
    data = read(blob.object_key)
    assert hashlib.sha256(data).hexdigest() == blob.sha256, f"the original of {image.id} has other bytes"
    if image.persist_status != PersistStatus.SUCCEEDED:
        return
    assert not blob.object_key.startswith(keys.STAGING_PREFIX), f"{image.id} is called safe and lies in staging"
    picture = ImageOps.exif_transpose(Picture.open(BytesIO(data)))
    assert (image.width, image.height) == picture.size, f"the size of {image.id}"
    assert image.size == len(data), f"the bytes of {image.id}"
    rows = {d.preset: d for d in Derivative.select().where(Derivative.blob == blob.id)}
    assert set(rows) >= PRESETS, f"{image.id} is called safe and has {sorted(rows)}"
    for row in rows.values():
        assert hashlib.sha256(read(row.object_key)).hexdigest() == row.sha256, f"{row.object_key} has other bytes"
    assert len(image.colors) == 5, f"{image.id} has {image.colors}"
    if image.public_token:
        for preset in set(rows) & set(keys.PUBLIC_PRESETS):
            key = keys.public_key(image.public_token, preset)
            with storage.current().open_public(key) as stream:
                assert stream.read(), f"{key} is empty"


def _aliases() -> None:
    trashed = Image.select(Image.id).where(Image.deleted_at.is_null(False))
    assert not Alias.select().where(Alias.image_id.in_(trashed)).exists(), "an alias on a trashed image"


def _blobs(grace_ms: int) -> None:
    named = {file.blob_id for file in StoredFile.select()}
    for blob in Blob.select():
        if blob.state == BlobState.LIVE:
            assert blob.id in named or blob.created_at > db.now_ms() - grace_ms, f"{blob.id} is orphaned"
        else:
            assert blob.id not in named, f"{blob.id} is being deleted and named"


def _counters() -> None:
    for image in Image.select():
        assert image.likes == Like.select().where(Like.image_id == image.id).count(), f"the likes of {image.id}"


def _keys() -> None:
    for key in [blob.object_key for blob in Blob.select()] + [d.object_key for d in Derivative.select()]:
        assert keys.check_key(key) == key, f"{key} is spelt wrong"
