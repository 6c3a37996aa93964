"""The shot list: a row for each shot, as tables of other programs read it."""

from pindeck.exports.content import Content
from pindeck.services.boards.storyboards import shots
from pindeck.text import table_of

HEAD = ("Frame", "Shot", "Number", "Size", "Lens", "Movement", "Action", "Dialogue", "Duration", "Seconds", "Title", "File", "Credit", "Rights")


def drawn(content: Content) -> bytes:
    """As CSV."""
    rows: list[tuple[str, ...]] = [HEAD]
    for part in content.parts:
        for number, shot in enumerate(part.shots, 1):
            still, length = shot.still, shot.duration_ms
            told = (shot.number, shot.size, shot.lens, shot.movement, shot.action, shot.dialogue)
            words = (still.title, still.file, still.credit, still.rights or "") if still else ("", "", "", "")
            seconds = f"{length / 1000:g}" if length else ""
            rows.append((part.name, str(number), *told, shots.written(length) if length else "", seconds, *words))
    return table_of(rows)
