"""What an action is called: each name is declared once, with its words, beside the code that does it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verb:
    """`words` begin the line that people read; `{field}` in them stands for the fields that were written.

    Only the person who did it knows of an action that is private: administrators do not see it.
    """

    name: str
    words: str
    is_private: bool = False


_declared: dict[str, Verb] = {}


def verb(name: str, words: str, *, is_private: bool = False) -> Verb:
    """Declare the name of an action. Raises ValueError for one that is taken: a mistake."""
    if name in _declared:
        raise ValueError(f"{name} is declared twice")
    _declared[name] = Verb(name, words, is_private)
    return _declared[name]


def words_of(name: str) -> str:
    """The words of an action in the log; its name for one that an earlier version wrote."""
    return _declared[name].words if name in _declared else name


def private() -> list[str]:
    """The names of all that are private."""
    return [each.name for each in _declared.values() if each.is_private]
