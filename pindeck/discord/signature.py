"""Whether a request is from Discord: each is signed with Ed25519, and the operator's application has the public key."""

import time

FRESH_S = 300  # a request that somebody kept is not heard again later


def is_good(public_key: str, signature: str, timestamp: str, body: bytes) -> bool:
    """`public_key` and `signature` in hex, `timestamp` in seconds, as Discord gives them. False for whatever cannot be read, too."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        if abs(time.time() - int(timestamp)) > FRESH_S:
            return False
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), timestamp.encode() + body)
    except (InvalidSignature, ValueError, OverflowError):  # the last of a time beyond all numbers
        return False
    return True
