"""Whatever people and programs write, a reader understands it or refuses it in a sentence; and stores what is clean."""

import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pindeck import cursors
from pindeck.access import VISITOR
from pindeck.config import Settings
from pindeck.errors import Invalid
from pindeck.models import StoredFile
from pindeck.services.blobs import staging
from pindeck.services.files import records
from pindeck.services.images.fields import FIELDS, MAX_TAG, MAX_TAGS, FieldSpec, clean_tags
from pindeck.services.ingest import extensions, external, uploads
from pindeck.services.library import filters, gallery, query
from pindeck.text import is_blank

ANY = st.text(max_size=300) | st.text(st.sampled_from("ab #,\n\t\x00\u0301\u200b\u200d\u3164🚀\ud800/\\.'\"*:&|!()<>-"), max_size=60)
VALUE = st.none() | ANY | st.integers() | st.lists(ANY | st.integers(), max_size=8)


def taken(call: Callable[[], Any]) -> list[Any]:
    """What was understood, as a list of one; nothing if it was refused, in a sentence that can be sent."""
    try:
        return [call()]
    except Invalid as error:
        error.message.encode()
        assert error.fields and json.dumps(error.fields, ensure_ascii=False).encode()
        return []


def is_clean(text: str) -> bool:
    """Whether a database keeps it, and it looks the same when it comes back."""
    text.encode()
    kept = all(unicodedata.category(c) != "Cc" or c in "\n\t" for c in text)
    return kept and text == unicodedata.normalize("NFC", text).strip()


@pytest.mark.parametrize("spec", FIELDS.values(), ids=FIELDS)
@given(value=VALUE)
def test_every_field_is_cleaned_or_refused(spec: FieldSpec, value: object) -> None:
    for found in taken(lambda: spec.clean(value)):
        if isinstance(found, str):
            assert not is_blank(found)
            assert is_clean(found) and len(found) <= spec.max_length
            assert spec.clean(found) == found
        else:
            assert found is None or spec.kind in ("tags", "terms")
            assert spec.clean(found) == found


@given(VALUE)
def test_tags_are_small_words_without_repeats(value: object) -> None:
    for tags in taken(lambda: clean_tags(value)):
        assert len(set(tags)) == len(tags) <= MAX_TAGS + 1
        for tag in tags:
            assert tag and len(tag) <= MAX_TAG and tag.strip("# ") == tag and is_clean(tag)
        assert clean_tags(tags) == tags


@given(ANY)
@example("\u3000")
@example("a" * 254 + " b")
@example("\u2800.\u2800")
def test_a_file_name_is_one_part_without_control_characters(name: str) -> None:
    found = staging.clean_filename(name)
    assert 0 < len(found) <= 255 and not re.search(r"[/\\]", found)
    assert all(unicodedata.category(c)[0] != "C" for c in found)
    assert staging.clean_filename(found) == found
    assert not is_blank(uploads.title_from(found))


@given(ANY)
def test_a_path_in_the_store_stays_in_the_store(path: str) -> None:
    for found in taken(lambda: external.check_path(path, name="storagePath")):
        assert not found.startswith(("/", "\\")) and ".." not in re.split(r"[/\\]", found)


@given(st.none() | ANY)
def test_a_subject_is_clean_or_none_at_all(raw: str | None) -> None:
    for found in taken(lambda: extensions.clean_subject(raw, field="characterId")):
        assert found is None or (is_clean(found) and 0 < len(found) <= extensions.MAX_SUBJECT)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ANY)
def test_any_words_can_be_searched(database: Settings, text: str) -> None:
    for filter in (filters.WORDS, filters.TITLE):
        assert query.rows(gallery.GALLERY, VISITOR, {filter: text}, limit=1) == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cursor=ANY | st.binary(max_size=60).map(lambda raw: raw.hex()))
def test_any_cursor_is_a_place_or_refused(database: Settings, cursor: str) -> None:
    for place in taken(lambda: records._beyond(cursor, newest_first=True)):
        assert list(StoredFile.select().where(place)) == []


@given(at=st.integers(0, 10**15 - 1), file_id=st.uuids().map(str))
def test_a_cursor_leads_to_the_place_it_was_made_of(at: int, file_id: str) -> None:
    assert cursors.read(cursors.write(at, file_id)) == (at, file_id)
