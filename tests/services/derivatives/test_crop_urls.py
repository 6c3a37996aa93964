"""Crops as they are asked for, signed, found, kept and forgotten."""

import random
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Picture

from pindeck import db, disk
from pindeck.access import VISITOR, Actor
from pindeck.errors import Forbidden, Invalid, NotFound, SettingError, Unavailable
from pindeck.imaging import confined
from pindeck.models import Blob, Crop, Image
from pindeck.services.derivatives import crop_urls, crops, single_flight
from pindeck.services.derivatives.crop_urls import CropSpec
from pindeck.services.images import managed, moderation, trash
from pindeck.services.images.managed import Change
from pindeck.services.maintenance import cleanup
from pindeck.states import Visibility
from tests.conftest import ChangeSettings, RunJobs, count_queries
from tests.factories import blob_of, jobs_of, make_active, new_photo, objects, overwrite, together

ID = "01890000-0000-7000-8000-000000000000"
SQUARE = CropSpec(100, 100)


@pytest.fixture(autouse=True)
def signing() -> Any:
    single_flight._failed.clear()


def query(path: str) -> dict[str, list[str]]:
    from urllib.parse import parse_qs, urlsplit

    return parse_qs(urlsplit(path).query, keep_blank_values=True)


def noisy(size: tuple[int, int] = (400, 300)) -> bytes:
    """A picture that does not compress, so that its crops take room."""
    out = BytesIO()
    Picture.frombytes("RGB", size, random.randbytes(size[0] * size[1] * 3)).save(out, "PNG")
    return out.getvalue()


# Asking


def test_a_query_without_measures_asks_for_no_crop() -> None:
    for given_ in ({}, {"size": ["sm"]}, {"download": [""]}, {"utm": ["1"]}):
        assert crop_urls.asked(ID, given_) is None


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ({"w": 600, "h": 400}, CropSpec(600, 400)),
        ({"w": "600"}, CropSpec(600)),
        ({"h": 4000, "fit": "inside", "format": "avif"}, CropSpec(None, 4000, "inside", "avif")),
        ({"w": 300, "h": 300, "dpr": 2}, CropSpec(300, 300, dpr=2)),
        ({"w": 300, "h": 300, "dpr": 1.5, "format": "jpeg"}, CropSpec(300, 300, format="jpeg", dpr=1.5)),
    ],
)
@pytest.mark.parametrize("ref", [ID, "@Hero", "p/@hero"])
def test_a_signed_address_asks_for_what_was_signed(ref: str, words: dict[str, Any], wish: CropSpec, change_settings: ChangeSettings) -> None:
    path = crop_urls.signed_path(ref, **words)
    assert path.startswith(f"/i/{ref}?")
    given_ = query(path)
    assert crop_urls.asked(ref, given_) == wish
    assert crop_urls.asked(ref.upper(), dict(reversed(given_.items()))) == wish
    for name in crop_urls.MEASURES:
        changed = {**given_, name: [{"w": "601", "h": "401", "fit": "contain", "format": "webp", "dpr": "2.5"}[name]]}
        with pytest.raises(Forbidden) as caught:
            crop_urls.asked(ref, changed)
        assert caught.value.code == "CROP_NOT_SIGNED"
    for other in ("@other", ID[:-1] + "1", f"q/{ref}"):
        with pytest.raises(Forbidden):
            crop_urls.asked(other, given_)
    for signature in ("", "é", given_["s"][0][:-1], given_["s"][0] + "A", given_["s"][0].swapcase()):
        with pytest.raises(Forbidden):
            crop_urls.asked(ref, {**given_, "s": [signature]})
    with pytest.raises(Forbidden):
        crop_urls.asked(ref, {name: value for name, value in given_.items() if name != "s"})
    change_settings(secret_key="another secret")
    with pytest.raises(Forbidden):
        crop_urls.asked(ref, given_)


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({}, "w"),
        ({"s": "x"}, "w"),
        ({"w": "0"}, "w"),
        ({"w": "-1"}, "w"),
        ({"w": "4001"}, "w"),
        ({"w": "1e3"}, "w"),
        ({"w": "٣"}, "w"),
        ({"w": " 1"}, "w"),
        ({"w": ""}, "w"),
        ({"h": "9" * 500}, "h"),
        ({"w": "10", "h": "1.5"}, "h"),
        ({"w": "10", "fit": "fill"}, "fit"),
        ({"w": "10", "fit": ""}, "fit"),
        ({"w": "10", "format": "png"}, "format"),
        ({"w": "10", "dpr": "4"}, "dpr"),
        ({"w": "10", "dpr": "1.2"}, "dpr"),
        ({"w": "10", "dpr": "nan"}, "dpr"),
        ({"w": "4000", "h": "4000", "dpr": "1.5"}, "dpr"),
    ],
)
def test_measures_that_cannot_be_are_named(words: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        crop_urls.parse(words)
    assert (list(caught.value.fields), caught.value.status) == ([field], 400)
    assert len(caught.value.message) < 200


@given(
    st.dictionaries(
        st.sampled_from(crop_urls.FIELDS), st.lists(st.text(max_size=8) | st.integers().map(str), min_size=1, max_size=2)
    )
)
def test_any_query_is_refused_or_understood(given_: dict[str, list[str]]) -> None:
    try:
        assert crop_urls.asked(ID, given_) is None
    except (Invalid, Forbidden) as error:
        assert error.status in (400, 403)


def test_a_field_given_twice_is_refused_and_so_are_two_ways_of_asking(change_settings: ChangeSettings) -> None:
    signed = query(crop_urls.signed_path(ID, w=10))
    change_settings(crop_presets="square=100x100")
    for wrong in ({**signed, "w": ["10", "20"]}, {**signed, "size": ["sm"]}, {"crop": ["square"], "w": ["10"]}):
        with pytest.raises(Invalid):
            crop_urls.asked(ID, wrong)


def test_named_crops_need_no_signature_and_unknown_names_are_refused(change_settings: ChangeSettings) -> None:
    change_settings(crop_presets="square=600x600:cover, card=640x360 ,tall=10x20:contain")
    assert crop_urls.asked(ID, {"crop": ["square"]}) == CropSpec(600, 600)
    assert crop_urls.asked("@any", {"crop": ["card"]}) == CropSpec(640, 360)
    assert crop_urls.asked(ID, {"crop": ["tall"]}) == CropSpec(10, 20, "contain")
    for name in ("hero", "", "SQUARE", "square "):
        with pytest.raises(Invalid) as caught:
            crop_urls.asked(ID, {"crop": [name]})
        assert caught.value.status == 400


@pytest.mark.parametrize(
    "text",
    ["square", "square=600", "square=600x", "a=0x10", "a=4001x10", "a=10x10:fill", "a=1x1,a=2x2", "A B=1x1", "=1x1"],
)
def test_presets_that_cannot_be_are_refused_with_a_sentence_at_start(text: str) -> None:
    with pytest.raises(SettingError) as caught:
        crop_urls.presets_of(text)
    assert str(caught.value).startswith("CROP_PRESETS=") and str(caught.value).endswith(".")


# Drawing and keeping


def look(actor: Actor, image: Image, wish: CropSpec = SQUARE, **options: Any) -> Any:
    return crops.crop(actor, image.id, wish, **options)


def test_a_crop_is_drawn_once_and_found_from_then_on(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    image = make_active(olga, new_photo(size=(400, 300)), name="Still ü.jpg")
    first = look(VISITOR, image)
    row = Crop.get()
    assert (first.key, first.sha256, first.size) == (row.object_key, row.sha256, row.bytes)
    assert (row.width, row.height, row.mime) == (100, 100, "image/jpeg")
    assert first.key.startswith("crops/") and first.key in objects("crops/")
    assert (first.filename, first.image_id, first.vary) == ("Still ü-100x100.jpg", image.id, ("Accept",))
    assert first.is_public and first.cache.startswith("public, max-age=300")
    monkeypatch.setattr(confined, "draw", None)
    assert look(VISITOR, image) == first
    # The same pixels at another ratio are the same crop.
    assert look(VISITOR, image, CropSpec(50, 50, dpr=2)) == first


def test_auto_is_webp_for_whoever_names_it_and_never_avif(olga: Actor) -> None:
    image = make_active(olga)
    assert look(VISITOR, image).mime == "image/jpeg"
    assert look(VISITOR, image, takes_webp=True).mime == "image/webp"
    forced = look(VISITOR, image, CropSpec(10, 10, format="avif"), takes_webp=True)
    assert (forced.mime, forced.vary) == ("image/avif", ())


def test_a_moved_focal_point_leads_to_another_crop(olga: Actor) -> None:
    image = make_active(olga, new_photo(size=(400, 100)))
    middle = look(VISITOR, image)
    managed.update(olga, image.id, Change(has_focal=True, focal=(0.0, 0.0)))
    left = look(VISITOR, image)
    assert left.sha256 != middle.sha256
    managed.update(olga, image.id, Change(has_focal=True, focal=(0.5, 0.5)))
    assert look(VISITOR, image) == middle
    inside = look(VISITOR, image, CropSpec(50, 50, "inside"))
    managed.update(olga, image.id, Change(has_focal=True, focal=(1.0, 0.0)))
    assert look(VISITOR, image, CropSpec(50, 50, "inside")) == inside


def test_private_pictures_are_cropped_for_those_who_see_them(olga: Actor, sam: Actor) -> None:
    image = make_active(olga)
    moderation.update(olga, image.id, {}, visibility=Visibility.PRIVATE)
    found = look(olga, image)
    assert (found.cache, found.is_public) == ("private, no-cache", False)
    for actor in (sam, VISITOR):
        with pytest.raises(NotFound):
            look(actor, image)


def test_an_output_of_too_many_pixels_is_refused_before_anything_is_drawn(
    olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_active(olga)
    Image.update(width=9000, height=9000).where(Image.id == image.id).execute()
    monkeypatch.setattr(confined, "draw", None)
    with pytest.raises(Invalid):
        look(VISITOR, image, CropSpec(3000, dpr=3))


def test_a_hundred_requests_at_once_draw_one_crop(olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    image = make_active(olga, new_photo(size=(800, 600)))
    drawn, real = [], confined.draw

    def counted(*args: Any, **options: Any) -> Any:
        drawn.append(1)
        return real(*args, **options)

    monkeypatch.setattr(confined, "draw", counted)
    found = together(6, lambda _: [look(VISITOR, image) for _ in range(17)])
    flat = [each for answers in found for each in answers]  # type: ignore[union-attr]
    assert len(flat) == 102 and len(set(flat)) == 1
    assert (len(drawn), len(objects("crops/")), Crop.select().count()) == (1, 1, 1)


def test_the_longest_unused_fall_out_when_there_are_too_many(olga: Actor, run_jobs: RunJobs, change_settings: ChangeSettings) -> None:
    image = make_active(olga, noisy())
    one = look(VISITOR, image, CropSpec(200, 200, format="jpeg"))
    change_settings(crop_cache_mb=1)
    two = look(VISITOR, image, CropSpec(200, 201, format="jpeg"))
    Crop.update(bytes=520_000).execute()  # so that a third does not fit beside these two
    Crop.update(used_at=1).where(Crop.object_key == two.key).execute()
    three = look(VISITOR, image, CropSpec(200, 202, format="jpeg"))
    kept = {row.object_key for row in Crop.select()}
    assert kept == {one.key, three.key}
    assert set(objects("crops/")) == {one.key, two.key, three.key}  # somebody may be reading it
    run_jobs(include_later=True)
    assert set(objects("crops/")) == kept
    again = look(VISITOR, image, CropSpec(200, 201, format="jpeg"))
    assert again.sha256 == two.sha256 and again.key != two.key


def test_what_is_larger_than_all_that_is_kept_is_drawn_and_not_kept(olga: Actor, change_settings: ChangeSettings) -> None:
    image = make_active(olga)
    change_settings(crop_cache_mb=0)
    found = look(VISITOR, image)
    assert found.data is not None and len(found.data) == found.size
    assert look(VISITOR, image).sha256 == found.sha256
    assert (Crop.select().count(), objects("crops/")) == (0, [])


def test_while_the_disk_is_almost_full_crops_are_drawn_and_not_kept(
    olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_active(olga)
    with monkeypatch.context() as patched:
        patched.setattr(disk, "free_bytes", lambda folder: 0)
        assert look(VISITOR, image).data is not None
    assert (Crop.select().count(), objects("crops/")) == (0, [])
    assert look(VISITOR, image).data is None
    assert Crop.select().count() == 1


def test_use_is_noted_once_an_hour(olga: Actor) -> None:
    image = make_active(olga)
    look(VISITOR, image)
    with count_queries() as seen:
        look(VISITOR, image)
    assert not [sql for sql in seen if sql.startswith("UPDATE")]
    Crop.update(used_at=db.now_ms() - 2 * crops.TOUCH_MS).execute()
    look(VISITOR, image)
    assert Crop.get().used_at > db.now_ms() - crops.TOUCH_MS


def test_crops_go_with_their_picture(olga: Actor, run_jobs: RunJobs) -> None:
    image = make_active(olga)
    look(VISITOR, image)
    trash.trash(olga, image.id)
    with pytest.raises(NotFound):
        look(VISITOR, image)
    assert look(olga, image).cache == "private, no-cache"
    trash.purge(olga, image.id)
    with pytest.raises(NotFound):
        look(olga, image)
    run_jobs(include_later=True)
    assert (objects("crops/"), Crop.select().count(), Blob.select().count()) == ([], 0, 0)


def test_a_picture_deleted_while_it_is_cropped_leaves_nothing(
    olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    image, real = make_active(olga), confined.draw

    def late(*args: Any, **options: Any) -> Any:
        made = real(*args, **options)
        trash.purge(olga, image.id)
        return made

    monkeypatch.setattr(confined, "draw", late)
    with pytest.raises(NotFound):
        look(olga, image)
    run_jobs(include_later=True)
    assert objects() == []


def test_a_picture_that_cannot_be_drawn_is_not_tried_again_at_once(
    olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_active(olga)
    overwrite(blob_of(image).object_key, b"\xff\xd8 broken")
    for _ in range(2):
        with pytest.raises(Unavailable) as caught:
            look(VISITOR, image)
        assert (caught.value.status, caught.value.code) == (503, "DERIVATIVE_UNAVAILABLE")
        monkeypatch.setattr(confined, "draw", None)
    assert Crop.select().count() == 0


def test_the_sweep_removes_what_no_row_names_and_what_is_too_much(olga: Actor, run_jobs: RunJobs, change_settings: ChangeSettings) -> None:
    image = make_active(olga)
    kept = look(VISITOR, image)
    overwrite("crops/ab/" + "0" * 32, b"left behind")
    assert cleanup.sweep_crops() == 0  # it may be on its way to its row
    assert cleanup.sweep_crops(older_than_ms=-60_000) == 1
    assert objects("crops/") == [kept.key]
    change_settings(crop_cache_mb=0)
    assert cleanup.sweep_crops() == 1
    assert jobs_of("delete_objects")
    run_jobs(include_later=True)
    assert objects("crops/") == []
