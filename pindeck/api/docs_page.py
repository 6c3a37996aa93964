"""The document as people read it: an operation's commands, and what goes in as rows of a table."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from pindeck.api.parameters import AT_LEAST_ONE
from pindeck.api.types import MAX_INT

FILE = "still.jpg"
FILE_TYPE = "image/jpeg"
DEEPEST = 3
REF = "#/components/"
KINDS = {"string": "text", "boolean": "true or false", "object": "object", "null": "null"}
# What JSON Schema says of a value, in words.
LIMITS = (
    ("minimum", "from {}"),
    ("maximum", "to {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {}"),
    ("maxItems", "at most {}"),
    ("maxProperties", "at most {}"),
    ("format", "{}"),
    ("contentMediaType", "{}"),
    ("default", "default {}"),
)


@dataclass(frozen=True)
class Row:
    """What goes in under one name. `name` is a path: `uploads[].title`."""

    name: str
    kind: str
    limits: str
    description: str
    required: bool


class Reader:
    """Reads one document; `base` is the address of the installation."""

    def __init__(self, built: dict[str, Any]) -> None:
        self.built = built
        self.base = built["servers"][0]["url"]

    def operations(self) -> list[dict[str, Any]]:
        """Each operation of the document with what the page shows of it."""
        return [
            {
                **about,
                "method": method.upper(),
                "path": path,
                "commands": list(self.commands(method, path, about)),
                "asked": [self.parameter(each) for each in about["parameters"]],
                "bodies": list(self.bodies(about)),
                "answers": [self.answer(status, found) for status, found in about["responses"].items()],
            }
            for path, methods in self.built["paths"].items()
            for method, about in methods.items()
        ]

    # Commands

    def commands(self, method: str, path: str, about: dict[str, Any]) -> Iterator[str]:
        """The call, once for each way to send its body. What must be put into the path is spelt in capitals."""
        words = ["curl"]
        if method != "get":
            words.append(f"-X {method.upper()}")
        if {} not in about["security"]:
            words.append('-H "X-API-Key: $KEY"')
        if "application/json" not in about["responses"].get("200", {}).get("content", {"application/json": {}}):
            words.append("-o answer")  # bytes, which are nothing for a terminal
        address = shlex.quote(self._address(path, about["parameters"]))
        for sent in self._sent(about.get("requestBody", {}).get("content", {})):
            yield " ".join([*words, *sent, address])

    def _address(self, path: str, parameters: list[dict[str, Any]]) -> str:
        query = {}
        for each in parameters:
            if each["in"] == "path":
                path = path.replace("{" + each["name"] + "}", each["name"].upper())
            elif each["in"] == "query" and (each["required"] or AT_LEAST_ONE in each):
                query[each["name"]] = each["example"]
        return f"{self.base}{path}{'?' + urlencode(query) if query else ''}"

    def _sent(self, content: dict[str, Any]) -> Iterator[list[str]]:
        if not content:
            yield []
        if "application/json" in content:
            body = json.dumps(content["application/json"]["example"], ensure_ascii=False)
            yield ["-H 'Content-Type: application/json'", f"-d {shlex.quote(body)}"]
        if {"*/*", FILE_TYPE} & content.keys():
            yield [f"-H 'Content-Type: {FILE_TYPE}'", f"--data-binary @{FILE}"]
        if "multipart/form-data" in content:
            form = content["multipart/form-data"]
            yield list(self._parts(form["schema"]["properties"], form["example"]))

    def _parts(self, fields: dict[str, Any], example: dict[str, Any]) -> Iterator[str]:
        for name, value in example.items():
            if _is_file(fields[name]):
                yield from [f"-F {name}=@{FILE}"] * (len(value) if isinstance(value, list) else 1)
            else:  # `-F` would take a value that begins with an @ for the name of a file
                yield f"--form-string {shlex.quote(f'{name}={value}')}"

    # Tables

    def parameter(self, each: dict[str, Any]) -> dict[str, Any]:
        row = self._row(each["name"], each["schema"], required=each["required"])
        return {**each, "kind": row.kind, "limits": row.limits}

    def bodies(self, about: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The media types of a body, those alike together, each with its rows."""
        alike: dict[str, list[str]] = {}
        content = about.get("requestBody", {}).get("content", {})
        for media, found in content.items():
            alike.setdefault(json.dumps(found["schema"]), []).append(media)
        for schema, media in alike.items():
            yield {"media": media, "rows": list(self.rows(json.loads(schema)))}

    def rows(self, schema: dict[str, Any], before: str = "", depth: int = 1) -> Iterator[Row]:
        """The fields of an object, and below each the fields of what it holds."""
        schema = self.found(schema)
        needed = schema.get("required", ())
        for name, inner in schema.get("properties", {}).items():
            yield self._row(f"{before}{name}", inner, required=name in needed)
            if depth < DEEPEST:
                held, more = self._held(inner, f"{before}{name}")
                yield from self.rows(held, f"{more}.", depth + 1)

    def _held(self, schema: dict[str, Any], name: str) -> tuple[dict[str, Any], str]:
        """The object a field holds, or a list of them, and what its fields are called by."""
        for kind in self._ways(schema):
            if kind.get("type") == "array":
                return self._held(kind["items"], f"{name}[]")
            if "properties" in kind:
                return kind, name
        return {}, name

    def _ways(self, schema: dict[str, Any]) -> list[dict[str, Any]]:
        schema = self.found(schema)
        return [self.found(kind) for kind in schema.get("anyOf", [schema])]

    def _row(self, name: str, schema: dict[str, Any], *, required: bool) -> Row:
        ways = self._ways(schema)
        limits = [words for way in [*ways, schema] for words in _limits(way)]
        return Row(
            name,
            " or ".join(dict.fromkeys(self._kind(way) for way in ways)),
            ", ".join(dict.fromkeys(limits)),
            schema.get("description") or "",
            required,
        )

    def _kind(self, schema: dict[str, Any]) -> str:
        if _is_file(schema) and schema.get("type") != "array":
            return "file"
        if "const" in schema or "enum" in schema:
            return "one of " + ", ".join(str(word) for word in schema.get("enum", [schema.get("const")]))
        if schema.get("type") == "array":
            return f"list of {' or '.join(self._kind(way) for way in self._ways(schema['items']))}"
        kind = schema.get("type", "anything")
        return KINDS.get(kind, kind)

    def found(self, node: dict[str, Any]) -> dict[str, Any]:
        """The node itself, or what it refers to with what it says beside."""
        if "$ref" not in node:
            return node
        kind, name = node["$ref"].removeprefix(REF).split("/")
        return {**self.built["components"][kind][name], **{word: node[word] for word in node if word != "$ref"}}

    # Answers

    def answer(self, status: str, found: dict[str, Any]) -> dict[str, Any]:
        """What an answer means, its headers beyond those of every answer, and an example of each code."""
        told = found.get("content", {}).get("application/json", {})
        examples = [self.found(each)["value"] for each in told.get("examples", {}).values()]
        if "example" in told:
            examples.append(told["example"])
        return {
            "status": status,
            "description": found["description"],
            "headers": [name for name in found.get("headers", {}) if name != "X-Request-Id"],
            "media": [media for media in found.get("content", {}) if media != "application/json"],
            "examples": examples,
        }


def _is_file(schema: dict[str, Any]) -> bool:
    return schema.get("items", schema).get("format") == "binary"


def _limits(schema: dict[str, Any]) -> Iterator[str]:
    for word, sentence in LIMITS:
        value = schema.get(word)
        if value is not None and _is_worth_a_word(value):
            yield sentence.format(json.dumps(value) if isinstance(value, bool) else value)


def _is_worth_a_word(value: Any) -> bool:
    """The bounds of all integers are no limit, and nothing is no default."""
    if isinstance(value, (int, float)):
        return abs(value) < MAX_INT
    return value not in ("", "binary", [], {})
