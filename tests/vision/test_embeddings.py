"""Asking an endpoint what texts mean: what is sent, what is kept, and the course that each failure takes."""

import math
from array import array

import pytest

from pindeck import config, masking
from pindeck.errors import Invalid, SettingError, Upstream
from pindeck.vision.embeddings import Embedder
from tests.servers.embeddings import KEY, NUMBERS, direction_of, serving_embeddings

TEXTS = ["A wet alley at night.", "A wet street, neon", "Breakfast"]


@pytest.fixture(scope="module")
def server():
    with serving_embeddings() as running:
        yield running


def ask(server, model: str) -> list[bytes]:
    environ = {"EMBEDDINGS_BASE_URL": f"{server.base}/", "EMBEDDINGS_MODEL": model, "EMBEDDINGS_API_KEY": KEY}
    settings = config.load({**environ, "VISION_TIMEOUT_S": "0.5" if model == "slow" else "5"})
    return Embedder(settings).embeddings_of(TEXTS)


def test_each_text_gets_its_direction_in_a_byte_for_each_number(server):
    found = ask(server, "good")
    assert server.requests[-1] == {"model": "good", "input": TEXTS, "encoding_format": "float"}
    assert server.keys[-1] == f"Bearer {KEY}"
    for text, packed in zip(TEXTS, found, strict=True):
        kept, meant = array("b", packed), direction_of(text)
        assert len(kept) == NUMBERS and max(map(abs, kept)) == 127
        length = math.sqrt(sum(number * number for number in kept))
        assert sum(a * b for a, b in zip(kept, meant, strict=True)) / length > 0.9999


@pytest.mark.parametrize("model", ["few", "many", "short", "nan", "endless", "zero", "words", "coded", "twice", "nowhere"])
def test_an_answer_that_is_not_whole_is_not_taken(server, model: str):
    with pytest.raises(Upstream, match="The answer of the embeddings provider"):
        ask(server, model)


@pytest.mark.parametrize(
    ("model", "kind", "said", "wait_s"),
    [
        ("wait", Upstream, "asks to wait", 77), ("trouble", Upstream, "has trouble", 0), ("error200", Upstream, "has trouble", 0),
        ("slow", Upstream, "did not answer within 0.5 seconds", 0), ("keyless", Invalid, "Correct EMBEDDINGS_API_KEY", None),
        ("refusing", Invalid, "input is too long", None),
    ],
)  # fmt: skip
def test_each_failure_has_its_course(server, model: str, kind: type, said: str, wait_s: int | None):
    with pytest.raises(kind, match=said) as caught:
        ask(server, model)
    assert KEY not in str(caught.value) and getattr(caught.value, "retry_after_s", None) == wait_s


def test_the_address_needs_a_model_and_a_key_needs_an_address():
    base = {"EMBEDDINGS_BASE_URL": "http://here/v1"}
    assert not config.load({}).embeddings_is_on
    assert config.load({**base, "EMBEDDINGS_MODEL": "m"}).embeddings_is_on
    for environ, said in ((base, "EMBEDDINGS_MODEL"), ({"EMBEDDINGS_API_KEY": KEY}, "EMBEDDINGS_BASE_URL is needed"),
                          ({**base, "EMBEDDINGS_MODEL": "m", "EMBEDDINGS_API_KEY": "ké"}, "EMBEDDINGS_API_KEY has")):  # fmt: skip
        with pytest.raises(SettingError, match=said):
            config.load(environ)
    assert KEY not in masking.masked(f"sent with {KEY}")
