"""Parts of what Discord sends. It is read as it came: any part may be missing or odd."""

from typing import Any


def dict_in(node: dict[str, Any], name: str) -> dict[str, Any]:
    value = node.get(name)
    return value if isinstance(value, dict) else {}


def dicts_in(node: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = node.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def on_one_line(value: Any) -> str:
    """What somebody or something is called, as one line without what nobody sees."""
    return " ".join("".join(each if each.isprintable() else " " for each in str(value or "")).split())[:120]


def text_in(node: dict[str, Any], name: str) -> str:
    value = node.get(name)
    return value.strip() if isinstance(value, str) else ""
