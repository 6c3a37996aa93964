"""The words of an image under the names that programs use (source 000), checked and ready for the ledger."""

from collections.abc import Mapping
from typing import Any

from pindeck.access import Actor
from pindeck.errors import Forbidden, Invalid
from pindeck.models import Project
from pindeck.services import projects
from pindeck.services.colours import is_colour
from pindeck.services.fields import Value, spec_of
from pindeck.text import clean_text

MAX_COLOURS = 10
MAX_URL = 2000

# Outside name -> field of the ledger.
NAMES = {
    "title": "title", "description": "description", "tags": "tags", "category": "category", "group": "group",
    "genre": "genre", "shot": "shot", "style": "style", "projectName": "project", "moodboardName": "moodboard",
    "uniqueId": "unique_tag", "sref": "sref", "source": "source",
}  # fmt: skip


def words_of(actor: Actor, given: Mapping[str, Any]) -> dict[str, Value]:
    """The fields among what was given, cleaned. None empties a field; what is not given is not among them.

    Raises Invalid under the outside name, Forbidden for a project beyond the wall of the actor's key.
    """
    words: dict[str, Value] = {}
    for outside, name in NAMES.items():
        if outside in given:
            words[name] = _cleaned(outside, name, given[outside])
    if "project" in words:
        check_wall(actor, words["project"])
    return words


def _cleaned(outside: str, name: str, raw: object) -> Value:
    if outside == "title" and not clean_text(raw if raw is not None else "", field="title", max_length=200):
        raise Invalid("title: This cannot be empty.", fields={"title": "This cannot be empty."})
    try:
        return spec_of(name).clean(raw)
    except Invalid as error:
        sentence = next(iter(error.fields.values()), error.message)
        raise Invalid(f"{outside}: {sentence}", fields={outside: sentence}) from error


def check_wall(actor: Actor, project: Value) -> None:
    """Raises Forbidden when the key of one project names another one."""
    if actor.project_id is None:
        return
    own = Project.get_by_id(actor.project_id)
    named = projects.name_key(str(project)) if project else ""
    if named != own.name_key and not (own.is_default and not named):
        raise Forbidden("This key works in its own project only.")


def colours_of(raw: list[str]) -> list[str]:
    """A palette as it is kept. Raises Invalid for more than ten colours or one that is not `#rrggbb`."""
    found = list(dict.fromkeys(code.lower() for code in raw))
    sentence = None
    if len(raw) > MAX_COLOURS:
        sentence = f"That are {len(raw)} colours; the most is {MAX_COLOURS}."
    elif not all(map(is_colour, found)):
        sentence = "Each colour is written as #rrggbb."
    if sentence:
        raise Invalid(f"colors: {sentence}", fields={"colors": sentence})
    return found


def address_of(raw: str, field: str) -> str:
    """An address of the web as it was given, without outer space. Raises Invalid naming the field.

    Only its form is looked at: nothing is asked, and the fetcher judges where it leads.
    """
    from pindeck.fetching import FetchRefused, urls

    address = clean_text(raw, field=field, max_length=MAX_URL, required=True)
    try:
        urls.parse(address)
    except FetchRefused as error:
        raise Invalid(f"{field}: {error.message}", fields={field: error.message}) from error
    return address
