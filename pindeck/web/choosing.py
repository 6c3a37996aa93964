"""Choosing pictures of the gallery and doing something with all of them: the bar, its acts, and the wall without scripts."""

from dataclasses import replace

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from pindeck.http.auth import access_to
from pindeck.services.library import choosing, filters, gallery
from pindeck.services.library.choices import COUNTED, Choice
from pindeck.web.actions import runs, undo_url
from pindeck.web.filtering import FilterBar
from pindeck.web.params import clean_query, query_of_gallery
from pindeck.web.rendering import back, done, show
from pindeck.web.views import tiles_of

bp = Blueprint("choosing", __name__, url_prefix="/choose")


@bp.get("")
@access_to("account")
def index() -> ResponseReturnValue:
    """The bar for a wall that can choose by itself; without scripts the wall with check boxes."""
    from pindeck.services.library import archive

    bar = FilterBar.read(url_for(".index"), filters.OF_GALLERY, request.args, g.actor)
    after = clean_query(request.args.get("after", "")) or None
    text = bar.address().partition("?")[2]
    page = gallery.list_page(g.actor, bar.wanted, after=after)
    count = choosing.count(g.actor, text)
    return show(
        "choosing/page.html",
        "choosing/_bar.html",
        tiles=tiles_of(page),
        next_url=bar.address(after=page.next_after) if page.next_after else None,
        query=text,
        count=f"{COUNTED:,}+" if count > COUNTED else f"{count:,}",
        home=replace(bar, home=url_for("gallery.index")).address(),
        sizes=archive.SIZES,
    )


def _choice() -> Choice:
    """All that the query finds, or what is chosen by its ids."""
    if request.form.get("all") == "1":
        return Choice(query=query_of_gallery(), is_all=True)
    return Choice(ids=tuple(each for text in request.form.getlist("ids") for each in text.split()))


@bp.post("/trash")
@access_to("account")
def trash() -> ResponseReturnValue:
    choice, back_to = _choice(), back(url_for("gallery.index"))
    removed = choosing.remove(g.actor, choice)
    if removed.runs_as:
        return runs(removed.runs_as, back_to=back_to)
    return done(
        "choosing/_gone.html",
        back_to=back_to,
        toast=_told(removed),
        undo=undo_url(removed.action_id),
        swaps_itself=True,
        gone=removed.ids,
    )


def _told(removed: choosing.Removed) -> str:
    one = len(removed.ids) == 1
    told = f"{len(removed.ids)} {'picture is' if one else 'pictures are'} in the trash." if removed.ids else ""
    left = f"{removed.skipped} stayed: you can only delete pictures that you uploaded." if removed.skipped else ""
    return " ".join(part for part in (told, left) if part) or "Nothing was changed."


@bp.post("/palette")
@access_to("account")
def palette() -> ResponseReturnValue:
    from pindeck.services.library import bulk

    back_to = back(url_for("gallery.index"))
    read = bulk.read_palettes(g.actor, _choice())
    if read.runs and read.action_id:
        return runs(read.action_id, back_to=back_to)
    told = "The palettes are as they were measured." if read.action_id else "Nothing was changed."
    return done(None, back_to=back_to, toast=told, undo=undo_url(read.action_id), swaps_itself=True, changes_page=bool(read.action_id))


@bp.post("/download")
@access_to("account")
def download() -> ResponseReturnValue:
    from pindeck.http.zipping import send_zip
    from pindeck.services.library import archive

    size, folders, choice = request.form.get("size", archive.ORIGINAL), request.form.get("folders", ""), _choice()
    found = archive.of(g.actor, choice, size, folders)
    if found.size > archive.MOST_STREAMED:
        return _prepared(choice, size, folders)
    name = f"Pindeck pictures{'' if size == archive.ORIGINAL else f' {size}'}.zip"
    return send_zip(found, name, connection=request.environ.get("gunicorn.socket"))


def _prepared(choice: Choice, size: str, folders: str) -> ResponseReturnValue:
    """A large one is an export: a job makes it, and its page tells how far it is."""
    from pindeck.exports import asking, requests

    of = {"q": choice.query} if choice.is_all else {"ids": list(choice.ids)}
    made = requests.ask(g.actor, asking.checked(of, "zip", size=size, folders=folders))
    toast = "These pictures are more than 500 MB, so their ZIP is prepared first."
    return done(None, back_to=url_for("exports.page", export_id=made.id), toast=toast)
