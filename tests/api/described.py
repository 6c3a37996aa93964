"""The parts of the document of the API, for tests that go through all of it."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

# By document, which is kept with them so that no other gets its id.
_validators: dict[int, tuple[Any, dict[str, Any]]] = {}


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
    told = json.dumps(schema, sort_keys=True)
    made = _validators.setdefault(id(document), (document, {}))[1]
    if told not in made:  # one takes a while, and headers say the same again and again
        whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "components": document["components"], **schema}
        made[told] = jsonschema_rs.validator_for(whole)
    wrong = [error.message for error in made[told].iter_errors(value)]
    assert not wrong, f"{where}: {wrong}"
