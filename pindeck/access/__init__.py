"""Who may do what, and who sees which rows: every rule and every condition stands here and nowhere else.

It may use the tables, the settings and the database below it, and knows nothing of requests, pages or services.
"""

from pindeck.access.actor import VISITOR, Actor, Asker
from pindeck.access.boards import boards_named, boards_of, own_boards
from pindeck.access.conditions import NEVER, Condition, Filled
from pindeck.access.decks import decks_of
from pindeck.access.files import exports_of, files_of
from pindeck.access.images import (
    DRAFT,
    HAS_BYTES,
    HELD,
    LISTED,
    LIVE,
    NOT_HELD,
    PENDING,
    SHOWN,
    STORED,
    WITHOUT_BYTES,
    browsed,
    browsed_in,
    described_by,
    drafts_of,
    edited_by,
    found_by,
    hung,
    managed,
    owned_by,
    seen,
    shown_by,
    trash_of,
    trashed_by,
    waiting_for,
)
from pindeck.access.loading import find_image, image_for, is_seen, sees
from pindeck.access.projects import projects_named
from pindeck.access.rules import RULES, Rule, can, has_scope, require, require_person
from pindeck.access.sources import sources_of

__all__ = [
    "DRAFT",
    "HAS_BYTES",
    "HELD",
    "LISTED",
    "LIVE",
    "NEVER",
    "NOT_HELD",
    "PENDING",
    "RULES",
    "SHOWN",
    "STORED",
    "VISITOR",
    "WITHOUT_BYTES",
    "Actor",
    "Asker",
    "Condition",
    "Filled",
    "Rule",
    "boards_named",
    "boards_of",
    "browsed",
    "browsed_in",
    "can",
    "decks_of",
    "described_by",
    "drafts_of",
    "edited_by",
    "exports_of",
    "files_of",
    "find_image",
    "found_by",
    "has_scope",
    "hung",
    "image_for",
    "is_seen",
    "managed",
    "own_boards",
    "owned_by",
    "projects_named",
    "require",
    "require_person",
    "seen",
    "sees",
    "shown_by",
    "sources_of",
    "trash_of",
    "trashed_by",
    "waiting_for",
]
