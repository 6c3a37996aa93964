"""Objects in any S3-v4 store, through the `minio` package."""

import json
import logging
import os
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import urllib3
from minio import Minio
from minio.commonconfig import REPLACE, CopySource
from minio.error import S3Error

from pindeck.errors import NotFound, Upstream
from pindeck.storage.base import (
    IMMUTABLE,
    Measured,
    ObjectInfo,
    Stream,
    Written,
    check_by_writing,
    check_range,
)
from pindeck.storage.folder import disk_errors
from pindeck.storage.keys import check_key, check_prefix, stem
from pindeck.storage.s3_errors import s3_errors
from pindeck.storage.s3_reader import S3Reader

log = logging.getLogger(__name__)

_SPOOL_IN_MEMORY = 8 * 2**20
_PART = 8 * 2**20
_CONNECT_S = 3.0
_READ_S = 30.0


class S3Store:
    """A private bucket, and a public one that anybody may read by exact key."""

    def __init__(
        self,
        endpoint: str,
        access_key: str,
        secret_key: str,
        *,
        secure: bool,
        region: str,
        bucket: str,
        public_bucket: str,
    ) -> None:
        self._endpoint = endpoint
        self._access_key = access_key
        self._secret_key = secret_key
        self._secure = secure
        self._region = region
        self._bucket = bucket
        self._public_bucket = public_bucket
        self._made: tuple[int, Minio] | None = None

    def put(
        self,
        key: str,
        stream: Stream,
        *,
        content_type: str,
        cache_control: str | None = None,
        limit: int | None = None,
        expect_sha256: str | None = None,
    ) -> Written:
        check_key(key)
        measured = Measured(stream, limit)
        # The bytes wait here until they are known to be right: nothing wrong ever reaches the key, and the
        # client is told a length, so that what it sends is refused by the server unless it is whole.
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL_IN_MEMORY) as spool:
            for chunk in measured:
                with disk_errors():
                    spool.write(chunk)
            written = measured.written(expect_sha256)
            spool.seek(0)
            with s3_errors():
                self._client.put_object(
                    self._bucket,
                    key,
                    spool,  # type: ignore[arg-type]
                    written.size,
                    content_type=content_type,
                    metadata={"Cache-Control": cache_control} if cache_control else None,
                    part_size=_PART,
                )
        stored = self.stat(key)
        if stored is None or stored.size != written.size:
            raise Upstream("The object store did not keep all bytes that were written. Try again.")
        return written

    def open(self, key: str, start: int = 0, length: int | None = None) -> S3Reader:
        check_range(start, length)
        return self._open(self._bucket, check_key(key), start, length)

    def stat(self, key: str) -> ObjectInfo | None:
        check_key(key)
        try:
            with s3_errors():
                found = self._client.stat_object(self._bucket, key)
        except NotFound:
            return None
        return _info(found)

    def copy(self, source: str, target: str) -> None:
        if check_key(source) == check_key(target):
            self.open(source, 0, 0).close()
            return
        with s3_errors():
            self._client.copy_object(self._bucket, target, CopySource(self._bucket, source))

    def delete(self, key: str) -> None:
        self._delete(self._bucket, key)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        return self._list(self._bucket, check_prefix(prefix))

    def publish(self, key: str, public_key: str, *, content_type: str) -> None:
        check_key(key)
        check_key(public_key)
        with s3_errors():
            self._client.copy_object(
                self._public_bucket,
                public_key,
                CopySource(self._bucket, key),
                metadata={"Content-Type": content_type, "Cache-Control": IMMUTABLE},
                metadata_directive=REPLACE,
            )

    def unpublish(self, public_key: str) -> None:
        self._delete(self._public_bucket, public_key)

    def open_public(self, public_key: str) -> S3Reader:
        return self._open(self._public_bucket, check_key(public_key), 0, None)

    def public_path(self, public_key: str) -> Path | None:
        check_key(public_key)
        return None

    def list_public(self) -> Iterator[ObjectInfo]:
        return self._list(self._public_bucket, "")

    def local_path(self, key: str) -> Path | None:
        check_key(key)
        return None

    def presigned_get(self, key: str, *, seconds: int, content_type: str, filename: str | None = None) -> str | None:
        check_key(key)
        answer = {"response-content-type": content_type}
        if filename is not None:
            answer["response-content-disposition"] = _disposition(filename)
        with s3_errors():
            return self._client.presigned_get_object(
                self._bucket, key, timedelta(seconds=seconds), response_headers=dict(answer)
            )

    def left(self) -> int | None:
        return None

    def prepare(self) -> None:
        self._make_bucket(self._bucket)
        self._make_bucket(self._public_bucket)
        self._open_to_visitors()

    def answer(self) -> None:
        with s3_errors():
            if not self._client.bucket_exists(self._bucket):
                raise Upstream("The bucket does not exist. Check MINIO_BUCKET.")
            if not self._client.bucket_exists(self._public_bucket):
                raise Upstream("The public bucket does not exist. Check MINIO_PUBLIC_BUCKET.")

    def check(self) -> None:
        check_by_writing(self)
        self.answer()

    @property
    def _client(self) -> Minio:
        """One client per process: connections that a fork shares would mix up their answers."""
        made = self._made
        if made is None or made[0] != os.getpid():
            made = self._made = (os.getpid(), self._connect())
        return made[1]

    def _connect(self) -> Minio:
        # The region is always given, as asking for it would make even signing a link a network call.
        return Minio(
            self._endpoint,
            self._access_key,
            self._secret_key,
            secure=self._secure,
            region=self._region,
            http_client=urllib3.PoolManager(
                maxsize=16,
                timeout=urllib3.Timeout(connect=_CONNECT_S, read=_READ_S),
                retries=urllib3.Retry(
                    total=2,
                    read=1,
                    backoff_factor=0.2,
                    status_forcelist=(500, 502, 503, 504),
                    raise_on_status=False,
                ),
            ),
        )

    def _open(self, bucket: str, key: str, start: int, length: int | None) -> S3Reader:
        if length == 0:
            with s3_errors():
                self._client.stat_object(bucket, key)
            return S3Reader(None)
        with s3_errors():
            try:
                return S3Reader(self._client.get_object(bucket, key, offset=start, length=length or 0))
            except S3Error as error:
                # A range behind the end is empty on disk, and so it is here.
                if error.code == "InvalidRange":
                    return S3Reader(None)
                raise

    def _delete(self, bucket: str, key: str) -> None:
        try:
            with s3_errors():
                self._client.remove_object(bucket, check_key(key))
        except NotFound:
            pass

    def _list(self, bucket: str, prefix: str) -> Iterator[ObjectInfo]:
        with s3_errors():
            for found in self._client.list_objects(bucket, prefix=prefix, recursive=True):
                yield _info(found)

    def _make_bucket(self, bucket: str) -> None:
        with s3_errors():
            try:
                if not self._client.bucket_exists(bucket):
                    self._client.make_bucket(bucket, self._region)
            except S3Error as error:
                # Several processes start at the same time, and one of them is first.
                if error.code != "BucketAlreadyOwnedByYou":
                    raise

    def _open_to_visitors(self) -> None:
        """Let anybody read objects of the public bucket, unless its owner has given it a policy already."""
        with s3_errors():
            try:
                self._client.get_bucket_policy(self._public_bucket)
                return
            except S3Error as error:
                if error.code == "NoSuchBucket":
                    raise
            try:
                self._client.set_bucket_policy(self._public_bucket, _read_policy(self._public_bucket))
            except S3Error as error:
                if error.code not in ("AccessDenied", "NotImplemented", "MethodNotAllowed"):
                    raise
                log.warning(
                    "The bucket %s cannot be opened to visitors (%s). Leave MEDIA_BASE_URL empty, or put a "
                    "front server or CDN that may read the bucket before it.",
                    self._public_bucket,
                    error.code,
                )


def _info(found: Any) -> ObjectInfo:
    modified = int(found.last_modified.timestamp() * 1000) if found.last_modified else 0
    return ObjectInfo(found.object_name, found.size or 0, modified)


def _disposition(filename: str) -> str:
    plain = stem(filename)
    ending = filename.rpartition(".")[2] if "." in filename else ""
    if ending.isascii() and ending.isalnum():
        plain = f"{plain}.{ending}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='', errors='replace')}"


def _read_policy(bucket: str) -> str:
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": ["*"]},
                    "Action": ["s3:GetObject"],
                    "Resource": [f"arn:aws:s3:::{bucket}/*"],
                }
            ],
        }
    )
