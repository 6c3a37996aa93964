"""Pictures that are the same, group by group: the best one stays and the others are merged into it, or they are not the same."""

from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.http.auth import access_to
from pindeck.services.images import image_urls, parting, project_words, uniting
from pindeck.web.actions import undo_url
from pindeck.web.params import clean_query
from pindeck.web.rendering import back, done, show

bp = Blueprint("duplicates", __name__, url_prefix="/duplicates")


@bp.get("")
@access_to("twins.view")
def index() -> ResponseReturnValue:
    from pindeck.services.library import duplicates

    after = clean_query(request.args.get("after", "")) or None
    groups, more = duplicates.list_groups(g.actor, after=after)
    pictures = [copy.image for group in groups for copy in group.copies]
    context: dict[str, Any] = {
        "groups": groups,
        "small": image_urls.small_of(pictures),
        "is_first": after is None,
        "here_url": url_for(".index", after=after),
        "next_url": url_for(".index", after=more) if more else None,
    }
    return show("duplicates/page.html", "duplicates/_groups.html", **context)


@bp.post("/<group_id>/merge")
@access_to("library.change")
def merge(group_id: str) -> ResponseReturnValue:
    keep = clean_query(request.form.get("keep", ""))
    ids = [image_id for image_id in request.form.getlist("ids") if image_id != keep]
    merged = uniting.merge(g.actor, keep, ids)
    count = len(ids)
    told = f"{count} {'copy was' if count == 1 else 'copies were'} merged into “{merged.image.title}”."
    if merged.lost:
        told += f" {project_words.told(merged.lost)}"
    return _left(group_id, told, merged.action_id)


@bp.post("/<group_id>/part")
@access_to("twins.part")
def part(group_id: str) -> ResponseReturnValue:
    ids = request.form.getlist("ids")
    action_id = parting.part(g.actor, group_id, ids)
    return _left(group_id, "They are remembered as different pictures.", action_id)


def _left(group_id: str, told: str, action_id: str) -> ResponseReturnValue:
    """What is left of the group takes its place; nothing does where it is none any more."""
    from pindeck.services.library import duplicates

    group = duplicates.find(g.actor, group_id)
    small = image_urls.small_of([copy.image for copy in group.copies]) if group else {}
    fragment = "duplicates/_group.html" if group else None
    return done(fragment, back_to=back(url_for(".index")), toast=told, undo=undo_url(action_id), group=group, small=small)
