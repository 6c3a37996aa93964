"""A memo: what a person notes about a picture, read and written by that person alone.

It stands in no list of words, in no search and not in the trail, so that nobody else learns that there is one.
"""

from dataclasses import replace

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid, no_image
from pindeck.models import Image, Memo
from pindeck.services.actions import log
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.actions.verbs import verb
from pindeck.services.images.detail import FieldView
from pindeck.text import clean_text

WROTE = verb("image.memo", "Wrote a memo", is_private=True)
KIND = "memo"  # the kind of step; its key is the person, so that two memos of a picture are two places
MOST = 2000


def find(actor: Actor, image_id: str) -> FieldView:
    """The actor's memo of a picture. Raises NotSignedIn, NotFound or Forbidden."""
    return _view(access.require_person(actor), access.image_for(actor, "image.memo", image_id).id)


def shown_with(actor: Actor, image: Image) -> FieldView | None:
    """The memo beside a picture that is shown; None for who cannot have one."""
    if actor.user_id is None or not access.can(actor, "image.memo", image):
        return None
    return _view(actor.user_id, image.id)


def _view(user_id: str, image_id: str) -> FieldView:
    """As a field of the picture; `based_on` is when it was written (ms), 0 for none."""
    row = Memo.get_or_none((Memo.user_id == user_id) & (Memo.image_id == image_id))
    text, based_on = (row.text, row.updated_at) if row else ("", 0)
    return FieldView(
        name=KIND, label="Memo", kind="textarea", value=text, options=[], placeholder="Only you see this",
        based_on=based_on, writer=None, editable=True,
    )  # fmt: skip


def edit(actor: Actor, image_id: str, text: str, *, based_on: int | None) -> tuple[FieldView, str | None]:
    """Write the memo and return its editor, with what went wrong in it, and the id of the action.

    Raises NotFound and Forbidden; a bad text and a conflict come back in the editor.
    """
    try:
        action = write(actor, image_id, text, based_on=based_on)
    except Invalid as error:
        return replace(find(actor, image_id), value=text, error=error.fields["text"]), None
    except Conflict as error:
        now = find(actor, image_id)
        return replace(now, value=text, error=error.message, theirs=str(now.value)), None
    return replace(find(actor, image_id), saved=True), action


def write(actor: Actor, image_id: str, text: object, *, based_on: int | None = None) -> str | None:
    """Write the memo, or delete it where `text` is empty; the id of the action, None where nothing changed.

    `based_on` is the `updated_at` (ms) of the memo that was read, 0 for none. Raises Conflict when another window
    changed it since; NotFound, Forbidden, or Invalid.
    """
    user_id = access.require_person(actor)
    image = access.image_for(actor, "image.memo", image_id)
    new = clean_text(text, field="text", max_length=MOST, multiline=True) or None
    mine = (Memo.user_id == user_id) & (Memo.image_id == image.id)

    def work() -> str | None:
        # The picture is locked, because a memo that is not there yet cannot be.
        if not db.locked(Image.select(Image.seq).where(Image.seq == image.seq)).exists():
            raise no_image()
        row = Memo.get_or_none(mine)
        before, since = (row.text, row.updated_at) if row else (None, 0)
        if new == before:
            return None
        if based_on is not None and based_on != since:
            raise Conflict("You changed this memo in another window in the meantime.", code="CHANGED_SINCE")
        Memo.delete().where(mine).execute()
        if new is not None:
            Memo.insert(user_id=user_id, image_id=image.id, text=new, updated_at=max(db.now_ms(), since + 1)).execute()
        return log.record(actor, WROTE, [Step(KIND, image.id, before, new, user_id)], images=1)

    return db.retried(work)


def take_back(taking: Taking, steps: list[Step]) -> list[Left]:
    """The inverse of writing one. Nobody takes back what another person noted, administrators included."""
    user_id = taking.actor.user_id
    ids = [step.image_id for step in steps]
    rows = {row.image_id: row for row in Memo.select().where((Memo.user_id == user_id) & Memo.image_id.in_(ids))}
    back, left = [], []
    for step in steps:
        row = rows.get(step.image_id)
        if step.key != user_id:
            left.append(Left(step, "has a memo that only its writer changes"))
        elif (row.text if row else None) != step.after:
            left.append(Left(step, "has another memo since"))
        else:
            back.append(step)
    gone = [step.image_id for step in back]
    Memo.delete().where((Memo.user_id == user_id) & Memo.image_id.in_(gone)).execute()
    again = [
        {"user_id": user_id, "image_id": step.image_id, "text": step.before, "updated_at": taking.now}
        for step in back
        if step.before is not None
    ]
    if again:
        Memo.insert_many(again).execute()
    return left
