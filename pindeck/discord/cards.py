"""What people in Discord see and press: cards, buttons that end when pressed, menus, and private answers."""

from typing import Any

from pindeck.discord.commands import MODES
from pindeck.discord.events import dicts_in
from pindeck.discord.presets import Preset

PONG = {"type": 1}
ANSWER, LATER, UPDATE = 4, 5, 7
PRIVATE = 64
BLUE, GREY, SUCCESS, DANGER = 1, 2, 3, 4
ROW, BUTTON, SELECT = 1, 2, 3
MOST_CARDS = 5  # a message has five rows of buttons
MODERATE, VARY, MENU = "pindeck_mod", "pindeck_var", "pindeck_menu"
PANEL = "Pindeck panel"  # marks the message whose reactions post pictures
SILENT: dict[str, Any] = {"parse": []}

# What a card offers once its picture is so. A button that is not named is shown and has ended.
OPEN = {"pending": ("approve", "publish", "reject"), "draft": ("publish", "generate"), "active": ("generate",)}


def private(text: str) -> dict[str, Any]:
    """An answer that only the presser sees."""
    return {"type": ANSWER, "data": {"content": text[:2000], "flags": PRIVATE, "allowed_mentions": SILENT}}


def later() -> dict[str, Any]:
    """The answer comes when a worker has it."""
    return {"type": LATER, "data": {"flags": PRIVATE}}


def queue(pictures: list[dict[str, str]]) -> dict[str, Any]:
    """Cards of pictures, each with its row of buttons: a message. A picture has `id title description status picture source parent`."""
    return {
        "embeds": [_card(each) for each in pictures],
        "components": [_row(each["id"], f"{number} ", each["state"]) for number, each in enumerate(pictures, 1)],
        "allowed_mentions": SILENT,
    }


def _card(picture: dict[str, str]) -> dict[str, Any]:
    card: dict[str, Any] = {
        "title": picture["title"][:250],
        "description": (picture["description"] or "No description")[:600],
        "fields": [
            {"name": "Image ID", "value": picture["id"]},
            {"name": "Status", "value": picture["status"]},
            *([{"name": "sref", "value": picture["sref"][:200]}] if picture["sref"] else []),
        ],
        "footer": {"text": f"Variation of {picture['parent']}" if picture["parent"] else "Discord Queue"},
    }
    if picture["picture"]:
        card["image"] = {"url": picture["picture"]}
    if picture["source"]:
        card["url"] = picture["source"]
    return card


def _row(image_id: str, number: str, state: str, ended: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The buttons of a picture as it is: `state` is its status, or anything else once it is gone."""
    still = OPEN.get(state, ())
    buttons = [
        _button("approve", f"{number}Approve", SUCCESS, image_id),
        _button("publish", f"{number}{'Approve & publish' if state == 'pending' else 'Publish'}", SUCCESS, image_id),
        _button("reject", f"{number}Deny", DANGER, image_id),
        _button("generate", f"{number}Generate", BLUE, image_id),
    ]
    shown = buttons if "generate" in still else buttons[:3]
    for each in shown:
        act = each["custom_id"].split(":")[1]
        if act not in still or each["custom_id"] in ended:
            each["disabled"] = True
    return {"type": ROW, "components": shown}


def _button(act: str, label: str, style: int, image_id: str) -> dict[str, Any]:
    return {"type": BUTTON, "style": style, "label": label, "custom_id": f"{MODERATE}:{act}:{image_id}"}


def decided(message: dict[str, Any], image_id: str, pressed: str, state: str, told: str) -> dict[str, Any]:
    """The message of the button `pressed`: it has ended, the row of its picture offers what is next, and its card tells what
    became of it. Without a card the message itself tells it."""
    embeds = dicts_in(message, "embeds")
    rows = dicts_in(message, "components")
    data: dict[str, Any] = {
        "embeds": [_told(each, image_id, told) for each in embeds],
        "components": [_next(each, n, len(rows), image_id, pressed, state) for n, each in enumerate(rows, 1)],
        "allowed_mentions": SILENT,
    }
    if data["embeds"] == embeds:
        data["content"] = f"{message.get('content') or ''}\n{told}".strip()[-2000:]
    return {"type": UPDATE, "data": data}


def _next(row: dict[str, Any], number: int, rows: int, image_id: str, pressed: str, state: str) -> dict[str, Any]:
    buttons = dicts_in(row, "components")
    mine = [each for each in buttons if str(each.get("custom_id")).endswith(f":{image_id}")]
    if not mine:
        return row
    ended = frozenset({pressed, *(str(each["custom_id"]) for each in mine if each.get("disabled") and "generate" in str(each["custom_id"]))})
    if any(str(each["custom_id"]).startswith(f"{VARY}:") for each in mine):
        return {**row, "components": [{**each, "disabled": True} if each.get("custom_id") in ended else each for each in buttons]}
    return _row(image_id, f"{number} " if rows > 1 or str(mine[0].get("label"))[:1].isdigit() else "", state, ended)


def _told(embed: dict[str, Any], image_id: str, told: str) -> dict[str, Any]:
    values = [field.get("value") for field in dicts_in(embed, "fields")]
    return {**embed, "footer": {"text": told[:2000]}} if image_id in values else embed


def variations(image_id: str, message_id: str | None = None) -> dict[str, Any]:
    """A button for each kind of variation, below the message that tells of an approved picture."""
    buttons = [
        {"type": BUTTON, "style": GREY, "label": label, "custom_id": f"{VARY}:{mode}:{image_id}"} for mode, label in MODES.items()
    ]
    made: dict[str, Any] = {
        "content": f"Variations of {image_id}",
        "components": [{"type": ROW, "components": part} for part in (buttons[:5], buttons[5:])],
        "allowed_mentions": SILENT,
    }
    if message_id:
        made["message_reference"] = {"message_id": message_id, "fail_if_not_exists": False}
    return made


# Pictures that are posted


def menu(presets: list[Preset]) -> dict[str, Any]:
    """A menu to choose one of them."""
    options = [{"label": each.label, "value": each.id} for each in presets]
    choice = {"type": SELECT, "custom_id": MENU, "placeholder": "Choose a picture", "options": options}
    return {"content": "Which picture?", "components": [{"type": ROW, "components": [choice]}], "allowed_mentions": SILENT}


def posted(preset: Preset, by: str) -> dict[str, Any]:
    """One of them, and who asked for it."""
    embed: dict[str, Any] = {"title": preset.label, "image": {"url": preset.url}}
    if by:
        embed["footer"] = {"text": f"Requested by {by}"[:2000]}
    return {"embeds": [embed], "allowed_mentions": SILENT}


def panel(presets: list[Preset]) -> dict[str, Any]:
    """A message whose reactions post them."""
    lines = [f"{each.emoji} {each.label}" for each in presets if each.emoji]
    return {"content": "\n".join([f"**{PANEL}**: press an emoji to post its picture.", *lines])[:2000], "allowed_mentions": SILENT}


def is_panel(message: dict[str, Any]) -> bool:
    """Whether a message is one that a bot posted as a panel; whose bot it is, the caller knows."""
    return str(message.get("content") or "").startswith(f"**{PANEL}**")
