"""Addresses that are the right to read a file: its key for good, or a signed one for a while.

A signed address names the file by its id, which is no right, and the time it ends; the file key takes part in
the signature only. So it does not lead to the lasting address, and it dies with that when the key is rotated.
"""

import base64
import binascii
import hashlib
import hmac
import re
import uuid
from dataclasses import dataclass

from pindeck import config, db
from pindeck.errors import Invalid, PindeckError
from pindeck.models import StoredFile

LONGEST_S = 7 * 86_400
_KEY = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SIGNED = re.compile(r"s\.([A-Za-z0-9_-]{30})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True)
class Signed:
    storage_id: str
    expires_at_s: int
    payload: str
    signature: str


def lasting(file: StoredFile) -> str:
    """The path that always answers the file until it is deleted or its key is rotated."""
    return f"/storage/{file.file_key}"


def signed(file: StoredFile, *, seconds: int) -> str:
    """A path that answers the file for so many seconds."""
    ends = db.now_ms() // 1000 + seconds
    payload = _text(uuid.UUID(file.id).bytes + ends.to_bytes(6, "big"))
    return f"/storage/s.{payload}.{_signature(payload, file)}"


def parse(address: str) -> Signed | None:
    """What a signed address says, not yet believed; None for the form of a file key. Raises Invalid for others."""
    if _KEY.fullmatch(address):
        return None
    found = _SIGNED.fullmatch(address)
    if found is None:
        raise Invalid("This is not the address of a file.", code="INVALID_STORAGE_PATH", status=400)
    try:
        raw = base64.urlsafe_b64decode(found[1] + "==")
    except binascii.Error as error:
        raise Invalid("This is not the address of a file.", code="INVALID_STORAGE_PATH", status=400) from error
    return Signed(str(uuid.UUID(bytes=raw[:16])), int.from_bytes(raw[16:], "big"), found[1], found[2])


def is_ours(address: Signed, file: StoredFile) -> bool:
    return hmac.compare_digest(_signature(address.payload, file), address.signature)


def seconds_left(address: Signed) -> int:
    """How long it is good for. Raises PindeckError `STORAGE_TOKEN_EXPIRED` (401) when that is over."""
    left = address.expires_at_s - db.now_ms() // 1000
    if left <= 0:
        raise PindeckError(
            "This address has expired. Ask for a new one.",
            code="STORAGE_TOKEN_EXPIRED",
            status=401,
        )
    return left


def _signature(payload: str, file: StoredFile) -> str:
    secret = hashlib.sha256(b"file addresses " + config.signing_key().encode()).digest()
    return _text(hmac.digest(secret, f"{payload}.{file.file_key}".encode(), "sha256"))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
