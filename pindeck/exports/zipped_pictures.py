"""A ZIP of pictures as a file that is kept: what is too large to be written while somebody waits for it."""

from collections.abc import Callable, Iterator
from typing import Any

from pindeck.access import Actor
from pindeck.exports import sources
from pindeck.exports.packing import Packed, zipped
from pindeck.services.library import archive
from pindeck.services.library.archive import Archive
from pindeck.services.library.choices import Choice


def found(actor: Actor, of: str, value: Any, options: dict[str, Any]) -> Archive:
    """What goes into it. Raises what `archive.of` raises."""
    size, folders = options["size"], options["folders"]
    if of == "q":
        return archive.of(actor, Choice(query=value, is_all=True), size, folders)
    if of == "ids":
        return archive.of(actor, Choice(ids=tuple(value)), size, folders)
    stills = sources.content_of(actor, of, value).stills  # type: ignore[arg-type]
    return archive.of_ids(actor, list(dict.fromkeys(still.id for still in stills)), size, folders)


def told(title: str, whole: Archive) -> dict[str, Any]:
    """All that it is made of: names, words and digests stand in its table."""
    return {"title": title, "manifest": whole.manifest.decode(), "left_out": whole.left_out}


def drawn(whole: Archive, progress: Callable[[float], None]) -> tuple[Iterator[bytes], list[str], bool]:
    """Its pieces, what is to be said of it, and whether a picture could not be read."""
    notes = [f"“{title}” could not be read and is not in this file." for title in whole.left_out]
    return _pieces(whole, progress), notes, bool(whole.left_out)


def _pieces(whole: Archive, progress: Callable[[float], None]) -> Iterator[bytes]:
    files = [Packed(entry.name, entry.read(), entry.size) for entry in whole.entries]
    files.append(Packed.of(archive.MANIFEST, whole.manifest, is_words=True))
    if whole.left_out:
        files.append(Packed.of(archive.NOTE, whole.note, is_words=True))
    done = 0
    for piece in zipped(files):
        done += len(piece)
        yield piece
        progress(min(1.0, done / max(1, whole.size)))
