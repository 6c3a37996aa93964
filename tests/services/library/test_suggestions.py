"""Suggestions for one field of many pictures: counted, and decided as one action that can be taken back."""

import pytest

from pindeck.access import VISITOR, Actor
from pindeck.errors import Forbidden, Invalid, NotFound, NotSignedIn
from pindeck.models import Action, FieldEvent, Image, Proposal
from pindeck.services.actions import log
from pindeck.services.images import ledger, undoing
from pindeck.services.library import suggestions
from pindeck.services.library.choices import Choice
from pindeck.states import ProposalState, Visibility
from tests.conftest import ChangeSettings, RunJobs, count_queries
from tests.factories import fresh, make_row
from tests.services.images.test_proposals import describe

ALL = Choice(is_all=True)
YES, NO = ProposalState.ACCEPTED, ProposalState.REFUSED


def suggested(actor: Actor, number: int, *, tags: list[str] | None = None, **columns: object) -> Image:
    """A picture with a suggestion for its title, its tags and, by another machine, none for the rest."""
    image = make_row(actor, title="x", tags=tags, **columns)
    ledger.edit(actor, image.id, "title", f"Typed {number}")
    ledger.edit(actor, image.id, "tags", ", ".join(["fog", *(tags or [])]))
    describe(image, title=f"Seen {number}", tags=["rain", "fog"], model=f"eye-{number % 2}")
    return image


def states() -> list[str]:
    return [row.state for row in Proposal.select().order_by(Proposal.id)]


def counts(actor: Actor, choice: Choice) -> dict[str, int]:
    return {each.name: each.count for each in suggestions.by_field(actor, choice)}


@pytest.mark.parametrize("part", [2, 250])
def test_all_of_a_field_are_accepted_as_one_action_and_taken_back(
    olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    images = [suggested(olga, n) for n in range(5)]
    monkeypatch.setattr(log, "PART", part)
    decided = suggestions.decide(olga, ALL, "title", YES)
    assert (decided.count, decided.is_running) == (5, part == 2)
    run_jobs()
    assert [fresh(image).title for image in images] == [f"Seen {n}" for n in range(5)]
    told = ledger.latest(images[1].id)["title"]
    assert (told.writer, told.user_id, told.program) == ("person", olga.user_id, "eye-1, prompt 3")
    assert counts(olga, ALL) == {"tags": 5}
    action = Action.get_by_id(decided.action_id)
    assert (action.done, action.detail["fields"], Action.select().where(Action.verb == "proposals.accept").count()) == (5, ["Title"], 1)
    undoing.undo(olga, str(decided.action_id))
    run_jobs()
    assert [fresh(image).title for image in images] == [f"Typed {n}" for n in range(5)]
    assert counts(olga, ALL) == {"title": 5, "tags": 5}


def test_many_answers_are_taken_back_with_as_many_statements_as_few(olga: Actor) -> None:
    counted = []
    for many in (2, 12):
        images = [suggested(olga, n) for n in range(many)]
        decided = suggestions.decide(olga, Choice(ids=tuple(image.id for image in images)), "title", NO)
        with count_queries() as statements:
            undoing.undo(olga, str(decided.action_id))
        assert Proposal.select().where((Proposal.field == "title") & (Proposal.state == "proposed")).count() == many
        counted.append(len(statements))
        Image.delete().execute()
    assert counted[0] == counted[1]


def test_tags_are_added_and_what_is_refused_does_not_come_back(olga: Actor, run_jobs: RunJobs) -> None:
    images = [suggested(olga, n, tags=["night"] if n else []) for n in range(3)]
    chosen = Choice(query="tag=night")
    assert counts(olga, chosen) == {"title": 2, "tags": 2}
    assert suggestions.decide(olga, chosen, "tags", YES).count == 2
    assert [ledger.tags_of(image.id) for image in images] == [["fog"], ["fog", "night", "rain"], ["fog", "night", "rain"]]
    refused = suggestions.decide(olga, Choice(ids=(images[0].id, images[1].id)), "title", NO)
    assert refused.count == 2 and [fresh(image).title for image in images] == ["Typed 0", "Typed 1", "Typed 2"]
    describe(images[0], title="Seen 0", model="eye-0")
    assert counts(olga, ALL) == {"title": 1, "tags": 1}
    assert suggestions.decide(olga, chosen, "tags", YES).action_id is None, "The second time nothing waits."
    undoing.undo(olga, str(refused.action_id))
    assert counts(olga, ALL) == {"title": 3, "tags": 1}


def test_who_may_and_what_is_no_choice(
    olga: Actor, sam: Actor, mo: Actor, gus: Actor, change_settings: ChangeSettings
) -> None:
    change_settings(metadata_edit_policy="owner_only")
    mine = suggested(olga, 1)
    hidden = suggested(olga, 2, visibility=Visibility.PRIVATE)
    for actor, image, error in (
        (VISITOR, mine, NotSignedIn), (gus, mine, Forbidden), (sam, mine, Forbidden), (sam, hidden, NotFound),
    ):  # fmt: skip
        with pytest.raises(error):
            suggestions.decide(actor, Choice(ids=(image.id,)), "title", YES)
    assert counts(sam, ALL) == {} and suggestions.decide(sam, ALL, "title", YES).count == 0
    for choice, name in ((Choice(), "title"), (ALL, "likes"), (Choice(query="hue=1"), "title")):
        with pytest.raises(Invalid):
            suggestions.decide(olga, choice, name, YES)
    assert set(states()) == {ProposalState.PROPOSED}
    change_settings(metadata_edit_policy="any_user")
    assert counts(sam, ALL) == {"title": 1, "tags": 1} and counts(mo, ALL) == {"title": 2, "tags": 2}
    assert suggestions.decide(sam, ALL, "title", YES).count == 1
    assert fresh(mine).title == "Seen 1" and fresh(hidden).title == "Typed 2"


def test_a_decision_asks_as_many_statements_for_two_as_for_nine(olga: Actor) -> None:
    seen = []
    for count in (2, 9):
        for number in range(count):
            suggested(olga, number)
        with count_queries() as listed:
            (title, tags) = suggestions.by_field(olga, ALL)
        with count_queries() as decided:
            suggestions.decide(olga, ALL, "title", YES)
        suggestions.decide(olga, ALL, "tags", NO)
        assert title.count == count and {each.text for each in tags.examples} == {"rain"}
        seen.append((len(listed), len(decided)))
    assert seen[0] == seen[1] and seen[0][0] == 3
    assert FieldEvent.select().where(FieldEvent.program.is_null(False) & (FieldEvent.writer == "person")).count() == 11
