"""When the head of a request is there to be read."""

import re

# As much as common front servers take. A request line may have 8 KiB of it.
HEAD_BYTES = 32 * 1024
_BARE_END = re.compile(rb"(?<!\r)\n")


def is_whole(received: bytearray, looked: int) -> bool:
    """Whether the parser can decide on what came, be it to refuse it. The first `looked` bytes were not enough before."""
    if received.find(b"\r\n\r\n", max(0, looked - 3)) >= 0:
        return True
    return len(received) > HEAD_BYTES or bool(_BARE_END.search(received, max(0, looked - 1)))
