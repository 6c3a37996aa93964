"""Searches that a person keeps under a name. They are that person's alone: nobody else learns that there are any."""

from typing import Any, Literal, get_args

from peewee import IntegrityError

from pindeck import access, db, errors
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid, NotFound
from pindeck.models import SavedSearch, User
from pindeck.search import parse
from pindeck.services.actions import log
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.actions.verbs import verb
from pindeck.services.boards.boards import key_of
from pindeck.text import clean_text

KEPT = verb("search.keep", "Saved a search", is_private=True)
CHANGED = verb("search.change", "Changed a saved search", is_private=True)
REMOVED = verb("search.remove", "Removed a saved search", is_private=True)
KIND = "search"  # of steps, whose key is the id
MOST = 200
MAX_NAME, MAX_QUERY = 100, 500
NEWEST = "newest"
Order = Literal[
    "newest", "oldest", "fit", "likes", "name", "project", "random", "nearest", "type", "category", "genre", "shot", "style", "sref", "description", "credit",
    "tag_words", "views", "tags", "hue", "pixels", "size", "angle", "lens", "light", "light_from", "light_source", "time", "setting", "composition", "palette", "era", "medium",
]  # fmt: skip — those of `library/sorting.py`, which is above
SORTS: tuple[str, ...] = get_args(Order)
WORDS = ("name", "query", "sort")


def list_all(actor: Actor) -> list[SavedSearch]:
    """The actor's, by name. Raises NotSignedIn or Forbidden."""
    access.require(actor, "search.view")
    mine = SavedSearch.user_id == access.require_person(actor)
    return list(SavedSearch.select().where(mine).order_by(SavedSearch.name_key))


def known_to(actor: Actor) -> list[SavedSearch]:
    """The same for a page that anybody may open; empty for those who keep none."""
    return list_all(actor) if actor.user_id and access.can(actor, "search.view") else []


def find(actor: Actor, search_id: str, action: str = "search.view") -> SavedSearch:
    """Raises NotFound for one that is not the actor's."""
    access.require(actor, action)
    mine = (SavedSearch.id == search_id) & (SavedSearch.user_id == access.require_person(actor))
    return SavedSearch.get_or_none(mine) or _not_found()  # type: ignore[no-any-return]


def _not_found() -> Any:
    raise NotFound("There is no such search.", code="SEARCH_NOT_FOUND")


def keep(actor: Actor, *, name: object, query: object, sort: object = NEWEST) -> tuple[SavedSearch, str]:
    """A new one, and the id of the action. Raises Invalid naming each field at fault, and Conflict for too many."""
    access.require(actor, "search.keep")
    user_id, columns = access.require_person(actor), _checked({"name": name, "query": query, "sort": sort})

    def work() -> tuple[SavedSearch, str]:
        _lock(user_id)
        if SavedSearch.select().where(SavedSearch.user_id == user_id).count() >= MOST:
            raise Conflict(f"You have saved {MOST} searches, which is the most. Remove one first.", code="TOO_MANY")
        _check_free(user_id, columns["name"])
        now = db.now_ms()
        made = SavedSearch.create(
            id=db.new_id(), user_id=user_id, name_key=key_of(columns["name"]), created_at=now, updated_at=now, **columns
        )
        return made, log.record(actor, KEPT, [Step(KIND, "", None, state(made), made.id)], images=0)

    return db.retried(work)


def _lock(user_id: str) -> None:
    """Inside a transaction: two windows at once keep no more than there may be, and nothing under one name."""
    db.lock_rows(User.select(User.id).where(User.id == user_id))


def change(actor: Actor, search_id: str, **given: object) -> str | None:
    """Another `name`, `query` or `sort`; the id of the action, None where nothing changed.

    Raises NotFound, or Invalid naming each field at fault.
    """
    found = find(actor, search_id, "search.keep")
    columns = _checked(given)

    def work() -> str | None:
        _lock(found.user_id)
        row = db.locked(SavedSearch.select().where(SavedSearch.id == found.id)).get_or_none() or _not_found()
        before = state(row)
        if before == before | columns:
            return None
        if "name" in columns:
            _check_free(row.user_id, columns["name"], but=row.id)
        _write(row.id, before | columns)
        return log.record(actor, CHANGED, [Step(KIND, "", before, before | columns, row.id)], images=0)

    return db.retried(work)


def remove(actor: Actor, search_id: str) -> str:
    """The id of the action. Raises NotFound."""
    found = find(actor, search_id, "search.keep")

    def work() -> str:
        row = db.locked(SavedSearch.select().where(SavedSearch.id == found.id)).get_or_none() or _not_found()
        row.delete_instance()
        return log.record(actor, REMOVED, [Step(KIND, "", state(row), None, row.id)], images=0)

    return db.retried(work)


def state(row: SavedSearch) -> dict[str, Any]:
    """As a step keeps it."""
    return {name: getattr(row, name) for name in (*WORDS, "created_at")}


def _write(search_id: str, words: dict[str, Any]) -> None:
    columns = {**words, "name_key": key_of(words["name"]), "updated_at": db.now_ms()}
    SavedSearch.update(**columns).where(SavedSearch.id == search_id).execute()


def _checked(given: dict[str, object]) -> dict[str, Any]:
    return errors.checked(given, lambda field, value: _CHECKS[field](value))


def _name(value: object) -> str:
    return clean_text(value, field="name", max_length=MAX_NAME, required=True)


def _query(value: object) -> str:
    text = clean_text(value, field="query", max_length=MAX_QUERY, required=True)
    parsed = parse(text)
    if parsed.problems:
        raise _wrong("query", parsed.problems[0].says)
    if parsed.tree is None:
        raise _wrong("query", "This search has no word to look for.")
    return text


def _sort(value: object) -> str:
    if value in (None, ""):
        return NEWEST
    if value not in SORTS:
        raise _wrong("sort", f"Choose one of {', '.join(SORTS)}.")
    return str(value)


_CHECKS: dict[str, Any] = {"name": _name, "query": _query, "sort": _sort}


def _wrong(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, fields={field: sentence})


def _check_free(user_id: str, name: str, *, but: str = "") -> None:
    """The constraint of the table sees to it; this gives the sentence."""
    same = (SavedSearch.user_id == user_id) & (SavedSearch.name_key == key_of(name)) & (SavedSearch.id != but)
    if SavedSearch.select().where(same).exists():
        raise _wrong("name", "You have a saved search of this name already.")


def take_back(taking: Taking, steps: list[Step]) -> list[Left]:
    """The inverse of all three. Nobody takes back what another person keeps, administrators included."""
    if not access.can(taking.actor, "search.keep"):
        return [Left(step, "can no longer be changed by you") for step in steps]
    left = []
    for step in steps:
        mine = (SavedSearch.id == step.key) & (SavedSearch.user_id == taking.actor.user_id)
        row = db.locked(SavedSearch.select().where(mine)).get_or_none()
        if (state(row) if row else None) != step.after:
            left.append(Left(step, "has been changed since"))
        elif step.before is None:
            SavedSearch.delete().where(mine).execute()
        elif not _back(taking, step, is_there=row is not None):
            left.append(Left(step, "had a name that another search has now"))
    return left


def _back(taking: Taking, step: Step, *, is_there: bool) -> bool:
    try:
        with db.database.atomic():
            if is_there:
                _write(step.key, step.before)
            else:
                SavedSearch.insert(
                    id=step.key, user_id=taking.actor.user_id, name_key=key_of(step.before["name"]),
                    updated_at=taking.now, **step.before,
                ).execute()  # fmt: skip
    except IntegrityError:
        return False
    return True
