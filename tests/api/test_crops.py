"""Crops at public addresses: who may have them made, what comes, and for how long it may be kept."""

from io import BytesIO
from urllib.parse import quote

import pytest
from PIL import Image as Picture
from werkzeug.test import TestResponse

from pindeck.access import Actor
from pindeck.imaging import confined
from pindeck.models import Crop, Image
from pindeck.services.derivatives import crop_urls
from pindeck.services.images import aliases, managed, moderation, projects, trash
from pindeck.services.images.managed import Change
from pindeck.states import Visibility
from tests.conftest import ClientFor
from tests.factories import make_active, photo
from tests.programs import ProgramFor, new_key, refused

WEBP = {"Accept": "image/avif,image/webp,image/*,*/*;q=0.8"}


@pytest.fixture
def environ() -> dict[str, str]:
    return {"CROP_PRESETS": "square=60x60:cover,card=64x36:contain"}


@pytest.fixture
def still(olga: Actor) -> Image:
    """A wide picture whose left edge alone is red."""
    picture = Picture.new("RGB", (800, 200), (60, 90, 60))
    picture.paste((220, 20, 20), (0, 0, 60, 200))
    out = BytesIO()
    picture.save(out, "PNG")
    return make_active(olga, out.getvalue(), name="Wide.png")


def opened(answer: TestResponse) -> Picture.Image:
    assert answer.status_code == 200, answer.text
    return Picture.open(BytesIO(answer.data))


def vary(answer: TestResponse) -> set[str]:
    """The headers that choose between answers, but for the one that is always named."""
    return {each.strip() for each in answer.headers["Vary"].split(",")} - {"Accept-Encoding"}


def is_red(pixel: object) -> bool:
    red, green, *_ = pixel  # type: ignore[misc]
    return bool(red > 150 and green < 90)


def test_a_signed_crop_is_served_to_strangers_and_kept(client_for: ClientFor, still: Image) -> None:
    address = crop_urls.signed_path(still.id, w=100, h=100)
    answer = client_for().get(address, headers=WEBP)
    assert opened(answer).size == (100, 100) and answer.mimetype == "image/webp"
    assert answer.headers["Cache-Control"] == "public, max-age=300, stale-while-revalidate=86400"
    assert vary(answer) == {"Accept"}
    assert answer.headers["X-Image-Id"] == still.id
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == "inline; filename*=UTF-8''Wide-100x100.webp"
    row = Crop.get()
    assert answer.headers["ETag"] == f'"{row.sha256}"'
    same = client_for().get(address, headers={**WEBP, "If-None-Match": answer.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    part = client_for().get(address, headers={**WEBP, "Range": "bytes=0-9"})
    assert (part.status_code, part.data) == (206, answer.data[:10])
    head = client_for().head(address, headers=WEBP)
    assert (head.status_code, head.data, head.content_length) == (200, b"", len(answer.data))
    assert Crop.select().count() == 1


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("image/webp", "image/webp"),
        ("image/avif,image/webp;q=0.1,*/*", "image/webp"),
        ("*/*", "image/jpeg"),
        ("image/*", "image/jpeg"),
        ("image/avif", "image/jpeg"),
        ("image/webp;q=0, */*", "image/jpeg"),
        ("", "image/jpeg"),
    ],
)
def test_auto_goes_by_accept_and_is_never_avif(client_for: ClientFor, still: Image, accept: str, kind: str) -> None:
    answer = client_for().get(f"/i/{still.id}?crop=square", headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (200, kind)
    assert vary(answer) == {"Accept"}


@pytest.mark.parametrize("form", ["webp", "jpeg", "avif"])
def test_a_format_that_is_named_is_answered(client_for: ClientFor, still: Image, form: str) -> None:
    answer = client_for().get(crop_urls.signed_path(still.id, w=50, format=form))
    assert (answer.mimetype, vary(answer)) == (f"image/{form}", set())


def test_the_window_follows_the_focal_point_at_the_next_asking(
    client_for: ClientFor, olga: Actor, still: Image
) -> None:
    address = crop_urls.signed_path(still.id, w=100, h=100, format="jpeg")
    middle = client_for().get(address)
    assert not is_red(opened(middle).getpixel((10, 50)))
    managed.update(olga, still.id, Change(has_focal=True, focal=(0.05, 0.5)))
    left = client_for().get(address, headers={"If-None-Match": middle.headers["ETag"]})
    assert is_red(opened(left).getpixel((10, 50)))
    assert left.headers["ETag"] != middle.headers["ETag"]


def test_every_fit_has_its_size(client_for: ClientFor, still: Image) -> None:
    def size(**measures: object) -> tuple[int, int]:
        return opened(client_for().get(crop_urls.signed_path(still.id, **measures))).size  # type: ignore[arg-type]

    assert size(w=100, h=100) == (100, 100)
    assert size(w=100, h=100, fit="contain") == (100, 100)
    assert size(w=100, h=100, fit="inside") == (100, 25)
    assert size(w=100, dpr=2) == (200, 50)
    assert size(w=1000, h=1000) == (200, 200)  # not enlarged; the ratio is kept
    assert size(w=1000, h=1000, fit="inside") == (800, 200)


def test_names_lead_to_crops_and_are_asked_again(client_for: ClientFor, olga: Actor, still: Image) -> None:
    other = make_active(olga, photo((10, 10, 240), size=(300, 300)), project="Noir")
    aliases.assign(olga, still.id, "@wide")
    aliases.assign(olga, other.id, "@wide")
    slug = projects.find_or_create("Noir").slug
    for ref, image in (("@Wide", still), (f"{slug}/@wide", other)):
        address = crop_urls.signed_path(ref, w=40, h=40)
        for spelling in (address, address.replace("@", "%40")):
            answer = client_for().get(spelling)
            assert opened(answer).size == (40, 40)
            assert answer.headers["Cache-Control"] == "public, no-cache"
            assert answer.headers["X-Image-Id"] == image.id
    # What was signed for one project is not signed for another.
    mixed = crop_urls.signed_path("@wide", w=40, h=40).replace("/i/@", f"/i/{slug}/@")
    refused(client_for().get(mixed), 403, "CROP_NOT_SIGNED")
    second = make_active(olga, photo((240, 240, 10), size=(300, 300)))
    before = client_for().get(crop_urls.signed_path("@wide", w=40, h=40))
    aliases.assign(olga, second.id, "@wide")
    after = client_for().get(
        crop_urls.signed_path("@wide", w=40, h=40), headers={"If-None-Match": before.headers["ETag"]}
    )
    assert (after.status_code, after.headers["X-Image-Id"]) == (200, second.id)


def test_unsigned_measures_are_refused_and_nothing_is_drawn(
    client_for: ClientFor, program_for: ProgramFor, olga: Actor, still: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confined, "draw", None)
    signed = crop_urls.signed_path(still.id, w=100, h=100)
    wrong = [
        f"/i/{still.id}?w=100&h=100",
        f"/i/{still.id}?w=100&h=100&s=",
        f"/i/{still.id}?w=100&h=100&s=%C3%A9%FF",
        signed.replace("w=100", "w=101"),
        signed.replace("fit=cover", "fit=inside"),
        signed + "A",
    ]
    for who in (client_for(), client_for(olga), program_for(new_key("master"))):
        for address in wrong:
            refused(who.get(address), 403, "CROP_NOT_SIGNED")
    assert Crop.select().count() == 0


@pytest.mark.parametrize(
    "query",
    [
        "w=0", "w=-5", "w=4001", "w=1e3", "w=", "h=%00", "w=%F0%9F%90%8D", "w=10&w=20", "w=10&fit=fill", "fit=cover",
        "w=10&format=gif", "w=10&dpr=9", "w=10&dpr=inf", "w=4000&h=4000&dpr=3", "crop=nothing", "crop=", "crop=a&crop=b",
        "crop=square&w=10", "crop=square&dpr=2", "size=sm&crop=square", "size=sm&w=10", "s=x", "w=99999999999999999999",
        "w=%D9%A3", "crop=%ED%A0%80", "format=jpeg", "dpr=1",
    ],
)  # fmt: skip
def test_hostile_measures_are_refused_and_name_their_field(client_for: ClientFor, still: Image, query: str) -> None:
    answer = client_for().get(f"/i/{still.id}?{query}")
    details = refused(answer, 400, "VALIDATION_ERROR")
    assert len(details) == 1 and set(details) <= {*crop_urls.FIELDS, "size"}
    page = client_for().get(f"/i/{still.id}?{query}", headers={"Accept": "text/html"})
    assert page.status_code == 400


def test_only_who_sees_the_picture_sees_its_crops(
    client_for: ClientFor, program_for: ProgramFor, olga: Actor, sam: Actor, still: Image
) -> None:
    moderation.update(olga, still.id, {}, visibility=Visibility.PRIVATE)
    address = crop_urls.signed_path(still.id, w=30, h=30)
    other = program_for(new_key(project="Elsewhere"))
    for who in (client_for(), client_for(sam), other):
        for hidden in (address, f"/i/{still.id}?crop=square"):
            refused(who.get(hidden), 404, "IMAGE_NOT_FOUND")
    missing = "01890000-0000-7000-8000-000000000000"
    assert client_for().get(crop_urls.signed_path(missing, w=30)).get_json() == client_for().get(address).get_json()
    answer = client_for(olga).get(address)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert vary(answer) == {"Cookie", "Authorization", "X-API-Key", "Accept"}
    trash.trash(olga, still.id)
    assert client_for(olga).get(address).status_code == 200
    trash.purge(olga, still.id)
    assert client_for(olga).get(address).status_code == 404


def test_addresses_that_mean_nothing_are_a_404(client_for: ClientFor, still: Image) -> None:
    for ref in ("@", "@!", "@last", "@nobody", "x", still.id[:-1], "nowhere/@hero", "library/@nobody", quote("ä/@x")):
        answer = client_for().get(f"/i/{ref}")
        assert answer.status_code == 404, ref
        assert client_for().get(crop_urls.signed_path(ref, w=10)).status_code == 404, ref
    upper = client_for().get(f"/i/{still.id.upper()}")
    assert upper.headers["X-Image-Id"] == still.id


def test_every_size_is_there_by_name_and_by_id(client_for: ClientFor, olga: Actor, still: Image) -> None:
    aliases.assign(olga, still.id, "@wide")
    for size in ("full", "sm", "lg", "preview", "small", "medium", "large", "screen"):
        by_id, by_name = (client_for().get(f"/i/{ref}?size={size}") for ref in (still.id, "@WIDE"))
        assert by_id.data == by_name.data and by_id.status_code == 200
        assert by_id.headers["Cache-Control"].startswith("public, max-age=86400")
        assert by_name.headers["Cache-Control"] == "public, no-cache"
        assert by_id.headers["ETag"] == by_name.headers["ETag"]
    refused(client_for().get("/i/@wide?size=huge"), 400, "INVALID_SIZE")
