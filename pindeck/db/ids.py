"""Names of rows, and secret addresses: made here, so that a row has its name before it is written."""

import secrets
import time

RANDOM_BITS = 74  # of a UUIDv7, after the milliseconds
STEP_BITS = 60  # more than anybody can try, and room for thousands of ids in a millisecond
_last = 0


def new_id() -> str:
    """A UUIDv7 (RFC 9562): 48 bits of milliseconds, then 74 bits that cannot be guessed.

    Sorts by time. What one process makes within a millisecond sorts as it was made: a random step after the one before.
    """
    global _last
    now = time.time_ns() // 1_000_000
    if _last >> RANDOM_BITS == now:
        _last += 1 + secrets.randbits(STEP_BITS)
    else:
        _last = now << RANDOM_BITS | secrets.randbits(RANDOM_BITS - 1)  # the first bit is left free for the steps
    return _text(_last)


def _text(number: int) -> str:
    """122 bits with version and variant between them."""
    at, rest = number >> 62, number & ((1 << 62) - 1)
    value = (at >> 12) << 80 | 0x7 << 76 | (at & 0xFFF) << 64 | 0x2 << 62 | rest
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_token() -> str:
    """128 random bits as 32 hex digits, for an address or token that is a right by itself."""
    return secrets.token_hex(16)
