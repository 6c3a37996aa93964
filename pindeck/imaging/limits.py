"""A ceiling on memory and processor time for a process that decodes files from strangers."""

import contextlib
import math
import sys
from pathlib import Path

try:
    import resource
except ImportError:  # Windows has no such limits.
    resource = None  # type: ignore[assignment]


_found: dict[int, int] = {}  # what a limit was before it was set here, where a process sets it more than once


def confine(*, memory_mb: int, seconds: int, anew: bool = False) -> None:
    """Let this process use `memory_mb` MiB and `seconds` of processor time more than it has now.

    Meant for a forked child: too much memory becomes MemoryError (or the end of the child), too much time
    ends it with SIGXCPU. A limit that is already lower stays, unless it was set here and another piece of work begins `anew`.
    Where the platform lacks a limit, none is set.
    """
    if resource is None:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_CPU, math.ceil(used.ru_utime + used.ru_stime) + seconds, anew)
    # SIGXCPU writes a core dump by default, and that would hold somebody's private picture.
    _lower(resource.RLIMIT_CORE, 0, anew)
    if address_space := _address_space():
        _lower(resource.RLIMIT_AS, address_space + memory_mb * 1024 * 1024, anew)


def _lower(limit: int, value: int, anew: bool) -> None:
    soft, hard = resource.getrlimit(limit)
    found = _found.setdefault(limit, soft)
    present = [bound for bound in (found if anew else soft, hard) if bound != resource.RLIM_INFINITY]
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(limit, (min([value, *present]), hard))


def _address_space() -> int:
    """Bytes of address space in use; 0 where that cannot be told or not be limited (macOS)."""
    if not sys.platform.startswith("linux"):
        return 0
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * resource.getpagesize()
