"""Pictures of strangers, read and drawn outside of the process that asks: it cannot be made to take memory or time.

A helper process (helper.py) forks a child for each picture, limited in both. It is started when the first
picture comes, ends with this process, and is started again if it was killed. Two pictures are read at once, others
wait for a while. A process that is limited itself, such as a job of the worker, does the same work in place.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, BinaryIO

from pindeck import config
from pindeck.imaging import courier, slots, structure
from pindeck.imaging.errors import CUT_OFF, DAMAGED, TOO_LARGE, BadImage, NotAPicture
from pindeck.imaging.framing import Frame
from pindeck.imaging.presets import Preset
from pindeck.imaging.results import Drawn, Probe, Rendition

_in_place = False


def work_in_place(is_limited: bool) -> None:
    """Say whether this process is limited itself, so that it needs no child."""
    global _in_place
    _in_place = is_limited


def check_upload(file: BinaryIO, *, max_megapixels: int, wait_s: float = slots.WAIT_S) -> Probe:
    """Is `file` a whole picture of an accepted kind and size? Raises BadImage, or Busy when it is not known now."""
    if _in_place:
        from pindeck.imaging import probe

        return probe.check_upload(file, max_megapixels=max_megapixels)
    outline = structure.outline(file, max_megapixels=max_megapixels)
    # A JPEG is looked at in an eighth of its size, unless it has to be kept whole until its last pass.
    memory = outline.memory if outline.bytes_per_pixel > structure.PLAIN else outline.memory // 64
    return Probe(**_ask(file, "check", memory, wait_s, max_megapixels=max_megapixels)[0])


def draw(
    file: BinaryIO,
    frame: Frame,
    form: str,
    *,
    max_megapixels: int,
    webp_method: int = 4,
    wait_s: float = slots.WAIT_S,
) -> Drawn:
    """The frame of a stored picture; see `crops.draw`. Raises BadImage, or Busy."""
    if _in_place:
        from pindeck.imaging import crops

        return crops.draw(file, frame, form, max_megapixels=max_megapixels, webp_method=webp_method)
    outline = structure.outline(file, max_megapixels=max_megapixels)
    told, data = _ask(
        file, "draw", outline.memory, wait_s,
        frame=asdict(frame), form=form, max_megapixels=max_megapixels, webp_method=webp_method,
    )  # fmt: skip
    return Drawn(data=data, **told)


def make(
    file: BinaryIO, preset: Preset, *, max_megapixels: int, webp_method: int = 4, wait_s: float = slots.WAIT_S
) -> Rendition:
    """One size of a stored picture; see `derivatives.make`. Raises BadImage, or Busy."""
    if _in_place:
        from pindeck.imaging import derivatives

        return derivatives.make(file, preset, max_megapixels=max_megapixels, webp_method=webp_method)
    outline = structure.outline(file, max_megapixels=max_megapixels)
    told, data = _ask(
        file, "make", outline.memory, wait_s, preset.alone,
        preset=preset.name, max_megapixels=max_megapixels, webp_method=webp_method,
    )  # fmt: skip
    return Rendition(data=data, **told)


def from_rendition(
    data: bytes, preset: Preset, *, width: int, height: int, webp_method: int = 4, wait_s: float = slots.WAIT_S
) -> Rendition:
    """A further size from a stored, larger one; see `derivatives.from_rendition`. Raises BadImage, or Busy."""
    if _in_place:
        from pindeck.imaging import derivatives

        return derivatives.from_rendition(data, preset, width=width, height=height, webp_method=webp_method)
    with tempfile.TemporaryFile() as file:
        file.write(data)
        told, made = _ask(
            file, "from_rendition", 0, wait_s, preset=preset.name, width=width, height=height, webp_method=webp_method
        )
    return Rendition(data=made, **told)


# Asking


def _ask(
    file: BinaryIO, deed: str, memory: int, wait_s: float, alone: bool = False, **options: Any
) -> tuple[dict[str, Any], bytes]:
    """What a child answers, and the bytes behind it. Raises BadImage, Busy, or the OSError of the disk."""
    task, memory_mb = json.dumps({"deed": deed, **options}).encode(), config.current().job_memory_mb
    with slots.turn(memory, alone=alone, wait_s=wait_s), _on_disk(file) as picture:
        try:
            said, data = courier.exchange(picture, task, memory_mb)
        except courier.HelperGone:  # whoever killed it; the next one may live
            said, data = courier.exchange(picture, task, memory_mb)
    if "errno" in said:
        raise OSError(said["errno"], said["strerror"])
    if "refused" in said:
        if said["refused"] in (CUT_OFF, DAMAGED) and memory > memory_mb * 1024 * 1024:
            raise BadImage(TOO_LARGE)  # some decoders do not tell that they had no memory
        raise (NotAPicture if said["kind"] == "NotAPicture" else BadImage)(said["refused"])
    return said["done"], data


@contextmanager
def _on_disk(file: BinaryIO) -> Iterator[int]:
    """A descriptor of the file for another process; a copy where it lies in memory."""
    try:
        number = file.fileno()
    except OSError:
        with tempfile.TemporaryFile() as copy:
            file.seek(0)
            shutil.copyfileobj(file, copy, 256 * 1024)
            copy.flush()
            yield copy.fileno()
        return
    file.flush()
    yield number
