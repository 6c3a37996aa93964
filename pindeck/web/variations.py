"""Ordering variations of a picture, its lineage, and comparing two pictures."""

from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from pindeck import config
from pindeck.http.auth import access_to, public
from pindeck.services.images import detail as images
from pindeck.services.images.variations import lineage, ordering
from pindeck.services.images.variations.ordering import Wish
from pindeck.varying import modes
from pindeck.web.rendering import done, show, wants_fragment

bp = Blueprint("variations", __name__, url_prefix="/images")


def _page_of(image_id: str) -> str:
    return url_for("images.index", image_id=image_id)


def _in_drawer() -> bool:
    return request.values.get("drawer") is not None


def _asked() -> Wish:
    """What the form, or its preview, says."""
    sent = request.values
    return Wish(
        count=sent.get("count", 1, type=int),
        mode=sent.get("mode"),
        detail=sent.get("detail"),
        aspect=sent.get("aspect"),
        resolution=sent.get("resolution"),
    )


def _form(image_id: str, wish: Wish | None = None) -> ResponseReturnValue:
    """The form: with what was sent, or as it was filled in for this picture the last time."""
    last = lineage.last_wish(g.actor, image_id)
    chosen = wish or Wish(
        last.get("count", modes.COUNTS[2]), last.get("mode"), last.get("detail"), last.get("aspect"), last.get("resolution")
    )
    detail = images.get_detail(g.actor, image_id)
    return show(
        "images/vary.html",
        "images/_vary.html",
        image=detail.image,
        urls=detail.urls,
        wish=chosen,
        in_drawer=_in_drawer(),
        mode=modes.mode_of(chosen.mode),
        aspect=modes.aspect_of(chosen.aspect),
        modes=modes,
        is_off=config.current().generator == "off",
        backend=config.current().generator,
        **_told(image_id, chosen),
    )


def _told(image_id: str, wish: Wish) -> dict[str, Any]:
    return {"prompts": ordering.prompts_for(g.actor, image_id, wish), "cost": ordering.price_of(wish)}


@bp.get("/<image_id>/vary")
@access_to("account")
def form(image_id: str) -> ResponseReturnValue:
    return _form(image_id)


@bp.get("/<image_id>/vary/prompts")
@access_to("account")
def prompts(image_id: str) -> ResponseReturnValue:
    return render_template("images/_prompts.html", is_anew=True, **_told(image_id, _asked()))


@bp.post("/<image_id>/vary")
@access_to("account")
def order(image_id: str) -> ResponseReturnValue:
    if request.form.get("preview"):
        return _form(image_id, _asked())
    _, made = ordering.order(g.actor, image_id, _asked())
    many = "One variation is" if len(made) == 1 else f"{len(made)} variations are"
    if not wants_fragment():
        return done(None, back_to=_page_of(image_id), toast=f"{many} being made.")
    return done(
        "images/_ordered.html", back_to=_page_of(image_id), toast=f"{many} being made.", image_id=image_id,
        lineage=lineage.of(g.actor, image_id), in_drawer=_in_drawer(),
    )  # fmt: skip


@bp.get("/<image_id>/lineage")
@public
def strip(image_id: str) -> ResponseReturnValue:
    return render_template("images/_lineage.html", image_id=image_id, lineage=lineage.of(g.actor, image_id), in_drawer=_in_drawer())


@bp.get("/<image_id>/compare/<other_id>")
@public
def compare(image_id: str, other_id: str) -> ResponseReturnValue:
    pair = [images.get_detail(g.actor, each) for each in (image_id, other_id)]
    return render_template("images/compare.html", pair=pair)
