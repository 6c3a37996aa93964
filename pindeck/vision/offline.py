"""Without a provider: the file's name, and no claim to have seen the picture. Its colours are read where it is stored."""

from pindeck.text import name_of_file
from pindeck.vision.base import Analysis, Subject

BACKEND = "offline"


class OfflineDescriber:
    """Deterministic: the same file gives the same title. It writes no tags and no category: whoever wants none of a
    machine's words would have to clean them away."""

    is_at_hand = True

    def describe(self, subject: Subject) -> Analysis:
        return Analysis(backend=BACKEND, title=name_of_file(subject.filename) or None)
