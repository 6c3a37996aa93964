"""One decorator for every operation: who may, how often, what comes in, what goes out, and what it is called.

The models that check a request and spell an answer are the ones `openapi.py` describes, so that the document
cannot say anything else than the code does.
"""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cache, cached_property, wraps
from typing import Any, TypeVar

from flask import Response, current_app, g, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, TypeAdapter, ValidationError

from pindeck import access, config
from pindeck.api import repeats as repeating
from pindeck.api.repeats import Repeats
from pindeck.errors import Forbidden, Invalid, NotSignedIn, invalid
from pindeck.http import bodies, limits
from pindeck.services.clients.idempotency import Repeated, Request

M = TypeVar("M", bound=BaseModel)

JSON_BYTES = 1_000_000  # read without asking for room in memory
DATA_URL_BYTES = 70_000_000  # it is in memory as bytes and as text
NOT_GIVEN: Any = object()  # None is an example too


@dataclass(frozen=True)
class Fault:
    """An error an operation may answer: its status, the word programs switch on, and when that happens.

    `body` is a model of its own where a document puts something beside the error.
    """

    status: int
    code: str
    when: str
    body: type[BaseModel] | None = None


@dataclass(frozen=True)
class JsonBody:
    """A JSON body, read whole. One that is optional may be absent altogether; the view gets None then.

    With `with_picture` one picture may stand in it as base64, up to `MAX_UPLOAD_MB`, and `DATA_URL_BYTES` in all.
    """

    model: Any
    optional: bool = False
    with_picture: bool = False
    example: Any = None

    @property
    def max_bytes(self) -> int:
        if not self.with_picture:
            return JSON_BYTES
        return min(DATA_URL_BYTES, JSON_BYTES + config.current().max_upload_bytes * 4 // 3)


@dataclass(frozen=True)
class StreamBody:
    """A body the view reads by itself, chunk by chunk, after authority is known.

    `schemas` maps a media type to its JSON Schema, `examples` to a body; for the document only.
    """

    schemas: dict[str, dict[str, Any]]
    optional: bool = False
    examples: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What is answered when all went well: a model, or bytes of some media types, or nothing.

    `headers` are names in `parameters.HEADERS`, of those that not every answer has.
    """

    model: Any = None
    status: int = 200
    says: str = "Done."
    media: tuple[str, ...] = ()
    example: Any = NOT_GIVEN
    headers: tuple[str, ...] = ()

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.model)


@dataclass(frozen=True)
class Operation:
    """All that is known of an operation; `openapi.py` reads it."""

    name: str
    action: str
    surface: str
    summary: str
    description: str
    answers: tuple[Answer, ...]
    query: type[BaseModel] | None = None
    body: JsonBody | StreamBody | None = None
    path: dict[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    bucket: str | None = None
    callers: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    repeats: Repeats = Repeats.HARMLESS

    def spell(self, result: Any) -> Response:
        """What a view returned, as it goes out."""
        if isinstance(result, Response):
            return result
        reply = result if isinstance(result, Reply) else Reply(result, self.answers[0].status)
        return _spell(next(answer for answer in self.answers if answer.status == reply.status), reply)


@dataclass(frozen=True)
class Reply:
    """What a view returns when status 200 and no header of its own are not enough."""

    value: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


REUSED = Fault(409, "IDEMPOTENCY_KEY_REUSED", "The Idempotency-Key was used for another request.")
NOT_HEEDED = Fault(400, "IDEMPOTENCY_KEY_NOT_HEEDED", "The answer holds a secret, and is not kept for a repeat.")

# Who may call an operation. Visitors are let in where the action lets them.
PEOPLE_AND_MANAGERS = ("session", "manager")
EXTENSIONS = ("extension",)
ANYBODY = ("session", "manager", "extension")


def operation(
    action: str,
    *,
    surface: str,
    summary: str,
    answers: Answer | tuple[Answer, ...],
    query: type[BaseModel] | None = None,
    body: JsonBody | StreamBody | None = None,
    path: dict[str, str] | None = None,
    faults: tuple[Fault, ...] = (),
    bucket: str | None = "read",
    callers: tuple[str, ...] = PEOPLE_AND_MANAGERS,
    headers: dict[str, str] | None = None,
    repeats: Repeats = Repeats.HARMLESS,
) -> Callable[[Callable[..., Any]], Callable[..., ResponseReturnValue]]:
    """Make a view an operation of the API.

    `action` is a rule of `access/`, or `public` where the service alone decides. `headers` are request
    headers the view reads, with their meaning. `repeats` says what a second call does. The view gets its path arguments, and `query` and `body` where
    there are such; it returns what the first answer's model describes, a `Reply`, or a finished Response.
    """
    given = answers if isinstance(answers, tuple) else (answers,)
    heeds = repeats in (Repeats.WHOLE, Repeats.BYTES)
    told = (REUSED,) if heeds else (NOT_HEEDED,) if repeats == Repeats.REFUSED else ()

    def decorate(view: Callable[..., Any]) -> Callable[..., ResponseReturnValue]:
        about = Operation(
            name=view.__name__,
            action=action,
            surface=surface,
            summary=summary,
            description=" ".join((view.__doc__ or "").split()),
            answers=given,
            query=query,
            body=body,
            path=path or {},
            faults=(*faults, *told),
            bucket=bucket,
            callers=callers,
            headers={**(headers or {}), **(repeating.HEADER if heeds else {})},
            repeats=repeats,
        )

        @wraps(view)
        def run(**arguments: Any) -> ResponseReturnValue:
            if bucket:
                limits.spend(bucket)  # of what is refused as well
            _admit(about)
            if repeats == Repeats.REFUSED:
                repeating.refuse()
            if query is not None:
                arguments["query"] = parse_query(query)
            with _room_for(body):
                if isinstance(body, JsonBody):
                    arguments["body"] = _parse_body(body)
                if repeats == Repeats.WHOLE:
                    return repeating.whole(_content(arguments.get("body")), lambda: about.spell(view(**arguments)))
                try:
                    return about.spell(view(**arguments))
                except Repeated as error:  # what this call did is undone
                    return repeating.again(str(error.request.answer()))

        run.operation = about  # type: ignore[attr-defined]
        run.access = action  # type: ignore[attr-defined]
        return run

    return decorate


def keep(repeat: Request | None, result: Any) -> None:
    """Keep what the view is about to return, inside the transaction of its work.

    Raises Repeated when the key has been used: left alone it undoes the work, and the caller gets the earlier answer.
    """
    if repeat:
        about: Operation = current_app.view_functions[str(request.endpoint)].operation  # type: ignore[union-attr]
        repeat.keep(repeating.text_of(about.spell(result)))


def _admit(about: Operation) -> None:
    """The door, then the rule. A program at the wrong door hears so; somebody without a name is asked for one."""
    actor = g.actor
    kind = "extension" if actor.is_extension else "manager" if actor.is_program else "session"
    if kind not in about.callers:
        if not actor.is_program:
            raise NotSignedIn("This needs an API key in X-API-Key or Authorization: Bearer.")
        wanted = "an extension key" if about.callers == EXTENSIONS else "a master or project key, or a session"
        raise Forbidden(f"This key is of the wrong kind: use {wanted}.")
    if about.action != "public":
        access.require(actor, about.action)


def parse_query(model: type[M]) -> M:
    """The address's parameters as a model. Raises Invalid naming each that is wrong."""
    try:
        return model.model_validate(request.args.to_dict(), strict=False)
    except ValidationError as error:
        raise invalid_input(error) from error


def _room_for(body: JsonBody | StreamBody | None) -> AbstractContextManager[None]:
    """Limit how many large JSON bodies are in memory, each until the view is done with it."""
    if not isinstance(body, JsonBody) or not body.with_picture:
        return nullcontext()
    length = request.content_length
    return nullcontext() if length is not None and length <= JSON_BYTES else bodies.room()


def _parse_body(body: JsonBody) -> Any:
    request.max_content_length = body.max_bytes
    if body.optional and not request.content_length and "chunked" not in request.headers.get("Transfer-Encoding", ""):
        return None
    if not request.mimetype and not request.content_length and "chunked" not in request.headers.get("Transfer-Encoding", ""):
        raise invalid("body", "Send a JSON object, with Content-Type: application/json.", named=True)
    if request.mimetype != "application/json":
        raise Invalid(
            "Send the body as JSON, with Content-Type: application/json.", code="UNSUPPORTED_MEDIA_TYPE", status=415
        )
    return parse_json(_text(), body.model)


def _content(body: Any) -> str:
    """What a body said, for comparing it with another one."""
    return json.dumps(body.model_dump(exclude_unset=True), default=str) if isinstance(body, BaseModel) else ""


def _text() -> str:
    """The body as text: its bytes are not needed any more when it is parsed. Raises Invalid."""
    raw = bodies.whole(request)
    try:
        return raw.decode(json.detect_encoding(raw), "surrogatepass")
    except UnicodeDecodeError as error:
        raise _no_json() from error


def parse_json(raw: bytes | str, model: Any) -> Any:
    """JSON text as a model. Raises Invalid naming each field that is wrong."""
    try:
        data = json.loads(raw, parse_constant=_no_such_number)
    except (ValueError, RecursionError) as error:
        raise _no_json() from error
    del raw  # it may be as large as a picture, and so may be what was read from it
    try:
        return _adapter(model).validate_python(data)
    except ValidationError as error:
        raise invalid_input(error) from error


@cache
def _adapter(model: Any) -> TypeAdapter[Any]:
    """Making one takes longer than reading a body with it."""
    return TypeAdapter(model)


def _no_json() -> Invalid:
    return Invalid("The body is not JSON.", fields={"body": "This is not JSON."})


def _no_such_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def invalid_input(error: ValidationError) -> Invalid:
    """What pydantic found, a sentence for each field."""
    fields: dict[str, str] = {}
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        name = ".".join(str(part) for part in fault["loc"]) or "body"
        text = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            text = "there is no such field here"
        fields.setdefault(name, f"{text[:1].upper()}{text[1:]}.")
    name, text = next(iter(fields.items()))
    return Invalid(f"{name}: {text}", fields=fields)


def _spell(answer: Answer, reply: Reply) -> Response:
    if answer.model is None:
        response = Response(status=reply.status, headers=reply.headers)
        del response.headers["Content-Type"]  # there is nothing that could have one
        return response
    checked = answer.adapter.validate_python(reply.value)
    text = answer.adapter.dump_json(checked, exclude_unset=True)
    response = Response(text, status=reply.status, mimetype="application/json", headers=reply.headers)
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response
