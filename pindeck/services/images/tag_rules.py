"""What becomes of a tag when it is written: another word in its place, another one beside it, or nothing."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from pindeck.models import TagRule
from pindeck.services.images.fields import MAX_TAGS, Kept
from pindeck.vocabulary import SYSTEM_TAGS


class RuleKind(StrEnum):
    ALIAS = "alias"  # the word that it means is written in its place
    IMPLY = "imply"  # the other word is written as well
    FORBID = "forbid"  # it is left out


def settled(
    wanted: Mapping[str, Mapping[str, Kept]], old: Mapping[str, Mapping[str, Kept]]
) -> dict[str, dict[str, Kept]]:
    """The changes of images as they are to be written. A tag that an image has already stays. One statement where any is
    new."""
    found = {image_id: dict(of_image) for image_id, of_image in wanted.items()}
    tagged = {i: (list(of["tags"] or ()), set(old[i]["tags"] or ())) for i, of in found.items() if "tags" in of}  # type: ignore[arg-type]
    rules = _of(tag for tags, there in tagged.values() for tag in tags if tag not in there)
    if rules:
        for image_id, (tags, there) in tagged.items():
            found[image_id]["tags"] = _applied(tags, there, rules)
    return found


def kept(tags: list[str]) -> list[str]:
    """The first tags of an image as they are to be written."""
    rules = _of(tags)
    return _applied(tags, set(), rules) if rules else tags


def _of(tags: Iterable[str]) -> dict[str, list[TagRule]]:
    wanted = sorted(set(tags) - SYSTEM_TAGS)
    found: dict[str, list[TagRule]] = {}
    if wanted:
        for row in TagRule.select().where(TagRule.tag.in_(wanted)).order_by(TagRule.id):
            found.setdefault(row.tag, []).append(row)
    return found


def _applied(tags: list[str], there: set[str], rules: Mapping[str, list[TagRule]]) -> list[str]:
    written, beside = dict[str, None](), dict[str, None]()
    for tag in tags:
        word: str | None = tag
        for rule in rules.get(tag, ()) if tag not in there else ():
            if rule.kind == RuleKind.FORBID:
                word = None
            elif rule.kind == RuleKind.ALIAS:
                word = rule.means
            else:
                beside[rule.means] = None
        if word is not None:
            written[word] = None
    return list(written | beside)[: MAX_TAGS + 1]
