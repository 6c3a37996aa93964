"""How much memory a process and its children hold, and what they do with what is freed. Standard library only."""

import ctypes
import os
import sys
from pathlib import Path

# Looked up before any fork: loading a library in the forked child could deadlock.
_set_option = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
_GIVE_BACK_FROM, _BY_MAPPING_FROM = -1, -3  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD
_MOST_KEPT = 64 * 1024 * 1024


def resident_bytes(pid: int) -> int | None:
    """Of the process and its children, as the kernel counts it; None where it does not say. What they share counts twice."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (OSError, ValueError, IndexError):
        return None
    own = pages * os.sysconf("SC_PAGE_SIZE")
    return own + sum(resident_bytes(int(child)) or 0 for child in children)


def keep_freed() -> None:
    """In a child that handles one picture after the other: what one has freed serves the next.

    Else the allocator hands each large piece back, and the kernel clears the same pages again for each step of each picture.
    Where there is another allocator than that of glibc nothing changes.
    """
    if _set_option is not None:
        _set_option(_BY_MAPPING_FROM, _MOST_KEPT // 2)
        _set_option(_GIVE_BACK_FROM, _MOST_KEPT)
