"""Words that came with a picture and that nobody chose: a machine may replace them as if there were none."""

from pathlib import PurePath

from pindeck.models import FieldEvent, Image
from pindeck.states import WriterKind
from pindeck.text import name_of_file
from pindeck.vocabulary import SYSTEM_TAGS

BY_DISCORD = "discord import"


def counts_as_nothing(image: Image, event: FieldEvent) -> bool:
    """Whether the last event of a field wrote a default: the name of the file as the title, or an import's own tags alone.

    What a person cleared is no default: that field is to stay empty.
    """
    if event.field == "title":
        return _is_default_title(image.original_filename, str(event.new or ""))
    if event.field == "tags":
        return event.writer == WriterKind.IMPORT and not set(event.new or ()) - SYSTEM_TAGS
    return False


def is_default_title(image: Image) -> bool:
    return _is_default_title(image.original_filename, image.title)


def _is_default_title(filename: str, title: str) -> bool:
    if title.casefold().startswith(BY_DISCORD) or (title and title == name_of_file(filename)):
        return True
    plain = _plain(title)
    return bool(plain) and plain in (_plain(filename), _plain(PurePath(filename).stem))


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
