"""The shot list: a row for each shot, as tables of other programs read it."""

import csv
import io

from pindeck.exports.content import Content
from pindeck.services.boards.storyboards import shots

HEAD = ("Frame", "Shot", "Number", "Size", "Lens", "Movement", "Action", "Dialogue", "Duration", "Seconds", "Title", "File", "Credit", "Rights")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def drawn(content: Content) -> bytes:
    """CSV in UTF-8 with the mark by which tables know it. No cell is taken for a formula."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(HEAD)
    for part in content.parts:
        for number, shot in enumerate(part.shots, 1):
            still, length = shot.still, shot.duration_ms
            told = (shot.number, shot.size, shot.lens, shot.movement, shot.action, shot.dialogue)
            words = (still.title, still.file, still.credit, still.rights or "") if still else ("", "", "", "")
            seconds = f"{length / 1000:g}" if length else ""
            row = (part.name, str(number), *told, shots.written(length) if length else "", seconds, *words)
            table.writerow([_plain(each) for each in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
