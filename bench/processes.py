"""CPU and memory of trees of processes, read from /proc. Linux only."""

import os
import resource
import threading
import time
from pathlib import Path
from types import TracebackType

HZ = os.sysconf("SC_CLK_TCK")


def _stat(pid: int | str) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()


def tree(roots: list[int]) -> set[int]:
    """The processes `roots` and everything below them."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                children.setdefault(int(_stat(entry.name)[1]), []).append(int(entry.name))
            except (OSError, IndexError):
                pass
    found: set[int] = set()
    todo = list(roots)
    while todo:
        pid = todo.pop()
        if pid not in found and Path(f"/proc/{pid}").exists():
            found.add(pid)
            todo += children.get(pid, [])
    return found


def cpu(pids: set[int]) -> float:
    """CPU seconds of these processes and of the children they have reaped."""
    total = 0
    for pid in pids:
        try:
            total += sum(map(int, _stat(pid)[11:15]))
        except OSError:
            pass
    return total / HZ


def pss(pids: set[int]) -> float:
    """Memory in MB, where a page that several processes share counts once."""
    total = 0
    for pid in pids:
        try:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
                    break
        except OSError:
            pass
    return total / 1024


def machine_busy() -> float:
    """CPU seconds that the whole machine has worked."""
    fields = list(map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]))
    return (sum(fields) - fields[3] - fields[4]) / HZ


def own() -> float:
    """CPU seconds of this process, which is the client, and of the load generators it has started."""
    mine, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime


class Watch:
    """CPU, wall time and peak memory of some process trees while a block runs.

    `foreign` is how many cores everything else on the machine took meanwhile, without the client.
    """

    def __init__(self, roots: list[int], every_s: float = 0.3) -> None:
        self.roots, self.every_s = roots, every_s
        self.peak_mb = self.cpu_s = self.wall_s = self.foreign = 0.0
        self._stop = threading.Event()

    def _sample(self) -> None:
        while not self._stop.wait(self.every_s):
            self.peak_mb = max(self.peak_mb, pss(tree(self.roots)))

    def __enter__(self) -> "Watch":
        self._before = (cpu(tree(self.roots)), machine_busy(), own(), time.monotonic())
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        spent, busy, client, start = self._before
        self.wall_s = time.monotonic() - start
        self.cpu_s = cpu(tree(self.roots)) - spent
        others = machine_busy() - busy - self.cpu_s - (own() - client)
        self.foreign = max(0.0, others) / self.wall_s
        self._stop.set()
        self._thread.join()
