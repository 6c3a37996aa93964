"""Words that are no terms, over the API: for administrators and master keys."""

from typing import Any

import pytest

from pindeck.access import Actor
from pindeck.models import VocabularyTerm
from pindeck.services.images import ledger, vocabulary
from pindeck.states import TermState
from tests.conftest import ClientFor
from tests.factories import make_row
from tests.programs import Program, ProgramFor, new_key, refused

WORDS = "/api/v1/vocabulary"


@pytest.fixture
def master(program_for: ProgramFor, mo: Actor) -> Program:
    return program_for(new_key("master"))


def test_the_words_are_told_with_what_was_decided(master: Program, olga: Actor, mo: Actor) -> None:
    image = make_row(olga)
    ledger.edit(olga, image.id, "light_source", "fireflies, glow stick")
    ledger.edit(olga, image.id, "genre", "Giallo")
    row = VocabularyTerm.get(VocabularyTerm.spelling == "fireflies")
    vocabulary.decide(mo, row.id, TermState.MERGED, means="practical")
    told = master.get(WORDS).json["data"]
    assert [(word["field"], word["spelling"], word["state"], word.get("term")) for word in sorted(told, key=lambda w: w["spelling"])] == [
        ("genre", "Giallo", "proposed", None), ("lightSource", "fireflies", "merged", "Practicals"),
        ("lightSource", "glow stick", "proposed", None),
    ]  # fmt: skip
    assert [word["id"] for word in master.get(f"{WORDS}?state=merged").json["data"]] == [row.id]
    seen: list[dict[str, Any]] = []
    page: Any = {"nextCursor": ""}
    while page["nextCursor"] is not None:
        page = master.get(f"{WORDS}?limit=1&cursor={page['nextCursor']}".rstrip("=").removesuffix("&cursor")).json
        seen += page["data"]
    assert seen == told


def test_wrong_asks_are_named(master: Program) -> None:
    assert refused(master.get(f"{WORDS}?state=maybe"), 400, "VALIDATION_ERROR").keys() == {"state"}
    assert refused(master.get(f"{WORDS}?cursor=x"), 400, "VALIDATION_ERROR").keys() == {"cursor"}


def test_it_is_for_administrators(client_for: ClientFor, program_for: ProgramFor, olga: Actor, mo: Actor) -> None:
    assert client_for(mo).get(WORDS).status_code == 200
    assert client_for(olga).get(WORDS).status_code == 403 and client_for(None).get(WORDS).status_code == 401
    assert program_for(new_key(project="Blade")).get(WORDS).status_code == 403
