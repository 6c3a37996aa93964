"""The commands of the bot, as Discord is told them."""

from typing import Any

from pindeck.discord import presets

GROUP, SAVE = "images", "Save to Pindeck"
MOST_REVIEWED = 10
MODES = {
    "shot-variation": "Shot", "action-shot": "Action", "coverage": "Coverage", "b-roll": "B-Roll", "style-variation": "Style",
    "subtle-variation": "Subtle",
}  # fmt: skip
_SUB, _TEXT, _NUMBER = 1, 3, 4


def all_of_them() -> list[dict[str, Any]]:
    """What `PUT /applications/<id>/commands` takes."""
    named = [{"name": each.label, "value": each.id} for each in presets.all_of_them()]
    image = _text("image_id", "Id of the picture")
    return [
        {
            "name": GROUP,
            "type": 1,
            "description": "Pictures of Pindeck",
            "options": [
                _sub("import", "Save the pictures of a message", _text("message_link", "Link of a message here; the newest one with a picture if left out", required=False)),
                _sub("review", "Show what waits", _text("image_id", "Id of the picture", required=False), _number("limit", "How many, five if left out", MOST_REVIEWED)),
                _sub("approve", "Approve a picture", image),
                _sub("reject", "Reject a picture", image),
                _sub(
                    "generate", "Order variations of a picture", image, _number("count", "How many", 12),
                    {**_text("mode", "What kind", required=False), "choices": [{"name": label, "value": mode} for mode, label in MODES.items()]},
                    _text("detail", "What it is to show", required=False),
                ),
                _sub("menu", "Choose a picture to post"),
                _sub("send", "Post a picture", {**_text("preset", "Which"), "choices": named}),
                _sub("panel", "Post pictures by emojis"),
                _sub("bind", "What is saved here belongs to a project", _text("project", "Its name")),
                _sub("unbind", "What is saved here belongs to no project any more"),
                _sub("link", "Say which account of Pindeck is yours", _text("code", "The code from the page of your account")),
            ],
        },
        {"name": SAVE, "type": 3},
    ]  # fmt: skip


def _sub(name: str, says: str, *options: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "type": _SUB, "description": says, "options": list(options)}


def _text(name: str, says: str, *, required: bool = True) -> dict[str, Any]:
    return {"name": name, "type": _TEXT, "description": says, "required": required}


def _number(name: str, says: str, most: int) -> dict[str, Any]:
    return {"name": name, "type": _NUMBER, "description": says, "required": False, "min_value": 1, "max_value": most}
