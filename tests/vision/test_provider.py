"""Asking a model over HTTP: what is sent, what is made of any answer, and the course that each failure takes."""

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from pindeck import config, masking, terms
from pindeck.errors import Invalid, Upstream
from pindeck.vision import from_settings, reading
from pindeck.vision.base import Analysis, BilledTo, Context, Subject, Usage
from tests.servers.vision import WORDS, VisionServer, serving_vision

KEY = "sk-secret-of-vision"


@pytest.fixture
def server() -> Iterator[VisionServer]:
    with serving_vision() as running:
        yield running


class Book:
    """Keeps what is said of each call in lists."""

    def __init__(self) -> None:
        self.ends: list[dict[str, Any]] = []
        self.known: str | None = None
        self.kept: dict[str, Any] | None = None

    def paid(self, asked: BilledTo, model: str, prompt_version: str) -> dict[str, Any] | None:
        return self.kept

    def form(self, model: str) -> str | None:
        return self.known

    def begin(self, asked: BilledTo, model: str, prompt_version: str, form: str) -> str:
        self.ends.append({"form": form, "version": prompt_version})
        return str(len(self.ends) - 1)

    def end(self, call_id: str, outcome: str, *, ms: int, usage: Usage = Usage(), **said: Any) -> None:
        self.ends[int(call_id)] |= {"outcome": outcome, "usage": usage, **said}

    @property
    def outcomes(self) -> list[str]:
        return [end["outcome"] for end in self.ends]


@pytest.fixture
def book() -> Book:
    return Book()


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "JPEG")
    return out.getvalue()


SUBJECT = Subject("alley.jpg", photo)


def ask(server: VisionServer, book: Book, model: str, subject: Subject = SUBJECT, **environ: str) -> Analysis:
    settings = config.load(
        {
            "VISION_BASE_URL": server.base,
            "VISION_MODEL": model,
            "VISION_API_KEY": KEY,
            "VISION_TIMEOUT_S": "5",
            **environ,
        }
    )
    return from_settings(settings, book).describe(subject)


def test_a_picture_goes_out_inline_with_the_key_and_a_schema(server: VisionServer, book: Book) -> None:
    found = ask(server, book, "good", SITE_URL="https://pins.example.org")
    (request,), (headers,), (picture,) = server.requests, server.headers, server.pictures
    assert (picture.format, picture.size) == ("JPEG", (64, 48))
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["http-referer"] == "https://pins.example.org"
    told = request["messages"][0]["content"][0]["text"]
    for field in terms.CRAFT.values():
        assert field.name in request["response_format"]["json_schema"]["schema"]["required"] and field.names[0] in told
    assert (request["temperature"], request["max_tokens"]) == (0.2, 900)
    assert "provider" not in request
    assert found == Analysis(
        backend="openai", model="good", prompt_version="2", title="Neon Alley", description="A wet alley at night.",
        tags=["rain", "neon"], category="Sci-Fi", group="Music Video", genre="Sci-Fi", shot="Over-the-Shoulder",
        style="16mm", craft={"size": ["Medium Close-Up"], "light": ["Low-Key", "Foggy glow"], "time": ["Golden Hour"]},
    )  # fmt: skip
    assert book.ends[0]["usage"] == Usage(1200, 80, 213)
    assert book.ends[0]["answer"]["genre"] == "Sci-Fi"


def test_what_the_library_knows_goes_along_and_rules_make_another_version(server: VisionServer, book: Book) -> None:
    context = Context({"title": 'Say "hi"'}, "Blade", ("fog", "neon"), "We write in German.")
    found = ask(server, book, "good", replace(SUBJECT, context=context))
    told = server.requests[0]["messages"][0]["content"][0]["text"]
    for words in ("alley.jpg", '"title": "Say \\"hi\\""', '"project": "Blade"', "fog, neon", "We write in German."):
        assert words in told
    assert found.tags == ["neon", "rain"]  # that of the library first
    assert str(found.prompt_version).startswith("2-")


@pytest.mark.parametrize("model", ["fenced", "chatty", "thought", "parts", "wrapped", "sloppy"])
def test_a_description_is_found_however_it_is_wrapped(server: VisionServer, book: Book, model: str) -> None:
    found = ask(server, book, model)
    assert (found.title, found.description, found.tags) == ("Neon Alley", "A wet alley at night.", ["rain", "neon"])
    assert book.outcomes == ["answered"]


def test_wrong_types_and_words_that_mean_nothing_are_absent(server: VisionServer, book: Book) -> None:
    for model in ("wrong", "blank"):
        assert ask(server, book, model) == Analysis(backend="openai", model=model, prompt_version="2")
    assert book.outcomes == ["answered", "answered"]


def test_what_is_too_long_is_cut_and_what_cannot_be_stored_left_out(server: VisionServer, book: Book) -> None:
    found = ask(server, book, "long")
    assert found.title == "t" * 200
    assert found.description == "d" * 5000
    assert found.genre == "g" * 120
    assert found.tags == [f"tag {n}" for n in range(10)]


def test_a_price_that_is_none_is_not_written(server: VisionServer, book: Book) -> None:
    assert ask(server, book, "priceless").title == "Neon Alley"
    assert book.ends[0]["usage"] == Usage()


@pytest.mark.parametrize(
    ("model", "forms"),
    [("schemaless", ["json_schema", "json_object"]), ("formless", ["json_schema", "json_object", "plain"])],
)
def test_a_form_that_is_refused_gives_way_to_a_plainer_one(
    server: VisionServer, book: Book, model: str, forms: list[str]
) -> None:
    assert ask(server, book, model).title == "Neon Alley"
    assert server.forms == forms == [end["form"] for end in book.ends]
    assert book.outcomes == [*["refused"] * (len(forms) - 1), "answered"]
    book.known = forms[-1]
    ask(server, book, model)
    assert server.forms[len(forms) :] == [forms[-1]]


@pytest.mark.parametrize("model", ["thinking", "cut"])
def test_tokens_that_did_not_suffice_are_tripled(server: VisionServer, book: Book, model: str) -> None:
    assert ask(server, book, model).title == "Neon Alley"
    assert [request["max_tokens"] for request in server.requests] == [900, 2700]
    assert book.outcomes == ["unusable", "answered"]
    assert [end["usage"].cost_micro for end in book.ends] == [213, 213]


def test_the_last_answer_is_taken_as_far_as_it_goes(server: VisionServer, book: Book) -> None:
    assert ask(server, book, "clipped").title == "Neon Alley"
    assert [request["max_tokens"] for request in server.requests] == [900, 2700, 8100]


def test_an_answer_that_was_paid_is_not_asked_for_again(server: VisionServer, book: Book) -> None:
    book.kept = {"title": "Kept", "tags": ["rain"]}
    assert ask(server, book, "good").title == "Kept"
    assert (server.requests, book.ends) == ([], [])


FOR_GOOD = [
    ("keyless", "does not accept the key (401). Correct VISION_API_KEY. It says: “No auth credentials found”", "refused", 1),
    ("poor", "no credit left (402)", "refused", 1),
    ("unknown", "Correct VISION_MODEL or VISION_BASE_URL. It says: “no such model”", "refused", 1),
    ("moved", "answered with status 302. Check VISION_BASE_URL.", "refused", 1),
    ("denied", "does not understand the request (400). It says: “image_url is not supported”", "refused", 3),
    ("endless", "All 8100 tokens were spent on thinking", "unusable", 3),
    ("nothing", "answered with nothing", "unusable", 2),
    ("null", "answered with nothing", "unusable", 2),
    ("prose", "holds no description", "unusable", 2),
    ("huge", "holds no description", "unusable", 2),
    ("deep", "holds no description", "unusable", 2),
    ("refusing", "does not want to describe", "unusable", 1),
    ("filtered", "does not want to describe", "unusable", 1),
    ("flood", "larger than 1 MiB", "unusable", 1),
]  # fmt: skip
MAY_PASS = [
    ("wait", "asks to wait (429)", "refused", 77),
    ("wait200", "asks to wait (429)", "refused", 0),
    ("trouble", "has trouble (500)", "refused", 0),
    ("error200", "has trouble (502). It says: “Provider returned error”", "refused", 0),
    ("html", "not that of a chat endpoint", "lost", 0),
    ("choiceless", "holds no answer", "lost", 0),
    ("half", "broke off", "lost", 0),
]


@pytest.mark.parametrize(("model", "sentence", "outcome", "calls"), FOR_GOOD)
def test_what_would_be_the_same_again_is_given_up(
    server: VisionServer, book: Book, model: str, sentence: str, outcome: str, calls: int
) -> None:
    with pytest.raises(Invalid) as caught:
        ask(server, book, model)
    assert sentence in caught.value.message
    assert book.outcomes == [outcome] * calls
    assert len(server.requests) == calls
    assert book.ends[-1]["error"] == caught.value.message


@pytest.mark.parametrize(("model", "sentence", "outcome", "wait_s"), MAY_PASS)
def test_what_may_pass_is_left_to_the_job(
    server: VisionServer, book: Book, model: str, sentence: str, outcome: str, wait_s: int
) -> None:
    masking.learn([KEY])
    with pytest.raises(Upstream) as caught:
        ask(server, book, model)
    assert sentence in caught.value.message
    assert KEY not in caught.value.message
    assert caught.value.retry_after_s == wait_s
    assert book.outcomes == [outcome]


@pytest.mark.parametrize("model", ["hung", "slow"])
def test_a_provider_that_never_ends_is_left(server: VisionServer, book: Book, model: str) -> None:
    with pytest.raises(Upstream, match="did not answer within 0.5 seconds"):
        ask(server, book, model, VISION_TIMEOUT_S="0.5")
    assert book.outcomes == ["lost"]


def test_a_provider_that_is_not_there_says_what_to_check(book: Book) -> None:
    with serving_vision() as gone:
        pass
    with pytest.raises(Upstream, match="cannot be reached. Check VISION_BASE_URL"):
        ask(gone, book, "good")
    assert book.outcomes == ["refused"]



@pytest.mark.parametrize("said", ["{", "[", "<think>", "{\"a\":", "<think>{", "“", "```", "</think>"])
def test_an_answer_that_only_repeats_itself_is_none_and_takes_no_time(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes time that grows with the square of the length is not asked for so much."""
    repaired: list[str] = []
    really = reading.json_repair.loads
    monkeypatch.setattr(reading.json_repair, "loads", lambda text: repaired.append(text) or really(text))
    assert reading.description_in(said * (60_000 // len(said)), frozenset(WORDS)) is None
    assert sum(text.count("{") + text.count("[") for text in repaired) <= reading.MOST_BRACKETS * (reading.TRIES + 1)


def test_a_thought_is_left_out_wherever_it_ends() -> None:
    text = '<think>{"title": "a"}</THINKING>x<think><think>{"title": "b"}</think>{"title": "c"}</think><think>{"genre": "d"}'
    assert reading.description_in(text, frozenset({"title"})) == {"title": "c"}
