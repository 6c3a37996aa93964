"""Keys have one spelling, and nothing that a client sends can bend them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pindeck.errors import Invalid
from pindeck.storage import keys

DAY = datetime(2026, 3, 7, 23, 30, tzinfo=UTC)
SHA = "0123456789abcdef" * 4
TOKEN = "golden-hour-0123456789abcdef"
BAD_KEYS = [
    "",
    "/etc/passwd",
    "..",
    "../secret-key",
    "a/../../b",
    "a/./b",
    "a//b",
    "a/",
    "a\\b",
    "a\x00b",
    "a\nb",
    "a/b\n",
    ".tmp/x",
    "a/.hidden",
    "a b",
    "ä",
    "a%2e%2e/b",
    "C:/x",
    "x" * 501,
    f"a/{'x' * 201}",
]


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Golden Hour.JPG", "Golden-Hour"),
        ("Café déjà_vu.png", "Cafe-deja_vu"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\still.0001.tif", "still-0001"),
        ("图像.png", "image"),
        (".png", "png"),
        ("", "image"),
        ("a\x00b\ud800.webp", "a-b"),
        ("no extension at all", "no-extension-at-all"),
        ("x" * 200 + ".jpg", "x" * 80),
    ],
)
def test_a_stem_keeps_what_is_safe_of_a_file_name(name: str, stem: str) -> None:
    assert keys.stem(name) == stem


@given(st.text(max_size=300), st.text(max_size=20))
def test_any_name_and_extension_make_a_valid_key(name: str, extension: str) -> None:
    token = keys.file_token(name, SHA)
    assert 1 <= len(keys.stem(name)) <= 80
    key = keys.original_key("media-uploads", DAY, token, extension)
    assert keys.check_key(key) == key
    assert key.startswith("media-uploads/2026/03_07/original/")
    assert key.count("/") == 4


def test_the_dated_layout_is_the_documented_one() -> None:
    assert keys.file_token("golden hour.jpg", SHA) == TOKEN
    folder = "media-uploads/2026/03_07"
    assert keys.original_key("media-uploads", DAY, TOKEN, ".JPG") == f"{folder}/original/{TOKEN}.jpg"
    made = {
        preset: keys.derivative_key("media-uploads", DAY, TOKEN, preset)
        for preset in ("preview", "small", "medium", "large", "screen", "print", "sm", "lg")
    }
    assert made == {
        "preview": f"{folder}/preview/{TOKEN}-preview.webp",
        "small": f"{folder}/low/{TOKEN}-w320.webp",
        "medium": f"{folder}/high/{TOKEN}-w768.webp",
        "large": f"{folder}/high/{TOKEN}-w1280.webp",
        "screen": f"{folder}/high/{TOKEN}-w2560.webp",
        "print": f"{folder}/print/{TOKEN}-print.jpg",
        "sm": f"{folder}/thumb/{TOKEN}-sm.webp",
        "lg": f"{folder}/thumb/{TOKEN}-lg.webp",
    }


def test_the_day_is_the_day_in_utc() -> None:
    tokyo = datetime(2026, 3, 8, 8, 30, tzinfo=timezone(timedelta(hours=9)))
    assert "/2026/03_07/" in keys.original_key("media-uploads", tokyo, TOKEN, "jpg")


def test_other_keys_have_their_own_places() -> None:
    assert keys.general_key(SHA) == f"files/01/{SHA}"
    assert keys.staging_key() != keys.staging_key()
    assert keys.staging_key().startswith("staging/")
    assert len(keys.staging_key()) == len("staging/") + 32


def test_a_suffix_goes_before_the_extension() -> None:
    assert keys.with_suffix("a/b.c/d.jpg", "0011aabb") == "a/b.c/d-0011aabb.jpg"
    assert keys.with_suffix("files/01/abc", "0011aabb") == "files/01/abc-0011aabb"
    with pytest.raises(ValueError, match="8 hex"):
        keys.with_suffix("a/b.jpg", "../../xx")


def test_public_keys_are_short_and_relative_to_the_public_place() -> None:
    token = "9f" * 16
    assert keys.public_keys(token) == (
        f"9f/{token}-preview.webp",
        f"9f/{token}-w320.webp",
        f"9f/{token}-w768.webp",
        f"9f/{token}-w1280.webp",
        f"9f/{token}-w2560.webp",
    )
    assert keys.public_key(token, "medium") == f"9f/{token}-w768.webp"
    for preset in ("original", "print", "sm", "lg"):
        with pytest.raises(ValueError, match="never published"):
            keys.public_key(token, preset)
    for bad in ("", "ab", "../../../../../../x", "a/b" * 10):
        with pytest.raises(ValueError, match="token"):
            keys.public_key(bad, "small")


@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(Invalid):
        keys.check_key(key)


@pytest.mark.parametrize("digest", ["", "abc", SHA.upper(), SHA + "0", "../" + SHA[3:]])
def test_only_a_sha256_names_content(digest: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        keys.general_key(digest)
