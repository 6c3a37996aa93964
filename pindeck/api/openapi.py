"""The OpenAPI 3.1 document, read from the operations themselves (decision 57)."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from pydantic import TypeAdapter
from werkzeug.routing import Rule

from pindeck import __version__
from pindeck.api.operations import Answer, Fault, JsonBody, Operation, StreamBody
from pindeck.api.shapes import ErrorBody

REF = "#/components/schemas/{model}"

SURFACES = {
    "M": ("Images", "Manage a project's pictures by id or by alias: metadata, focal points, flows, uploads."),
    "G": ("Library", "The gallery's own operations: browse, search, import, review, correct."),
    "X": ("Extension images", "Pictures that an extension keeps for a user."),
    "S": ("Files", "Files of any kind with verified digests."),
    "session": ("Session", "Sign in with a password, for programs that act as a person."),
    "admin": ("Administration", "Clients, their permissions and their keys; the sweeps."),
    "jobs": ("Jobs", "Work that goes on in the background."),
    "about": ("This document", "What the API can do."),
}

# What any operation may answer, whatever it does.
COMMON = (
    Fault(400, "VALIDATION_ERROR", "Something given is wrong; `details` names it."),
    Fault(401, "UNAUTHORIZED", "No key or session, or one that is not known, has expired or was revoked."),
    Fault(403, "FORBIDDEN", "The key is of the wrong kind or lacks a scope; or a person may not do this."),
    Fault(503, "DATABASE", "The database is busy or away. Nothing was changed; try again."),
)
LIMITED = Fault(429, "RATE_LIMIT_EXCEEDED", "More calls than the limit; `Retry-After` says when to come back.")
BODY = (
    Fault(413, "FILE_TOO_LARGE", "The body is larger than allowed."),
    Fault(415, "UNSUPPORTED_MEDIA_TYPE", "The body is not application/json."),
)
# The keys that open a door of `operations.py`.
SECURITY: dict[str, list[dict[str, list[str]]]] = {
    "session": [{"session": []}],
    "manager": [{"key": []}, {"bearer": []}],
    "extension": [{"key": []}, {"bearer": []}],
}


@dataclass(frozen=True)
class Place:
    """An operation at its address."""

    method: str
    path: str
    operation: Operation


def places(app: Flask) -> list[Place]:
    """Every operation, in the order of the surfaces, then of the addresses."""
    order = {surface: n for n, surface in enumerate(SURFACES)}
    found = [place for rule in app.url_map.iter_rules() for place in _places_of(app, rule)]
    return sorted(found, key=lambda p: (order[p.operation.surface], p.path, p.method))


def _places_of(app: Flask, rule: Rule) -> Iterator[Place]:
    operation = getattr(app.view_functions[rule.endpoint], "operation", None)
    if operation is not None:
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Place(method.lower(), path, operation)


def build(app: Flask, base: str) -> dict[str, Any]:
    """The document as a JSON value. `base` is the address of this installation, without a slash at its end."""
    found = places(app)
    spelt = _Schemas(found)
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for place in found:
        paths[place.path][place.method] = _operation(place, spelt)
    used = [surface for surface in SURFACES if any(p.operation.surface == surface for p in found)]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Pindeck",
            "version": __version__,
            "description": "Pictures of a library by id, by @alias, around a focal point, in sizes; and files of any "
            "kind. Every error has the same body. Every answer carries X-Request-Id.",
        },
        "servers": [{"url": base}],
        "tags": [{"name": SURFACES[s][0], "description": SURFACES[s][1]} for s in used],
        "paths": dict(paths),
        "components": {
            "schemas": spelt.components,
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "pindeck_session",
                    "description": "Changes also need X-CSRFToken, which GET /api/v1/session tells.",
                },
            },
        },
    }


class _Schemas:
    """The JSON Schemas of every model that any operation names, spelt together so that names are shared."""

    def __init__(self, found: list[Place]) -> None:
        wanted: dict[tuple[str, str], tuple[str, Any, TypeAdapter[Any]]] = {}
        for place in found:
            about = place.operation
            if about.query is not None:
                wanted[self._key(about.query, "validation")] = self._entry(about.query, "validation")
            if isinstance(about.body, JsonBody):
                wanted[self._key(about.body.model, "validation")] = self._entry(about.body.model, "validation")
            for answer in about.answers:
                if answer.model is not None:
                    wanted[self._key(answer.model, "serialization")] = self._entry(answer.model, "serialization")
            for fault in about.faults:
                if fault.body is not None:
                    wanted[self._key(fault.body, "serialization")] = self._entry(fault.body, "serialization")
        wanted[self._key(ErrorBody, "serialization")] = self._entry(ErrorBody, "serialization")
        schemas, rest = TypeAdapter.json_schemas(list(wanted.values()), ref_template=REF)
        self._by_key: Any = schemas
        self.components: dict[str, Any] = rest.get("$defs", {})

    @staticmethod
    def _key(model: Any, mode: str) -> tuple[str, str]:
        return repr(model), mode

    @classmethod
    def _entry(cls, model: Any, mode: str) -> Any:
        return repr(model), mode, TypeAdapter(model)

    def of(self, model: Any, mode: str) -> dict[str, Any]:
        return self._by_key[(repr(model), mode)]

    def properties_of(self, model: Any) -> tuple[dict[str, Any], list[str]]:
        """The parameters of a query model, by name, and which are required."""
        schema = self.of(model, "validation")
        if "$ref" in schema:
            schema = self.components[schema["$ref"].rpartition("/")[2]]
        return schema.get("properties", {}), schema.get("required", [])


def _operation(place: Place, spelt: _Schemas) -> dict[str, Any]:
    about = place.operation
    described: dict[str, Any] = {
        "operationId": f"{about.surface}_{about.name}_{place.method}",
        "tags": [SURFACES[about.surface][0]],
        "summary": about.summary,
        "description": about.description,
        "parameters": _parameters(place, spelt),
        "responses": _responses(about, spelt),
        "security": _security(about),
    }
    if about.body is not None:
        described["requestBody"] = _body(about.body, spelt)
    return described


def _parameters(place: Place, spelt: _Schemas) -> list[dict[str, Any]]:
    about = place.operation
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": about.path.get(name, ""),
            "schema": {"type": "string", "minLength": 1},
        }
        for name in re.findall(r"{([^{}]+)}", place.path)
    ]
    if about.query is not None:
        properties, required = spelt.properties_of(about.query)
        for name, schema in properties.items():
            inner = {key: value for key, value in schema.items() if key not in ("description", "title")}
            found.append({
                "name": name, "in": "query", "required": name in required,
                "description": schema.get("description", ""), "schema": inner,
            })  # fmt: skip
    found += [
        {"name": name, "in": "header", "required": False, "description": text, "schema": {"type": "string"}}
        for name, text in about.headers.items()
    ]
    return found


def _body(body: JsonBody | StreamBody, spelt: _Schemas) -> dict[str, Any]:
    if isinstance(body, StreamBody):
        content = {media: {"schema": schema} for media, schema in body.schemas.items()}
    else:
        content = {"application/json": {"schema": spelt.of(body.model, "validation")}}
        if body.example is not None:
            content["application/json"]["example"] = body.example
    return {"required": not body.optional, "content": content}


def faults_of(about: Operation) -> list[Fault]:
    """Every error an operation may answer, the common ones first."""
    limited = (LIMITED,) if about.bucket else ()
    body = BODY if isinstance(about.body, JsonBody) else ()
    return list(dict.fromkeys((*COMMON, *limited, *body, *about.faults)))


def _responses(about: Operation, spelt: _Schemas) -> dict[str, Any]:
    responses = {
        str(answer.status): _answer(answer, spelt, limited=about.bucket is not None) for answer in about.answers
    }
    grouped: dict[int, list[Fault]] = defaultdict(list)
    for fault in faults_of(about):
        grouped[fault.status].append(fault)
    for status, faults in sorted(grouped.items()):
        body = next((fault.body for fault in faults if fault.body is not None), ErrorBody)
        beside = {name: field.default for name, field in body.model_fields.items() if not field.is_required()}
        example = {"success": False, "error": {"code": faults[-1].code, "message": faults[-1].when}, **beside}
        responses[str(status)] = {
            "description": " ".join(f"`{fault.code}`: {fault.when}" for fault in faults),
            "content": {"application/json": {"schema": spelt.of(body, "serialization"), "example": example}},
        }
    return responses


def _answer(answer: Answer, spelt: _Schemas, *, limited: bool) -> dict[str, Any]:
    described: dict[str, Any] = {"description": answer.says}
    content: dict[str, Any] = {media: {} for media in answer.media}
    if answer.model is not None:
        content["application/json"] = {"schema": spelt.of(answer.model, "serialization")}
        if answer.example is not None:
            content["application/json"]["example"] = answer.example
    if content:
        described["content"] = content
    if limited:
        described["headers"] = {
            f"X-RateLimit-{name}": {"description": text, "schema": {"type": "integer"}}
            for name, text in (
                ("Limit", "Calls in the window."),
                ("Remaining", "Calls left in it."),
                ("Reset", "When it is over, Unix seconds."),
            )
        }
    return described


def _security(about: Operation) -> list[dict[str, list[str]]]:
    ways = [way for door in about.doors for way in SECURITY[door]]
    distinct = [way for n, way in enumerate(ways) if way not in ways[:n]]
    return [*distinct, {}] if about.action in ("public", "library.view") and "session" in about.doors else distinct
