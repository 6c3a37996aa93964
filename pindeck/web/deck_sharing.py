"""Who sees a deck: the people who edit it, and whoever has its public link."""

from typing import Any

from flask import Blueprint, g, make_response, request, url_for
from flask.typing import ResponseReturnValue

from pindeck import access
from pindeck.errors import Invalid
from pindeck.http import urls
from pindeck.http.auth import access_to
from pindeck.web.decks import changed, page_of
from pindeck.web.rendering import go

bp = Blueprint("deck_sharing", __name__, url_prefix="/decks")


def panel_of(deck: Any) -> dict[str, Any]:
    """What the panels of people and link need."""
    from pindeck.models import User
    from pindeck.services.boards.decks import people, sharing

    shares = access.can(g.actor, "deck.share", deck)
    return {
        "shares": shares,
        "owner": User.get_by_id(deck.user_id).display_name,
        "people": people.of_deck(deck.id),
        "offered": people.offered(deck) if shares else [],
        "hidden": sharing.count_hidden(deck) if shares else 0,
        "address": None,
        "manages": False,
    }


@bp.post("/<deck_id>/people")
@access_to("deck.edit")
def add_person(deck_id: str) -> ResponseReturnValue:
    from pindeck.services.boards.decks import people

    try:
        action_id = people.add(g.actor, deck_id, request.form.get("person", ""))
    except Invalid as error:
        return page_of(deck_id, 422, errors=error.fields, manages=True)
    return changed(deck_id, "They can edit this deck now.", action_id, manages=True)


@bp.post("/<deck_id>/people/<user_id>/remove")
@access_to("deck.edit")
def remove_person(deck_id: str, user_id: str) -> ResponseReturnValue:
    from pindeck.services.boards.decks import people

    action_id = people.remove(g.actor, deck_id, user_id)
    if user_id == g.actor.user_id and not g.actor.is_admin:
        return go(url_for("decks.index"))
    return changed(deck_id, "They no longer edit this deck.", action_id, manages=True)


@bp.post("/<deck_id>/share")
@access_to("deck.edit")
def share(deck_id: str) -> ResponseReturnValue:
    """The address is shown in this answer and nowhere else."""
    from pindeck.services.boards.decks import sharing

    token, _ = sharing.share(g.actor, deck_id)
    response = make_response(page_of(deck_id, address=urls.absolute(url_for("shares.index", token=token)), manages=True))
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/<deck_id>/revoke")
@access_to("deck.edit")
def revoke(deck_id: str) -> ResponseReturnValue:
    from pindeck.services.boards.decks import sharing

    return changed(deck_id, "The link no longer works.", sharing.revoke(g.actor, deck_id), manages=True)
