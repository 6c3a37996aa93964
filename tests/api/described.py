"""The parts of the document of the API, for tests that go through all of it."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs


def operations_of(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, about in methods.items():
            yield f"{method} {path}", about


def found(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """The node, or what it refers to."""
    if "$ref" not in node:
        return node
    _, _, kind, name = node["$ref"].split("/")
    return document["components"][kind][name]


def fits(document: dict[str, Any], schema: dict[str, Any], value: Any, where: str) -> None:
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": document["components"],
        **schema,
    }
    wrong = [error.message for error in jsonschema_rs.validator_for(whole).iter_errors(value)]
    assert not wrong, f"{where}: {wrong}"
