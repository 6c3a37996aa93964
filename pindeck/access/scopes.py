"""What a key can be allowed to do: the scopes there are, and which of them each kind of client may hold."""

from collections.abc import Iterable

IMAGE_SCOPES = ("images:read", "images:write", "images:delete", "images:delete_any")
SCOPES = (
    *IMAGE_SCOPES, "storage:read", "storage:write", "flows:write", "generate", "boards:read", "boards:write",
    "decks:read", "decks:write",
    "exports:read", "exports:write",
    "sources:read", "sources:write", "actions:undo", "ingest", "moderate", "admin",
)  # fmt: skip

# What a person reads of them, after “may”.
WORDS = {
    "images:read": "see pictures",
    "images:write": "add and change pictures",
    "images:delete": "delete pictures it added",
    "images:delete_any": "delete any picture",
    "storage:read": "read files",
    "storage:write": "add and delete files",
    "flows:write": "make and delete flows",
    "generate": "make variations",
    "boards:read": "see boards",
    "boards:write": "make and change boards",
    "decks:read": "see decks",
    "decks:write": "make and change decks",
    "exports:read": "see and download exports",
    "exports:write": "make and delete exports",
    "sources:read": "see sources",
    "sources:write": "add, change and run sources",
    "actions:undo": "take back what its person did",
    "ingest": "bring in pictures for its person",
    "moderate": "decide about pictures that wait, for its person",
    "admin": "make projects, programs and keys",
}

# What a client of each kind may hold at all: an extension works on pictures, and only a master key makes projects,
# clients and keys. `images` is short for all four, so a project may hold `images:delete_any`.
ALLOWED_SCOPES: dict[str, tuple[str, ...]] = {
    "master": SCOPES,
    "project": tuple(scope for scope in SCOPES if scope != "admin"),
    "extension": IMAGE_SCOPES,
}
# What the key of a project holds only where somebody says so.
_WHEN_NAMED = ("admin", "images:delete_any", "sources:read", "sources:write", "actions:undo", "ingest", "moderate")
# What a client holds when nobody chooses.
DEFAULT_SCOPES: dict[str, tuple[str, ...]] = {
    "master": SCOPES,
    "project": tuple(scope for scope in SCOPES if scope not in _WHEN_NAMED),
    "extension": IMAGE_SCOPES,
}


def in_words(scopes: Iterable[str]) -> str:
    """`see pictures, add and change pictures`; `nothing` without any."""
    return ", ".join(WORDS[scope] for scope in scopes) or "nothing"


def effective_scopes(kind: str, scopes: Iterable[str]) -> list[str]:
    """Those that count. A row may hold more than its kind may, from a time when nobody looked.

    Who may delete any image may delete: one scope without the other would open nothing.
    """
    counted = [scope for scope in scopes if scope in ALLOWED_SCOPES[kind]]
    if "images:delete_any" in counted and "images:delete" not in counted:
        counted.append("images:delete")
    return counted
