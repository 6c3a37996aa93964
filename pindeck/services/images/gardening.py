"""Tending tags: one is renamed, merged into another, means it from now on, brings it along, or is forbidden. Each is an action
over all pictures that have it, and can be taken back."""

from dataclasses import dataclass
from typing import Any

from pindeck import access, db
from pindeck.access import Actor
from pindeck.errors import Conflict, NotFound, invalid
from pindeck.models import Image, ImageTag, TagRule
from pindeck.services import activity
from pindeck.services.actions import log
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.actions.verbs import verb
from pindeck.services.images import ledger
from pindeck.services.images.fields import Kept, clean_tags
from pindeck.services.images.tag_rules import RuleKind
from pindeck.vocabulary import SYSTEM_TAGS

KIND = "tag_rule"  # its key is the rule
TENDED = verb("tags.tend", "Tags: {field}")
RENAME = "rename"
SAYS = {
    RENAME: "“{tag}” became “{means}”",
    RuleKind.ALIAS: "“{tag}” means “{means}”",
    RuleKind.IMPLY: "“{tag}” brings “{means}” along",
    RuleKind.FORBID: "“{tag}” is forbidden",
}


@dataclass(frozen=True)
class TagChange:
    """A change of a tag: `ids` are the pictures that have it and that the actor may edit."""

    how: str
    tag: str
    means: str
    ids: list[str]

    @property
    def told(self) -> str:
        return SAYS[self.how].format(tag=self.tag, means=self.means)

    @property
    def given(self) -> dict[str, str]:
        return {"tag": self.tag, "means": self.means, "how": str(self.how)}


def ask(actor: Actor, how: str, tag: str, means: str = "") -> TagChange:
    """Raises Invalid for words that cannot be, Forbidden for guests."""
    access.require(actor, "tags.tend")
    if how not in SAYS:
        raise invalid("how", "Say rename, alias, imply or forbid.")
    one, other = _word("tag", tag), "" if how == RuleKind.FORBID else _word("means", means)
    if one == other:
        raise invalid("means", "Name another word than the tag itself.")
    return TagChange(how, one, other, having(actor, one))


def _word(name: str, text: str) -> str:
    words = clean_tags(text)
    if len(words) != 1:
        raise invalid(name, "Name one tag.")
    if words[0] in SYSTEM_TAGS or words[0].startswith("sref:"):
        raise invalid(name, f"“{words[0]}” is a tag of Pindeck itself, which stays as it is.")
    return words[0]


def having(actor: Actor, tag: str) -> list[str]:
    """The ids of the pictures that have a tag and that the actor may edit."""
    rows: Any = Image.select(Image.id).join(ImageTag, on=(ImageTag.image_id == Image.id))
    mine = (ImageTag.tag == tag) & access.edited_by(actor).expression()
    return [row[0] for row in rows.where(mine).order_by(Image.id).tuples()]


def rule_for(actor: Actor, asked: TagChange) -> list[Step]:
    """Inside a transaction: what holds from now on, as a step. Raises Conflict where another rule says otherwise."""
    activity.note(actor, TENDED.name, word=asked.tag, to=str(asked.how), term=asked.means)
    db.take_turn(KIND)  # two people may say two things of one tag
    named = TagRule.tag.in_([asked.tag, asked.means]) | (TagRule.means == asked.tag)
    rules = list(TagRule.select().where(named).order_by(TagRule.id))
    if any(row.tag == asked.tag and row.kind == asked.how and row.means == asked.means for row in rules):
        return []
    for row in rules:
        if _contradicts(row, asked):
            said = SAYS[row.kind].format(tag=row.tag, means=row.means)
            raise Conflict(f"{said} already. Remove that rule first.")
    if asked.how == RENAME:
        return []
    told = {"tag": asked.tag, "kind": str(asked.how), "means": asked.means}
    made = TagRule.create(id=db.new_id(), user_id=actor.user_id, created_at=db.now_ms(), **told)
    return [Step(KIND, "", None, told, key=made.id)]


def _contradicts(row: TagRule, asked: TagChange) -> bool:
    """Whether a rule keeps what is asked from holding, or would go on to write a word that is to be gone."""
    settles = row.kind != RuleKind.IMPLY
    if asked.how in (RENAME, RuleKind.IMPLY):
        return settles and row.tag == asked.means
    return settles or row.means == asked.tag


def part(
    actor: Actor, ids: list[str], action_id: str, *, tag: str, means: str, how: str
) -> tuple[list[Step], int]:
    """Inside a transaction: at most 250 pictures, as far as they still have the tag and the actor may edit them."""
    live = Image.select().where(Image.id.in_(ids) & Image.deleted_at.is_null()).order_by(Image.seq)
    images = [image for image in db.locked(live) if access.can(actor, "image.edit", image)]
    changes: dict[str, dict[str, Kept]] = {}
    for image_id, tags in ledger.tags_of_many([image.id for image in images]).items():
        if tag not in tags:
            continue
        if how == RuleKind.FORBID:
            words = [word for word in tags if word != tag]
        elif how == RuleKind.IMPLY:
            words = [*tags, means]
        else:
            words = [means if word == tag else word for word in tags]
        changes[image_id] = {"tags": list(dict.fromkeys(words))}
    touched = [image for image in images if image.id in changes]
    written = ledger.write_many(touched, changes, ledger.person(actor), action_id) if touched else None
    return [], len(written.image_ids) if written else 0


def at_once(actor: Actor, asked: TagChange) -> str | None:
    """For 250 pictures at most: the id of the action, None where nothing changed."""

    def work() -> str | None:
        action_id, steps = db.new_id(), rule_for(actor, asked)
        _, images = part(actor, asked.ids, action_id, **asked.given)
        if not (images or steps):
            return None
        return log.record(actor, TENDED, steps, images=images, action_id=action_id, fields=[asked.told])

    return db.retried(work)


def list_rules(actor: Actor, *, after: str | None = None, limit: int = 50) -> tuple[list[TagRule], bool]:
    access.require(actor, "tags.view")
    rows = TagRule.select().order_by(TagRule.id.desc()).limit(limit + 1)
    found = list(rows.where(TagRule.id < after) if after else rows)
    return found[:limit], len(found) > limit


def remove_rule(actor: Actor, rule_id: str) -> str:
    """It no longer applies; pictures stay as they are. Raises NotFound."""
    access.require(actor, "tags.tend")

    def work() -> str:
        row = TagRule.get_or_none(TagRule.id == rule_id)
        if row is None or not TagRule.delete().where(TagRule.id == rule_id).execute():
            raise NotFound("There is no such rule.")
        before = {"tag": row.tag, "kind": row.kind, "means": row.means}
        told = f"no longer: {SAYS[row.kind].format(tag=row.tag, means=row.means)}"
        activity.note(actor, TENDED.name, word=row.tag, to="removed", term=row.means)
        return log.record(actor, TENDED, [Step(KIND, "", before, None, key=row.id)], images=0, fields=[told])

    return db.retried(work)


def take_back(taking: Taking, steps: list[Step]) -> list[Left]:
    """A rule that was made goes, and one that was removed holds again, unless another one says otherwise by now."""
    if not access.can(taking.actor, "tags.tend"):
        return [Left(step, "can no longer be changed by you") for step in steps]
    left = []
    for step in steps:
        if step.before is None:
            if not TagRule.delete().where(TagRule.id == step.key).execute():
                left.append(Left(step, "has been removed since"))
        elif _is_free(step.before):
            columns: dict[str, Any] = step.before
            TagRule.create(id=step.key, user_id=taking.actor.user_id, created_at=taking.now, **columns)
        else:
            left.append(Left(step, "has another rule since"))
    return left


def _is_free(rule: dict[str, Any]) -> bool:
    same = (TagRule.tag == rule["tag"]) & (
        ((TagRule.kind == rule["kind"]) & (TagRule.means == rule["means"]))
        if rule["kind"] == RuleKind.IMPLY
        else (TagRule.kind != RuleKind.IMPLY)
    )
    return not TagRule.select().where(same).exists()
