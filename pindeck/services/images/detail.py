"""One image as its drawer shows it; likes and views."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace

from peewee import IntegrityError

from pindeck import access, db, terms
from pindeck.access import Actor
from pindeck.db import dialect
from pindeck.errors import Conflict, Invalid
from pindeck.models import FieldEvent, Image, Like, User, Viewing
from pindeck.services.blobs import blobs
from pindeck.services.clients import idempotency
from pindeck.services.images import (
    authors,
    costs,
    image_urls,
    in_use,
    ledger,
    new_terms,
    project_words,
    projects,
    proposals,
)
from pindeck.services.images.fields import FIELDS, Value, clean_tags, spec_of
from pindeck.services.images.image_urls import Urls
from pindeck.services.images.proposals import ProposalView
from pindeck.vocabulary import HIDDEN_TAGS


@dataclass(frozen=True)
class FieldView:
    """A field as its editor shows it. `based_on` is the last event shown: the basis of the next edit.

    `by` says who wrote the value, and what that cost; `proposal` is what a machine suggests instead, for those who may
    accept it, and `suggested_by` the same of that.
    """

    name: str
    label: str
    kind: str
    value: Value
    options: list[str]
    placeholder: str
    based_on: int
    writer: str | None
    editable: bool
    by: str = ""
    proposal: ProposalView | None = None
    suggested_by: str = ""
    error: str | None = None
    saved: bool = False
    theirs: str | None = None
    new: str | None = None  # the word that the person is asked about: nobody has used it, or it releases aliases
    released: list[str] = field(default_factory=list)  # the aliases that a move released, or would where the person is asked
    kept: str = ""  # what stands there meanwhile
    is_craft: bool = False


@dataclass(frozen=True)
class Detail:
    image: Image
    owner_name: str
    urls: Urls
    liked: bool
    tags: list[str]
    fields: list[FieldView]
    previous_id: str | None
    next_id: str | None
    damaged: tuple[int, str] | None = None  # since when (ms) the original is known to be, and what was found

    @property
    def has_place(self) -> bool:
        return self.image.gps is not None


def get_detail(actor: Actor, image_id: str) -> Detail:
    """Raises NotFound for an image the actor may not see."""
    image = access.image_for(actor, "image.view", image_id)
    owner = User.get_or_none(User.id == image.user_id)
    fields = fields_of(actor, image)
    return Detail(
        image=image,
        owner_name=owner.display_name if owner else "",
        urls=image_urls.urls_of(image),
        liked=_likes(actor, image_id),
        tags=ledger.tags_of(image.id),
        fields=fields,
        previous_id=_neighbour(actor, image, newer=True),
        next_id=_neighbour(actor, image, newer=False),
        damaged=blobs.damage_of(image),
    )


def fields_of(actor: Actor, image: Image, names: list[str] | None = None) -> list[FieldView]:
    values = ledger.values_of(image, names)
    last = ledger.latest(image.id, names)
    editable = access.can(actor, "image.edit", image)
    known = known_to(actor, values) if editable else {}
    open_ = proposals.open_of({image.id: values})[image.id] if editable else []
    told = _Told.of(list(last.values()), open_) if editable else _Told()
    return [_view(name, value, last.get(name), editable, known, open_, told) for name, value in values.items()]


def field_of(actor: Actor, image_id: str, name: str) -> FieldView:
    """The editor of one field. Raises NotFound or Forbidden."""
    image = access.image_for(actor, "image.edit", image_id)
    spec_of(name)
    return fields_of(actor, image, [name])[0]


@dataclass(frozen=True)
class _Told:
    """Who the people are that wrote (by id), and what machines took: by event, and by run for what they suggest."""

    people: Mapping[str, str] = field(default_factory=dict)
    costs: Mapping[int, int] = field(default_factory=dict)
    of_runs: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, events: list[FieldEvent], waiting: list[ProposalView]) -> "_Told":
        """Three queries at most, and none for what no model wrote."""
        of_runs = costs.of_runs({each.run_id for each in waiting})
        return cls(authors.names_of(events), costs.of_events(events), of_runs)


def known_to(actor: Actor, names: Container[str]) -> dict[str, list[str]]:
    """What completion offers besides the words that the product knows."""
    found = {"project": projects.names, "category": in_use.categories}
    known = {name: of_actor(actor) for name, of_actor in found.items() if name in names}
    return known | {name: [*terms.FIELDS[name].names, *more] for name, more in new_terms.accepted().items()}


def _shown(name: str, value: Value) -> Value:
    if name == "tags" and isinstance(value, list):
        return [tag for tag in value if tag not in HIDDEN_TAGS]
    return "" if value is None else value


def _with_hidden(image: Image, raw: str) -> list[str]:
    """What a form holds, with the tags that it does not show in their old places, so that a form that is sent as it
    was changes nothing."""
    tags = clean_tags(raw)
    for place, tag in enumerate(ledger.tags_of(image.id)):
        if tag in HIDDEN_TAGS and tag not in tags:
            tags.insert(place, tag)
    return tags


def _view(
    name: str,
    value: Value,
    last: FieldEvent | None,
    editable: bool,
    known: dict[str, list[str]],
    waiting: list[ProposalView],
    told: _Told,
) -> FieldView:
    spec = FIELDS[name]
    proposal = next((each for each in waiting if each.field == name), None)
    return FieldView(
        name=name,
        label=spec.label,
        kind=spec.kind,
        value=_shown(name, value),
        options=known.get(name, list(spec.suggestions)) if editable else [],
        placeholder=spec.placeholder,
        based_on=last.id if last else 0,
        writer=last.writer if last else None,
        editable=editable,
        is_craft=spec.is_craft,
        by=authors.told(last, told.people.get(last.user_id or ""), told.costs.get(last.id)) if last else "",
        proposal=proposal,
        suggested_by=authors.machine(proposal.by, told.of_runs.get(proposal.run_id)) if proposal else "",
    )


def _plain(value: Value) -> str:
    return value if isinstance(value, str) else ", ".join(value or [])


def edit_field(
    actor: Actor, image_id: str, name: str, raw: str, *, based_on: int | None, confirmed: str | None = None
) -> tuple[FieldView, str | None]:
    """Edit one field and return its editor, with what went wrong at the field, and the id of the action.

    A new category, or a project that releases aliases, is written when it is the one that the person `confirmed`; else the
    editor asks. Raises NotFound and
    Forbidden; a bad value and a conflict come back in the editor.
    """
    image = access.image_for(actor, "image.edit", image_id)
    try:
        word, is_new = in_use.meant(actor, name, raw, present=image.category)
        if is_new and word != confirmed:
            view = fields_of(actor, image, [name])[0]
            return replace(view, value=word, error=in_use.question(word, name), new=word, kept=_plain(view.value)), None
        if name == "project" and word != confirmed:
            wanted = FIELDS[name].clean(word)
            if lost := project_words.lost_to([image], wanted):  # type: ignore[arg-type]
                view = fields_of(actor, image, [name])[0]
                asked = project_words.question(lost, wanted)  # type: ignore[arg-type]
                return replace(view, value=word, error=asked, new=word, kept=_plain(view.value), released=lost), None
        whole = _with_hidden(image, word) if name == "tags" else word
        written = ledger.edit(actor, image_id, name, whole, based_on=based_on)
    except Invalid as error:
        view = fields_of(actor, image, [name])[0]
        return replace(view, value=raw, error=error.fields.get(name, error.message)), None
    except Conflict as error:
        view = fields_of(actor, image, [name])[0]
        theirs = _plain(view.value)
        if "theirs" not in error.details:
            return replace(view, value=raw, error=error.message), None
        return replace(view, value=raw, error=error.message, theirs=theirs), None
    view = fields_of(actor, Image.get_by_id(image.seq), [name])[0]
    released = [f"@{each}" for each in written.released]
    return replace(view, saved=True, released=released), written.action_id if written.events else None


def _neighbour(actor: Actor, image: Image, *, newer: bool) -> str | None:
    side = Image.seq > image.seq if newer else Image.seq < image.seq
    order = Image.seq.asc() if newer else Image.seq.desc()
    waits = access.waiting_for(actor)
    # Beside a picture that waits stand others that do, as on the sheet of review.
    beside = (waits & access.NOT_HELD) if waits.holds(image) else access.hung(actor)
    found: str | None = Image.select(Image.id).where(beside.expression() & side).order_by(order).limit(1).scalar()
    return found


def _likes(actor: Actor, image_id: str) -> bool:
    mine = (Like.user_id == actor.user_id) & (Like.image_id == image_id)
    return actor.user_id is not None and Like.select().where(mine).exists()


@dataclass(frozen=True)
class _Liking:
    """The statements of a like, spelt once."""

    lock: db.PreparedQuery
    unlike: db.PreparedQuery
    like: db.PreparedQuery
    count: db.PreparedQuery
    read: db.PreparedQuery


@db.per_engine
def _liking() -> _Liking:
    user, image, seq = db.Param("user"), db.Param("image"), db.Param("seq")
    return _Liking(
        lock=db.PreparedQuery.of(db.locked(Image.select(Image.seq).where(Image.seq == seq))),
        unlike=db.PreparedQuery.of(Like.delete().where((Like.user_id == user) & (Like.image_id == image))),
        like=db.PreparedQuery.of(Like.insert(user_id=user, image_id=image, created_at=db.Param("now"))),
        count=db.PreparedQuery.of(Image.update(likes=Image.likes + db.Param("step")).where(Image.seq == seq)),
        read=db.PreparedQuery.of(Image.select(Image.likes).where(Image.seq == seq)),
    )


def toggle_like(actor: Actor, image_id: str, *, wanted: bool | None = None) -> tuple[bool, int]:
    """Like or take the like back: whether it is liked now, and the number of likes.

    Row and counter change in one transaction, so that parallel toggles end in a state that agrees. `wanted` says which
    of both is meant, so that a request may arrive twice; without it the one that does not hold is meant.
    """
    image = access.image_for(actor, "image.like", image_id)
    sql = _liking()
    with db.writing():
        dialect.lock(sql.lock, seq=image.seq)
        was = bool(sql.unlike.run(user=actor.user_id, image=image_id))
        liked = not was if wanted is None else wanted
        if liked:
            try:
                sql.like.run(user=actor.user_id, image=image_id, now=db.now_ms())
            except IntegrityError as error:
                raise Conflict("This image was just deleted.") from error
        sql.count.run(seq=image.seq, step=liked - was)
    found = sql.read.rows(seq=image.seq)
    return liked, found[0][0] if found else 0


def count_view(actor: Actor, image_id: str) -> bool:
    """One view per session and image; True when it counted. Visitors without a session do not count.

    A program has no session: for one that acts for a person it is a request it may repeat, and counts once a day.
    Raises NotFound for an image the actor may not see.
    """
    if actor.is_program:
        return _count_for_program(actor, image_id)
    if actor.session_id is None:
        return False
    access.image_for(actor, "image.view", image_id)
    seen = (Viewing.session == actor.session_id) & (Viewing.image_id == image_id)
    if Viewing.select().where(seen).exists():
        return False
    with db.writing():
        first = _insert_viewing(actor.session_id, image_id)
        if first:
            Image.update(views=Image.views + 1).where(Image.id == image_id).execute()
    return first


def _count_for_program(actor: Actor, image_id: str) -> bool:
    access.require_person(actor)
    image = access.image_for(actor, "image.view", image_id)
    repeat = idempotency.request(actor, f"view {image.id}")
    if repeat is None or repeat.answer() is not None:
        return False
    try:
        with db.writing():
            repeat.keep("")
            Image.update(views=Image.views + 1).where(Image.seq == image.seq).execute()
    except idempotency.Repeated:  # at the same moment
        return False
    return True


def _insert_viewing(session_id: str, image_id: str) -> bool:
    cursor = db.sql(
        "INSERT INTO viewing (session_id, image_id) VALUES (:session, :image) ON CONFLICT DO NOTHING",
        session=session_id,
        image=image_id,
    )
    return cursor.rowcount > 0


def place_of(actor: Actor, image_id: str) -> list[float] | None:
    """Latitude and longitude from EXIF: never shown unless the owner or an administrator asks."""
    return access.image_for(actor, "image.place", image_id).gps
