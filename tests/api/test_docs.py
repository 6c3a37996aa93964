"""The page of the API: its commands can be run as they stand, and it shows what goes in and what comes out."""

import html
import io
import json
import re
import shlex
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from pindeck.access import Actor
from pindeck.api import openapi
from pindeck.api.operations import JsonBody, parse_json, parse_query
from tests.api.described import fits, operations_of
from tests.conftest import ClientFor
from tests.factories import photo
from tests.programs import Program, ProgramFor, new_key

DOCS = "/api/v1/docs"


@pytest.fixture
def engine() -> str:
    return "sqlite"


@dataclass
class Command:
    """What `curl` was told."""

    method: str = "GET"
    address: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    json: Any = None
    is_raw: bool = False
    files: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    output: str | None = None

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.address).query).items()}


def read(text: str) -> Command:
    """A command as a shell would cut it. Fails for a word that is not known here."""
    words = iter(shlex.split(text))
    assert next(words) == "curl"
    command = Command()
    for word in words:
        if word == "-X":
            command.method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            command.headers[name] = value
        elif word == "-d":
            command.json = json.loads(next(words))
        elif word == "--data-binary":
            assert next(words) == "@still.jpg"
            command.is_raw = True
        elif word == "-F":
            name, _, value = next(words).partition("=")
            assert value == "@still.jpg"
            command.files.append(name)
        elif word == "--form-string":
            name, _, value = next(words).partition("=")
            command.fields[name] = value
        elif word == "-o":
            command.output = next(words)
        else:
            assert not word.startswith("-") and not command.address, word
            command.address = word
    return command


@pytest.fixture
def commands(client_for: ClientFor) -> dict[str, list[Command]]:
    """By operation id."""
    page = client_for().get(DOCS).text
    found = {}
    for block in page.split('<details class="op" id="')[1:]:
        texts = re.findall(r'<pre class="curl" tabindex="0"><code>(.*?)</code></pre>', block, re.S)
        found[block.partition('"')[0]] = [read(html.unescape(text)) for text in texts]
    return found


def test_the_page_names_every_operation(client_for: ClientFor, olga: Actor, document: dict[str, Any]) -> None:
    for who in (None, olga):
        page = client_for(who).get(DOCS)
        assert page.status_code == 200
        for path in document["paths"]:
            assert path in page.text


def test_every_command_has_what_its_operation_needs(
    commands: dict[str, list[Command]],
    document: dict[str, Any],
) -> None:
    for where, about in operations_of(document):
        method, _, path = where.partition(" ")
        content = about.get("requestBody", {}).get("content", {})
        found = commands[about["operationId"]]
        ways = ["application/json" in content, bool(content.keys() & {"*/*", "image/jpeg"})]
        assert len(found) == max(1, sum(ways) + ("multipart/form-data" in content)), where
        for command in found:
            assert command.method == method.upper(), where
            assert "{" not in command.address and "…" not in command.address, where
            asked = {each["name"]: each for each in about["parameters"] if each["in"] == "query"}
            assert command.query.keys() <= asked.keys(), where
            assert {name for name, each in asked.items() if each["required"]} <= command.query.keys(), where
            together = {name for name, each in asked.items() if "x-at-least-one" in each}
            assert not together or together & command.query.keys(), where
            assert ("X-API-Key" in command.headers) == ({} not in about["security"]), where
            answers = about["responses"].get("200", {}).get("content", {"application/json": {}})
            assert ("application/json" in answers) == (command.output is None), where
            _check_body(document, content, command, where)


def _check_body(document: dict[str, Any], content: dict[str, Any], command: Command, where: str) -> None:
    if command.json is not None:
        assert command.headers["Content-Type"] == "application/json", where
        fits(document, content["application/json"]["schema"], command.json, where)
    elif command.is_raw:
        assert command.headers["Content-Type"] in content or "*/*" in content, where
    elif command.files or command.fields:
        assert "Content-Type" not in command.headers, where  # curl writes it, with the boundary
        schema = content["multipart/form-data"]["schema"]
        for name in command.files:
            told = schema["properties"][name]
            assert told.get("items", told)["format"] == "binary", where
        assert command.fields.keys() <= schema["properties"].keys(), where
        assert set(schema["required"]) <= {*command.files, *command.fields}, where
    else:
        assert not content, where


def test_what_a_command_sends_is_taken(app: Flask, commands: dict[str, list[Command]]) -> None:
    for endpoint in openapi.endpoints(app):
        about = endpoint.operation
        for command in commands[openapi.operation_id(endpoint)]:
            if about.query is not None:
                with app.test_request_context(command.address):
                    parse_query(about.query)
            if isinstance(about.body, JsonBody):
                parse_json(json.dumps(command.json), about.body.model)


def sent(program: Program, command: Command) -> int:
    """The command's call; its status."""
    body: dict[str, Any] = {}
    if command.json is not None:
        body = {"json": command.json}
    elif command.is_raw:
        body = {"data": photo(), "content_type": command.headers["Content-Type"]}
    elif command.files:
        files = {name: [(io.BytesIO(photo()), "still.jpg")] * command.files.count(name) for name in command.files}
        body = {"data": {**command.fields, **files}, "content_type": "multipart/form-data"}
    parts = urlsplit(command.address)
    return program.call(command.method, f"{parts.path}?{parts.query}", **body).status_code


def test_commands_without_anything_to_put_in_work_as_they_stand(
    program_for: ProgramFor, mo: Actor, commands: dict[str, list[Command]]
) -> None:
    new_key("project", project="Blade Runner")
    master = program_for(new_key("master", actor=mo))
    extension = program_for(new_key("extension", identifier="ext", install_scope="user", actor=mo))
    for name in ("M_upload_image_post", "S_store_post", "G_search_library_get", "S_ask_upload_url_post"):
        for command in commands[name]:
            assert sent(master, command) in (200, 201), name
    for name in ("X_upload_image_post", "X_upload_batch_post", "X_upload_data_url_post", "X_list_images_get"):
        for command in commands[name]:
            assert sent(extension, command) in (200, 201), name


def test_the_page_shows_fields_limits_and_errors(client_for: ClientFor) -> None:
    page = client_for().get(DOCS).text
    block = {part.partition('"')[0]: part for part in page.split('<details class="op" id="')[1:]}
    uploads = block["G_upload_multiple_post"]
    assert "<code>uploads[].title</code>" in uploads and "at most 400 characters" in uploads
    assert (
        "<code>data</code>" in block["X_upload_image_post"] and "<code>items</code>" in block["X_upload_batch_post"]
    )
    errors = html.unescape(block["M_assign_alias_put"])
    assert '"code": "ALIAS_CONFLICT"' in errors and '"code": "FLOW_ID_REQUIRED"' in errors
    assert "<script" not in page.partition("<main")[2].partition("</main>")[0]
