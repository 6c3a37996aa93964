"""How much memory a process and its children hold. Standard library only."""

import os
from pathlib import Path


def resident_bytes(pid: int) -> int | None:
    """Of the process and its children, as the kernel counts it; None where it does not say. What they share counts twice."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (OSError, ValueError, IndexError):
        return None
    own = pages * os.sysconf("SC_PAGE_SIZE")
    return own + sum(resident_bytes(int(child)) or 0 for child in children)
