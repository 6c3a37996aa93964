"""What Discord sends of a person who gives a command or presses a button."""

from typing import Any

SAM = {"user": {"id": "43000", "username": "sam"}, "roles": []}
MESSAGE = {
    "id": "3", "channel_id": "2", "content": "Rain --sref 1234",
    "attachments": [{"url": "https://cdn.discordapp.com/attachments/1/2/rain.png?ex=1", "content_type": "image/png"}],
}  # fmt: skip


def command(name: str, **options: Any) -> dict[str, Any]:
    given = [{"name": each, "value": value} for each, value in options.items()]
    return {"type": 2, "data": {"name": "images", "options": [{"name": name, "type": 1, "options": given}]}}


def press(custom_id: str, message: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"type": 3, "data": {"custom_id": custom_id}, "message": message or {}}
