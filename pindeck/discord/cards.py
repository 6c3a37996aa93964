"""What a moderator in Discord sees and presses: commands, cards, buttons, and private answers."""

from typing import Any

PONG = {"type": 1}
ANSWER, UPDATE = 4, 7
PRIVATE = 64
SUCCESS, DANGER = 3, 4
MOST_CARDS = 5  # a message has five rows of buttons
SAVE = "Save to Pindeck"
MODERATE = "pindeck_mod"

_ID = {"name": "image_id", "type": 3, "description": "Id of the picture"}
COMMANDS: list[dict[str, Any]] = [
    {
        "name": "images",
        "description": "Pictures that wait in Pindeck",
        "options": [
            {
                "name": "review",
                "type": 1,
                "description": "Show what waits",
                "options": [
                    {**_ID, "required": False},
                    {
                        "name": "limit", "type": 4, "description": "How many, five if left out", "required": False,
                        "min_value": 1, "max_value": MOST_CARDS,
                    },
                ],
            },
            {"name": "approve", "type": 1, "description": "Approve a picture", "options": [{**_ID, "required": True}]},
            {"name": "reject", "type": 1, "description": "Reject a picture", "options": [{**_ID, "required": True}]},
        ],
    },
    {"name": SAVE, "type": 3},
]  # fmt: skip


def private(text: str) -> dict[str, Any]:
    """An answer that only the presser sees."""
    return {"type": ANSWER, "data": {"content": text[:2000], "flags": PRIVATE, "allowed_mentions": {"parse": []}}}


def queue(pictures: list[dict[str, str]]) -> dict[str, Any]:
    """Cards of pictures that wait, each with its row of buttons. A picture has `id title description status picture source`."""
    return {
        "type": ANSWER,
        "data": {
            "embeds": [_card(each) for each in pictures],
            "components": [_row(each["id"], number) for number, each in enumerate(pictures, 1)],
            "allowed_mentions": {"parse": []},
        },
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
        "footer": {"text": "Discord Queue"},
    }
    if picture["picture"]:
        card["image"] = {"url": picture["picture"]}
    if picture["source"]:
        card["url"] = picture["source"]
    return card


def _row(image_id: str, number: int) -> dict[str, Any]:
    return {
        "type": 1,
        "components": [
            _button("approve", f"{number} Approve", SUCCESS, image_id),
            _button("reject", f"{number} Deny", DANGER, image_id),
        ],
    }


def _button(act: str, label: str, style: int, image_id: str) -> dict[str, Any]:
    return {"type": 2, "style": style, "label": label, "custom_id": f"{MODERATE}:{act}:{image_id}"}


def decided(message: dict[str, Any], image_id: str, said: str) -> dict[str, Any]:
    """The message of a button that was pressed, with the buttons of this picture ended and its card telling what became of it."""
    embeds = [_told(each, image_id, said) for each in message.get("embeds") or []]
    rows = [
        {
            **row,
            "components": [
                {**each, "disabled": True} if str(each.get("custom_id")).endswith(f":{image_id}") else each
                for each in row.get("components") or []
            ],
        }
        for row in message.get("components") or []
    ]
    return {"type": UPDATE, "data": {"embeds": embeds, "components": rows, "allowed_mentions": {"parse": []}}}


def _told(embed: dict[str, Any], image_id: str, said: str) -> dict[str, Any]:
    values = [field.get("value") for field in embed.get("fields") or []]
    return {**embed, "footer": {"text": said[:2000]}} if image_id in values else embed
