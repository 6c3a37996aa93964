"""Objects by key: on disk, or in any S3-v4 store. `bind` one at start, then use `current()`.

It may use settings, errors and the disk, and knows no table.
"""

from pindeck.config import Settings
from pindeck.errors import SettingError
from pindeck.storage.base import ObjectInfo, ObjectStore, Written

__all__ = ["ObjectInfo", "ObjectStore", "Written", "bind", "current", "from_settings"]

_store: ObjectStore | None = None


def bind(store: ObjectStore) -> None:
    """Make `store` the one that this process uses."""
    global _store
    _store = store


def current() -> ObjectStore:
    """The store of this process. Raises RuntimeError if none was bound."""
    if _store is None:
        raise RuntimeError("No object store is bound; call storage.bind() first.")
    return _store


def from_settings(settings: Settings) -> ObjectStore:
    """The store that the settings name. Nothing is opened or made yet; see `ObjectStore.prepare`."""
    if not settings.is_s3:
        from pindeck.storage.filesystem import FilesystemStore

        return FilesystemStore(settings.files_dir, settings.public_dir, quota_bytes=settings.store_quota_mb * 2**20)
    if settings.minio_bucket == settings.minio_public_bucket:
        raise SettingError(
            "MINIO_PUBLIC_BUCKET is the same as MINIO_BUCKET: originals would be public. Name two buckets."
        )
    # The client costs memory and start-up time, so only those who use it import it.
    from pindeck.storage.s3 import S3Store

    return S3Store(
        settings.minio_endpoint,
        settings.minio_access_key,
        settings.minio_secret_key,
        secure=settings.minio_secure,
        region=settings.minio_region,
        bucket=settings.minio_bucket,
        public_bucket=settings.minio_public_bucket,
    )
