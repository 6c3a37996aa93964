"""Announced digests and types: every spelling is read, and nothing that is sent breaks the reader."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pindeck.errors import Invalid
from pindeck.services.blobs import digests

ANY = st.text(alphabet=st.characters(max_codepoint=0xFF), max_size=300)
DIGEST = st.binary(min_size=32, max_size=32)


@pytest.fixture
def engine() -> str:
    """Nothing here needs a database."""
    return "sqlite"


def spellings(raw: bytes) -> list[tuple[dict[str, str], str | None]]:
    encoded = base64.b64encode(raw).decode()
    return [
        ({"Digest": f"sha-256={encoded}"}, None),
        ({"Digest": f"SHA-256={encoded} , sha-256={encoded}"}, None),
        ({"Repr-Digest": f"sha-256=:{encoded}:"}, None),
        ({"Content-Digest": f"md5=:AAAA:, sha-256=:{encoded}:"}, None),
        ({"X-Content-SHA256": raw.hex()}, None),
        ({"X-Content-SHA256": raw.hex().upper()}, None),
        ({}, raw.hex()),
        ({}, raw.hex().upper()),
        ({}, encoded),
        ({}, encoded.replace("+", " ")),
    ]


@given(DIGEST)
def test_every_spelling_of_a_digest_is_read(raw: bytes) -> None:
    for headers, parameter in spellings(raw):
        assert digests.announced(headers, parameter) == raw.hex()


@given(DIGEST)
def test_they_agree_with_each_other(raw: bytes) -> None:
    together: dict[str, str] = {}
    for headers, _ in spellings(raw):
        together.update(headers)
    assert digests.announced(together, raw.hex()) == raw.hex()


@given(DIGEST, DIGEST)
def test_two_that_disagree_are_refused(one: bytes, other: bytes) -> None:
    if one == other:
        return
    for headers, parameter in spellings(one):
        for more, another in spellings(other):
            if set(headers) & set(more) or (parameter and another):
                continue
            with pytest.raises(Invalid) as caught:
                digests.announced({**headers, **more}, parameter or another)
            assert caught.value.code == "BAD_HEADER"


@given(st.sampled_from(digests.HEADERS), ANY)
def test_whatever_a_header_holds_it_is_read_or_refused(name: str, value: str) -> None:
    try:
        found = digests.announced({name: value})
    except Invalid as error:
        assert (error.code, error.status, set(error.fields)) == ("BAD_HEADER", 400, {name})
    else:
        assert found is not None and len(bytes.fromhex(found)) == 32


@given(ANY)
def test_whatever_the_parameter_holds_it_is_read_or_refused(value: str) -> None:
    try:
        assert len(bytes.fromhex(digests.from_text(value))) == 32
    except Invalid as error:
        assert (error.code, set(error.fields)) == ("BAD_HEADER", {"sha256"})


@given(DIGEST)
def test_a_digest_goes_out_as_it_came_in(raw: bytes) -> None:
    assert digests.from_text(digests.to_base64(raw.hex())) == raw.hex()


def test_nothing_announced_is_nothing() -> None:
    assert digests.announced({}) is None


@given(ANY)
def test_a_type_is_kept_word_for_word_or_refused(value: str) -> None:
    try:
        assert digests.media_type(value) == (value or None)
    except Invalid as error:
        assert (error.code, set(error.fields)) == ("BAD_HEADER", {"Content-Type"})
    else:
        assert value.isascii() and len(value) <= 255


@pytest.mark.parametrize(
    "value", ["a/b" + " ; " * 80 + "é", "a/b" + "; a=b" * 50 + '; c="', "a/b;" + " " * 240 + "/"]
)
def test_a_hostile_type_is_refused_without_trying_every_way_to_read_it(value: str) -> None:
    with pytest.raises(Invalid):
        digests.media_type(value)


@pytest.mark.parametrize(
    ("value", "kept"),
    [("image/png", "image/png"), ("Text/Plain ; charset=x", "text/plain"), (None, ""), ("", ""), (";", "")],
)
def test_types_are_compared_without_case_and_parameters(value: str | None, kept: str) -> None:
    assert digests.essence(value) == kept
