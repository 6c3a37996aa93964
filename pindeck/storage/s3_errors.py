"""What an S3 store answers, in our words and without its secrets."""

from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree.ElementTree import ParseError

from minio.error import InvalidResponseError, MinioException, S3Error, ServerError
from urllib3.exceptions import HTTPError

from pindeck.errors import NoSpace, NotFound, Upstream

_MISSING = {"NoSuchKey", "NoSuchObject"}
_FULL = {
    "XMinioStorageFull",
    "XMinioAdminBucketQuotaExceeded",
    "QuotaExceeded",
    "ServiceQuotaExceeded",
    "InsufficientCapacity",
    "InsufficientStorage",
    "StorageFull",
}
_REFUSED = {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthorizationHeaderMalformed"}
_STATUS_FULL = 507


@contextmanager
def s3_errors() -> Iterator[None]:
    """Turn what the store or the network says into NotFound, NoSpace or Upstream."""
    try:
        yield
    except S3Error as error:
        # Signed addresses and key names stand in the answer, so only its code word is passed on.
        if error.code in _MISSING:
            raise NotFound("There is no such object in the store.") from error
        if error.code in _FULL or error.response.status == _STATUS_FULL:
            raise _full() from error
        if error.code in _REFUSED:
            raise Upstream(
                f"The object store refused the request ({error.code}). "
                "Check MINIO_ACCESS_KEY, MINIO_SECRET_KEY and MINIO_REGION, and this machine's clock."
            ) from error
        if error.code == "NoSuchBucket":
            raise Upstream("The bucket does not exist. Check MINIO_BUCKET and MINIO_PUBLIC_BUCKET.") from error
        raise Upstream(f"The object store answered with an error ({error.code}).") from error
    except (ServerError, InvalidResponseError) as error:
        status = error.status_code if isinstance(error, ServerError) else error._code
        if status == _STATUS_FULL:
            raise _full() from error
        raise Upstream(f"The object store answered with an error (status {status}).") from error
    except (MinioException, ParseError, HTTPError, OSError) as error:
        raise Upstream(f"The object store does not answer ({type(error).__name__}). Check MINIO_ENDPOINT.") from error


def _full() -> NoSpace:
    return NoSpace("The object store is full: nothing was kept. Make room or raise its quota, then try again.")
