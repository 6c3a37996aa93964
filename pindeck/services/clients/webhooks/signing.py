"""Signatures as Standard Webhooks has them, and the secrets they are made with.

A receiver checks that the header `webhook-signature` holds `v1,` and the base64 of the HMAC-SHA256 of
`<webhook-id>.<webhook-timestamp>.<body>`, made with the bytes that stand behind `whsec_` in base64.
"""

import base64
import hashlib
import hmac
import secrets

from pindeck import config
from pindeck.errors import PindeckError

PREFIX = "whsec_"


class Unreadable(PindeckError):
    """A secret was kept under another SECRET_KEY."""


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def kept(secret: str) -> str:
    """A secret as the database has it, so that a copy of the database signs nothing."""
    from cryptography.fernet import Fernet  # only those who make or use a secret need it

    return Fernet(_key()).encrypt(secret.encode()).decode()


def read(text: str) -> str:
    """The secret again. Raises Unreadable."""
    from cryptography.fernet import Fernet, InvalidToken

    try:
        return Fernet(_key()).decrypt(text.encode()).decode()
    except InvalidToken as error:
        raise Unreadable("Its secret cannot be read, because SECRET_KEY has changed. Renew the secret.") from error


def _key() -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(f"webhook secrets\n{config.signing_key()}".encode()).digest())


def headers(secret: str, message_id: str, at_s: int, body: bytes) -> dict[str, str]:
    """What goes along with a message that is sent at this moment, in seconds since 1970."""
    signed = f"{message_id}.{at_s}.".encode() + body
    digest = hmac.digest(base64.b64decode(secret.removeprefix(PREFIX)), signed, "sha256")
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
