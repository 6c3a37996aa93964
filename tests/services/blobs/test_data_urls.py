"""Data URLs: what was put in comes out, and nothing else is one."""

import base64
import string
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pindeck.errors import Invalid
from pindeck.services.blobs import data_urls

WORD = st.text(string.ascii_letters + string.digits + ".+-", min_size=1, max_size=30)
PARAMETER = st.tuples(WORD, st.text(string.ascii_letters + string.digits + "-_=/ü", max_size=10))


def bytes_of(found: data_urls.DataUrl) -> bytes:
    return b"".join(found.pieces())


@pytest.fixture(autouse=True, scope="module", params=[2**20, 8], ids=["whole", "in slices"])
def slices(request: pytest.FixtureRequest) -> Iterator[None]:
    """A payload is decoded slice by slice, which must not be seen."""
    before, data_urls.SLICE = data_urls.SLICE, request.param
    yield
    data_urls.SLICE = before


@given(st.binary(max_size=300), WORD, WORD, st.lists(PARAMETER, max_size=4), st.sampled_from(["base64", "BASE64"]))
def test_what_was_put_in_comes_out(
    data: bytes, kind: str, subtype: str, parameters: list[tuple[str, str]], coding: str
) -> None:
    extra = "".join(f";{name}={value}" for name, value in parameters)
    found = data_urls.parse(f"data:{kind}/{subtype}{extra};{coding},{base64.b64encode(data).decode()}")
    assert (found.mime, bytes_of(found)) == (f"{kind}/{subtype}".lower(), data)


@given(st.text(max_size=300))
def test_any_text_is_refused_or_read(text: str) -> None:
    for given_text in (text, f"data:image/png;base64,{text}", f"data:{text};base64,AAAA"):
        try:
            data_urls.parse(given_text)
        except Invalid as error:
            assert error.code == "INVALID_DATA_URL" and set(error.fields) == {"dataUrl"}


@given(st.binary(min_size=1, max_size=60), st.integers(0, 100), st.sampled_from("*-_ \n\x00é=\ud800"))
def test_one_character_that_does_not_belong_spoils_it(data: bytes, place: int, wrong: str) -> None:
    text = base64.b64encode(data).decode()
    place %= len(text.rstrip("=")) or 1
    with pytest.raises(Invalid):
        data_urls.parse("data:image/png;base64," + text[:place] + wrong + text[place:])


def test_the_type_may_be_missing() -> None:
    found = data_urls.parse("data:;base64,AAAA")
    assert (found.mime, bytes_of(found)) == ("text/plain", b"\0\0\0")
    assert bytes_of(data_urls.parse(" data:image/png;base64,\n".strip())) == b""


@pytest.mark.parametrize("text", [" data:;base64,AAAA\n", "\t\n data:;base64,AAAA", "data:;base64,AAAA  "])
def test_space_around_it_does_not_matter(text: str) -> None:
    assert bytes_of(data_urls.parse(text)) == b"\0\0\0"
    assert bytes_of(data_urls.parse(" data:;base64, ")) == b""


@pytest.mark.parametrize(
    "text",
    [
        "", "data:", "data:,", "data:base64,AAAA", "data:image/png,abc", "data:image/png;base64", "image/png;base64,AAAA",
        "data:image;base64,AAAA", "data:image/png;base64;x,AAAA", "data:image/png;foo;base64,AAAA",
        "data:image/png;base64,A", "data:image/png;base64,AA", "data:image/png;base64,AAA", "data:image/png;base64,AA=",
        "data:image/png;base64,AAAA=", "data:image/png;base64,AAAA====", "data:image/png;base64,=AAA",
        "data:image/png;base64,====", "data:image/png;base64,AA==AA==", "data:image/png;base64,AA%3D%3D",
        "data:image/png;base64,AAAA,AAAA", "data:" + "a" * 2000 + "/b;base64,AAAA", "xdata:image/png;base64,AAAA",
    ],
)  # fmt: skip
def test_what_is_none(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        data_urls.parse(text)
    assert caught.value.code == "INVALID_DATA_URL"


def test_a_head_that_never_ends_costs_nothing() -> None:
    """The pattern cannot be made to look again and again: a long head is not even tried."""
    with pytest.raises(Invalid):
        data_urls.parse("data:a/b" + ";a=b" * 1_000_000 + "!;base64,AAAA")
