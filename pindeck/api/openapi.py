"""The OpenAPI 3.1 document, read from the operations themselves."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from pydantic import TypeAdapter
from werkzeug.routing import Rule

from pindeck import __version__
from pindeck.api import parameters
from pindeck.api.operations import NOT_GIVEN, Answer, Fault, JsonBody, Operation, StreamBody
from pindeck.api.parameters import AT_LEAST_ONE
from pindeck.api.schemas import FILE_TOO_LARGE, SERVER_BUSY, ErrorBody
from pindeck.http.site import Site

REF = "#/components/schemas/{model}"

SURFACES = {
    "images": ("Images", "Manage a project's pictures by id or by alias: metadata, focal points, flows, uploads."),
    "library": ("Library", "The gallery's own operations: browse, search, import, review, correct."),
    "boards": ("Boards", "Images that belong together, in an order, with sections and notes."),
    "storyboards": ("Storyboards", "The images of a board in frames, as shots."),
    "decks": ("Decks", "Pages that make the case for a film, with images and words."),
    "exports": ("Exports", "Files that are made of images: contact sheets, storyboard sheets, shot lists."),
    "searches": ("Searches", "What a person looks for again and again, and looked for last."),
    "curation": ("Curation", "Many images at once, copies, likeness, places, tags, and what was done."),
    "sources": ("Sources", "Places that pictures come from again and again."),
    "extensions": ("Extension images", "Pictures that an extension keeps for a user."),
    "files": ("Files", "Files of any kind with verified digests."),
    "public": ("Public addresses", "Pictures and files at the addresses that pages show. A caller that asks for a page "
               "(`Accept: text/html`) gets errors as pages."),
    "bots": ("Bots and scripts", "Bring in pictures and decide about them, with a key that acts for one person."),
    "session": ("Session", "Sign in with a password, for programs that act as a person."),
    "admin": ("Administration", "Clients, their permissions and their keys; the sweeps."),
    "webhooks": ("Webhooks", "Programs that are told what becomes of pictures."),
    "jobs": ("Jobs", "Work that goes on in the background."),
    "about": ("This document", "What the API can do."),
}  # fmt: skip

# What the ids of operations begin with, where programs that were generated from the document know them by another word.
KNOWN_AS = {"images": "M", "library": "G", "extensions": "X", "files": "S"}

# What any operation may answer, whatever it does.
COMMON = (
    Fault(400, "VALIDATION_ERROR", "A value is wrong; `details` names it."),
    Fault(401, "UNAUTHORIZED", "No key or session, or one that is not known, has expired or was revoked."),
    Fault(403, "FORBIDDEN", "The key is of the wrong kind or lacks a scope; or a person may not do this."),
    Fault(503, "DATABASE", "The database is busy or away. Nothing was changed; try again."),
)
LIMITED = Fault(429, "RATE_LIMIT_EXCEEDED", "More calls than the limit; `Retry-After` says when to come back.")
CSRF = Fault(400, "CSRF", "A change with a session came without the token in X-CSRFToken.")
BODY = (
    Fault(408, "REQUEST_TIMEOUT", "The body took too long to arrive."),
    FILE_TOO_LARGE,
    Fault(415, "UNSUPPORTED_MEDIA_TYPE", "The body is not application/json."),
    SERVER_BUSY,
)
UPLOAD = (
    Fault(400, "UPLOAD_INCOMPLETE", "The body broke off."),
    Fault(408, "UPLOAD_TIMEOUT", "The upload took too long."),
    FILE_TOO_LARGE,
    SERVER_BUSY,
)
# The keys that open a door of `operations.py`.
SECURITY: dict[str, list[dict[str, list[str]]]] = {
    "session": [{"session": []}],
    "manager": [{"key": []}, {"bearer": []}],
    "extension": [{"key": []}, {"bearer": []}],
}


@dataclass(frozen=True)
class Endpoint:
    """An operation at its address."""

    method: str
    path: str
    operation: Operation


def endpoints(app: Site) -> list[Endpoint]:
    """Every operation, in the order of the surfaces, then of the addresses."""
    order = {surface: n for n, surface in enumerate(SURFACES)}
    found = [endpoint for rule in app.rules() for endpoint in _endpoints_of(app, rule)]
    return sorted(found, key=lambda p: (order[p.operation.surface], p.path, p.method))


def _endpoints_of(app: Site, rule: Rule) -> Iterator[Endpoint]:
    operation = getattr(app.view_functions[rule.endpoint], "operation", None)
    old = getattr(app.view_functions[rule.endpoint], "old_addresses", ())
    if operation is not None and rule.rule not in old:
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Endpoint(method.lower(), path, operation)


def operation_id(endpoint: Endpoint) -> str:
    about = endpoint.operation
    return f"{KNOWN_AS.get(about.surface, about.surface)}_{about.name}_{endpoint.method}"


def build(app: Site, base: str) -> dict[str, Any]:
    """The document as a JSON value. `base` is the address of this installation, without a slash at its end."""
    found = endpoints(app)
    spelt = _Schemas(found)
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for endpoint in found:
        paths[endpoint.path][endpoint.method] = _operation(endpoint, spelt)
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
            "examples": spelt.examples,
            "headers": {name: _header(name) for name in parameters.HEADERS},
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "pindeck_session",
                    "description": "Changes also need X-CSRFToken, whose value GET /api/v1/session returns.",
                },
            },
        },
    }


class _Schemas:
    """The JSON Schemas of every model that any operation names, spelt together so that names are shared; and every
    error that was asked for, as an example."""

    def __init__(self, found: list[Endpoint]) -> None:
        self.examples: dict[str, Any] = {}
        wanted: dict[tuple[str, str], tuple[str, Any, TypeAdapter[Any]]] = {}
        for endpoint in found:
            about = endpoint.operation
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
        self._by_key: Any = _with_known_words(schemas)
        self.components: dict[str, Any] = _with_known_words(rest.get("$defs", {}))

    @staticmethod
    def _key(model: Any, mode: str) -> tuple[str, str]:
        return repr(model), mode

    @classmethod
    def _entry(cls, model: Any, mode: str) -> Any:
        return repr(model), mode, TypeAdapter(model)

    def of(self, model: Any, mode: str) -> dict[str, Any]:
        return self._by_key[(repr(model), mode)]

    def examples_of(self, faults: list[Fault]) -> dict[str, Any]:
        """An example of each code; a code with two reasons has two."""
        found: dict[str, Any] = {}
        for fault in faults:
            fields = fault.body.model_fields if fault.body else {}
            beside = {name: field.default for name, field in fields.items() if not field.is_required()}
            value = {"success": False, "error": {"code": fault.code, "message": fault.when}, **beside}
            found[_free(fault.code, found)] = {"$ref": f"#/components/examples/{self._kept(fault.code, value)}"}
        return found

    def _kept(self, code: str, value: dict[str, Any]) -> str:
        entry = {"summary": value["error"]["message"], "value": value}
        for name, kept in self.examples.items():
            if kept == entry:
                return name
        name = _free(code, self.examples)
        self.examples[name] = entry
        return name

    def properties_of(self, model: Any) -> tuple[dict[str, Any], list[str]]:
        """The parameters of a query model, by name, and which are required."""
        schema = self.of(model, "validation")
        if "$ref" in schema:
            schema = self.components[schema["$ref"].rpartition("/")[2]]
        return schema.get("properties", {}), schema.get("required", [])


# What JSON Schema calls a limit that pydantic spells by its own name, because a validator of ours comes before it.
WORDS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}


def _with_known_words(node: Any) -> Any:
    if isinstance(node, list):
        return [_with_known_words(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        WORDS.get(name, name) if isinstance(value, (int, float)) else name: _with_known_words(value)
        for name, value in node.items()
    }


def _free(name: str, taken: dict[str, Any]) -> str:
    """The name, with a number where it is taken already."""
    return next(free for n in count(1) if (free := name if n == 1 else f"{name}.{n}") not in taken)


def _header(name: str) -> dict[str, Any]:
    text, kind, example = parameters.HEADERS[name]
    return {"description": text, "schema": {"type": kind}, "example": example}


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _operation(endpoint: Endpoint, spelt: _Schemas) -> dict[str, Any]:
    about = endpoint.operation
    described: dict[str, Any] = {
        "operationId": operation_id(endpoint),
        "tags": [SURFACES[about.surface][0]],
        "summary": about.summary,
        "description": about.description,
        "parameters": _parameters(endpoint, spelt),
        "responses": _responses(endpoint, spelt),
        "security": _security(about),
    }
    if about.body is not None:
        described["requestBody"] = _body(about.body, spelt)
    return described


def _parameters(endpoint: Endpoint, spelt: _Schemas) -> list[dict[str, Any]]:
    about = endpoint.operation
    plain = {"type": "string", "minLength": 1}
    found = [
        _parameter(name, "path", about.path.get(name, ""), plain, required=True)
        for name in re.findall(r"{([^{}]+)}", endpoint.path)
    ]
    if about.query is not None:
        properties, required = spelt.properties_of(about.query)
        found += [
            _parameter(name, "query", schema.get("description", ""), _asked(schema), required=name in required)
            | {word: schema[word] for word in (AT_LEAST_ONE,) if word in schema}
            for name, schema in properties.items()
        ]
    found += [_parameter(name, "header", text, {"type": "string"}) for name, text in about.headers.items()]
    return found


def _parameter(name: str, where: str, text: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    described = {"name": name, "in": where, "required": required, "description": text, "schema": schema}
    examples = schema.pop("examples", None)
    example = examples[0] if examples else schema.get("default", schema["enum"][0] if "enum" in schema else NOT_GIVEN)
    if "enum" not in schema:
        example = parameters.EXAMPLES.get(name, example)
    return described if example is NOT_GIVEN else described | {"example": example}


def _asked(schema: dict[str, Any]) -> dict[str, Any]:
    """The type of a parameter of an address. One that is left out is not null: an address has no way to say that."""
    inner = {name: value for name, value in schema.items() if name not in ("description", "title", AT_LEAST_ONE)}
    if "anyOf" in inner:
        kinds = [kind for kind in inner.pop("anyOf") if kind != {"type": "null"}]
        inner = {**kinds[0], **inner} if len(kinds) == 1 else {"anyOf": kinds, **inner}
    if inner.get("default", NOT_GIVEN) is None:
        del inner["default"]
    return inner


def _body(body: JsonBody | StreamBody, spelt: _Schemas) -> dict[str, Any]:
    if isinstance(body, StreamBody):
        content = {
            media: {"schema": schema} | ({"example": body.examples[media]} if media in body.examples else {})
            for media, schema in body.schemas.items()
        }
    else:
        content = {"application/json": {"schema": spelt.of(body.model, "validation")}}
        if body.example is not None:
            content["application/json"]["example"] = body.example
    return {"required": not body.optional, "content": content}


def faults_of(endpoint: Endpoint) -> list[Fault]:
    """Every error an operation may answer, the common ones first."""
    about = endpoint.operation
    changes = endpoint.method != "get" and "session" in about.callers and endpoint.path.startswith("/api/")
    token = (CSRF,) if changes else ()
    limited = (LIMITED,) if about.bucket else ()
    body = BODY if isinstance(about.body, JsonBody) else UPLOAD if about.body else ()
    return list(dict.fromkeys((*COMMON, *token, *limited, *body, *about.faults)))


def _responses(endpoint: Endpoint, spelt: _Schemas) -> dict[str, Any]:
    about = endpoint.operation
    counted = parameters.COUNTED if about.bucket else ()
    responses = {str(answer.status): _answer(answer, spelt, counted) for answer in about.answers}
    grouped: dict[int, list[Fault]] = defaultdict(list)
    for fault in faults_of(endpoint):
        grouped[fault.status].append(fault)
    for status, faults in sorted(grouped.items()):
        body = next((fault.body for fault in faults if fault.body is not None), ErrorBody)
        content: dict[str, Any] = {
            "application/json": {"schema": spelt.of(body, "serialization"), "examples": spelt.examples_of(faults)}
        }
        if not endpoint.path.startswith("/api/") and about.surface != "bots":
            content["text/html"] = {"schema": {"type": "string"}}
        responses[str(status)] = {
            "description": " ".join(f"`{fault.code}`: {fault.when}" for fault in faults),
            "headers": _headers(*parameters.ALWAYS, *counted, *ON_FAULT.get(status, ())),
            "content": content,
        }
    return responses


# What an error says in headers beside its body.
ON_FAULT = {416: ("Content-Range",), 429: ("Retry-After",), 503: ("Retry-After",)}


def _answer(answer: Answer, spelt: _Schemas, counted: tuple[str, ...]) -> dict[str, Any]:
    kept = () if answer.model is None else ("Cache-Control",)
    described: dict[str, Any] = {
        "description": answer.says,
        "headers": _headers(*parameters.ALWAYS, *kept, *counted, *answer.headers),
    }
    content: dict[str, Any] = {media: {} for media in answer.media}
    if answer.model is not None:
        content["application/json"] = {"schema": spelt.of(answer.model, "serialization")}
        if answer.example is not NOT_GIVEN:
            content["application/json"]["example"] = answer.example
    if content:
        described["content"] = content
    return described


def _security(about: Operation) -> list[dict[str, list[str]]]:
    ways = [way for caller in about.callers for way in SECURITY[caller]]
    distinct = [way for n, way in enumerate(ways) if way not in ways[:n]]
    return [*distinct, {}] if about.action in ("public", "library.view") and "session" in about.callers else distinct
