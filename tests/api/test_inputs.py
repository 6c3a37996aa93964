"""Whatever is sent, the readers of the API either understand it or refuse it in a sentence."""

import json
import re
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from flask import Flask, request
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from werkzeug.exceptions import BadRequest

from pindeck.access import VISITOR, Actor
from pindeck.api import preconditions, representation
from pindeck.api.extensions import upload_form
from pindeck.api.extensions.schemas import BatchEntry
from pindeck.api.extensions.upload_form import Upload
from pindeck.api.operations import parse_json, parse_query
from pindeck.api.types import MAX_INT, META_BYTES, Input, JsonObject, Query, QueryFlag, QueryInt, Text, check_json
from pindeck.errors import PindeckError
from pindeck.http import auth, multipart
from pindeck.http.multipart import FieldPart, FilePart
from pindeck.services.clients import api_keys
from pindeck.services.ingest.extensions import UploadMeta

# What can stand in a header: a server takes no line ends.
HEADER = st.text(st.characters(max_codepoint=0xFF, exclude_characters="\r\n"), max_size=200)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
    max_leaves=30,
)
IMAGE_ID = "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a11"
MANAGER = Actor(client_id="0198", client_kind="master")


@pytest.fixture(scope="module")
def desk() -> Flask:
    """As much of an application as a reader asks for."""
    return Flask("desk")


def refuses(call: Callable[[], Any]) -> bool:
    """Whether the call was refused, in a sentence that can be sent."""
    try:
        call()
    except PindeckError as error:
        assert 400 <= error.status < 500
        error.message.encode()
        json.dumps(getattr(error, "fields", {}), ensure_ascii=False).encode()
        return True
    return False


# Forms

BOUNDARY = "b0undary"
NAMES = st.sampled_from(["file", "data", "items", "meta", "", "ä"])
PLAIN = st.text(st.characters(exclude_categories=("Cs",)), max_size=40).filter(lambda text: BOUNDARY not in text)
PIECES = st.sampled_from([
    b"--b0undary", b"--", b"\r\n", b"\r\n\r\n", b"\n", b"Content-Disposition: form-data; name=", b'"data"',
    b'; filename="a"', b"Content-Type: text/plain", b"; filename*=UTF-8''%ff", b"\x00", b"\xff",
])  # fmt: skip


def parts_of(desk: Flask, body: bytes, kind: str) -> list[tuple[str, str]]:
    with desk.test_request_context(
        method="POST", input_stream=BytesIO(body), content_length=len(body), content_type=kind
    ):
        return [
            (part.name, b"".join(part.chunks).decode("latin-1") if isinstance(part, FilePart) else part.value)
            for part in multipart.parts(request, files=50)
        ]


@given(body=st.binary(max_size=300) | st.lists(PIECES, max_size=20).map(b"".join), kind=HEADER)
def test_any_body_is_read_as_a_form_or_refused(desk: Flask, body: bytes, kind: str) -> None:
    for declared in (f"multipart/form-data; boundary={BOUNDARY}", f"multipart/form-data; boundary={kind}", kind):
        try:
            refuses(partial(parts_of, desk, body, declared))
        except BadRequest as error:
            assert error.description


@given(st.lists(st.tuples(NAMES, PLAIN), max_size=5))
def test_a_form_is_read_as_it_was_written(desk: Flask, fields: list[tuple[str, str]]) -> None:
    body = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields
    )
    assert parts_of(desk, f"{body}--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}") == fields


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_the_items_of_a_batch_are_a_list_or_refused(text: bytes) -> None:
    wholes = [FilePart("items", "items.json", iter([text[:7], text[7:]]))]
    try:
        wholes.append(FieldPart("items", text.decode()))  # type: ignore[arg-type]
    except UnicodeDecodeError:
        pass
    for part in wholes:
        found: list[Any] = []
        if not refuses(lambda: found.append(upload_form._items(part))):  # noqa: B023 — called at once
            assert isinstance(found[0], list)


@given(item=JSON | st.fixed_dictionaries({}, optional=dict.fromkeys(BatchEntry.model_fields, JSON)), name=st.text())
def test_an_item_describes_its_picture_or_says_what_is_wrong(item: Any, name: str) -> None:
    entry = upload_form._entry(Upload(None, UploadMeta(), None), name, item)
    if isinstance(entry, str):
        assert entry.endswith(".")
    else:
        assert 0 < len(entry.meta.filename) <= 255


# JSON


class Sent(Input):
    text: Text
    meta: JsonObject = {}


@given(st.binary(max_size=200) | st.text(max_size=200))
@example(b"[" * 100_000)
@example('{"text": NaN}')
@example('{"text": "\\ud800"}')
def test_any_json_is_a_body_or_refused(raw: bytes | str) -> None:
    refuses(lambda: parse_json(raw, Sent))


@given(JSON | st.fixed_dictionaries({"text": JSON}, optional={"meta": JSON}))
def test_what_is_taken_of_a_body_can_be_stored(value: Any) -> None:
    found: list[Sent] = []
    if not refuses(lambda: found.append(parse_json(json.dumps(value), Sent))):
        assert "\x00" not in found[0].text
        found[0].text.encode()
        json.dumps(found[0].meta, allow_nan=False, ensure_ascii=False).encode()


@given(st.dictionaries(st.text(max_size=10), JSON, max_size=5))
def test_an_object_of_the_caller_is_kept_as_it_is_or_refused(value: dict[str, Any]) -> None:
    try:
        kept = check_json(value)
    except ValueError as error:
        assert str(error)
        return
    assert kept == value
    assert len(json.dumps(kept, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()) <= META_BYTES


# Addresses


class Sample(Query):
    text: Text | None = None
    number: QueryInt | None = None
    flag: QueryFlag = False


ANYTHING = st.text(max_size=40) | st.integers().map(str) | st.floats().map(str)


@given(text=ANYTHING, number=ANYTHING, flag=ANYTHING)
def test_any_query_is_understood_or_refused(desk: Flask, text: str, number: str, flag: str) -> None:
    words = {"text": text, "number": number, "flag": flag}
    with desk.test_request_context(query_string={name: _sendable(word) for name, word in words.items()}):
        found: list[Sample] = []
        if not refuses(lambda: found.append(parse_query(Sample))):
            assert found[0].text == _sendable(text)
            assert found[0].number is not None and abs(found[0].number) <= MAX_INT
            assert flag in ("true", "false")


def _sendable(text: str) -> str:
    return text.encode(errors="replace").decode()


@given(ANYTHING)
def test_an_integer_of_an_address_is_spelt_as_one(text: str) -> None:
    adapter: TypeAdapter[int] = TypeAdapter(QueryInt)
    try:
        number = adapter.validate_python(text)
    except ValidationError:
        return
    assert number == int(text) and text.isascii() and text.strip("+-").isdigit()


# Headers


@given(key=st.none() | HEADER, authorization=st.none() | HEADER | HEADER.map(lambda word: f"Bearer {word}"))
def test_a_key_is_read_from_any_headers(desk: Flask, key: str | None, authorization: str | None) -> None:
    given_ = {"X-API-Key": key, "Authorization": authorization}
    headers = {name: value for name, value in given_.items() if value is not None}
    with desk.test_request_context("/api/v1/images", headers=headers):
        found = auth.key_given()
        if key is not None:
            assert found == key.strip()
        elif found is not None:
            assert authorization is not None and authorization.lower().startswith("bearer")
    with desk.test_request_context("/", headers=headers):
        assert auth.key_given() == (found if found is not None and api_keys.is_ours(found) else None)


@given(
    HEADER
    | st.lists(st.sampled_from(["image/", "*/*", "application/json", ";q=", "0.5", ",", "x", "=", '"'])).map("".join)
)
def test_any_accept_leads_to_one_of_the_two_answers(desk: Flask, accept: str) -> None:
    with desk.test_request_context(headers={"Accept": accept}):
        for actor in (VISITOR, MANAGER):
            assert representation.wants_bytes(actor, None, None) in (True, False)
            assert representation.wants_bytes(actor, "json", None) is False
            assert representation.wants_bytes(actor, None, "sm") is True


@given(HEADER | st.integers().map(lambda number: f'"{IMAGE_ID}-v{number}", W/"v3", *'))
def test_any_precondition_is_a_set_of_versions_or_none(desk: Flask, tags: str) -> None:
    with desk.test_request_context(headers={"If-Match": tags, "If-None-Match": tags}):
        versions = preconditions.versions_of(IMAGE_ID)
        assert versions is None or all(0 <= version < 10**15 for version in versions)
        assert request.if_none_match.contains_weak("v3") in (True, False)


@given(HEADER)
def test_any_name_of_a_request_is_kept_or_replaced(desk: Flask, name: str) -> None:
    with desk.test_request_context(headers={"X-Request-Id": name}):
        found = auth.request_id()
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", found)
