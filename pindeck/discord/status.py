"""The messages that tell a channel what happens to pictures. The lines `Event:` and `Image ID:` are read by bots."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

MOST_CONTENT = 2000  # characters that Discord takes
MOST_TITLE = 256
MOST_LINE = 300


class Event(StrEnum):
    """What can happen, as the line `Event:` names it."""

    QUEUED = "queued"
    APPROVED = "approved"
    REJECTED = "rejected"
    GENERATION_STARTED = "generation_started"
    GENERATED = "generated"


_LINE = re.compile(r"^(Event|Image ID): (\S+)$", re.MULTILINE)
HEADINGS = {
    Event.QUEUED: "📥 **Waiting Approval**",
    Event.APPROVED: "✅ **Approved**",
    Event.REJECTED: "🗑️ **Rejected**",
    Event.GENERATION_STARTED: "🎬 **Generating Variations**",
    Event.GENERATED: "🪄 **Variation Queued**",
}
# Facts beside title and id, in the order of their lines.
LINES = {"parent_id": "Parent Image ID", "sref": "sref", "source": "Source", "user": "User"}


def lines(content: str) -> dict[str, str]:
    """What the lines that bots read say, by their names."""
    return dict(_LINE.findall(content))


def message(event: Event, facts: Mapping[str, str]) -> dict[str, Any]:
    """The body that a webhook takes. `facts` has `id` and `title`, and where known `picture` (an address) and `LINES`.

    Nobody is mentioned, whatever a title says, and no word of it can pose as a line of ours.
    """
    image_id, title = facts["id"], _one_line(facts.get("title") or "Untitled")
    lines = [HEADINGS[event], f"Event: {event}", f"Title: {title}", f"Image ID: {image_id}"]
    lines += [f"{label}: {_one_line(facts[name])}" for name, label in LINES.items() if facts.get(name)]
    if event in (Event.QUEUED, Event.GENERATED):
        lines.append(f"`/images approve image_id:{image_id}` or `/images reject image_id:{image_id}`")
    made: dict[str, Any] = {"content": "\n".join(lines)[:MOST_CONTENT], "allowed_mentions": {"parse": []}}
    if facts.get("picture"):
        made["embeds"] = [
            {"title": title[:MOST_TITLE], "image": {"url": facts["picture"]}, "footer": {"text": f"Image ID: {image_id}"}}
        ]
    return made


def _one_line(text: str) -> str:
    return " ".join(text.split())[:MOST_LINE]
