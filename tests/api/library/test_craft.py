"""The craft of the frame over HTTP: written with new pictures and at old ones, read in the record, described."""

import pytest

from pindeck.access import Actor
from pindeck.services.images import ledger
from pindeck.terms import CRAFT
from tests.api.gallery import BASE, HOSTED, IMAGES, external, get, good, store
from tests.conftest import Browser
from tests.factories import make_row
from tests.programs import Program, refused

SENT = {"size": "ecu", "lightFrom": ["contre-jour", "rim"], "time": "magic hour", "light": []}
KEPT = {"size": "Extreme Close-Up", "lightFrom": ["Backlight", "Rim Light"], "time": "Golden Hour"}


def test_it_comes_with_a_new_picture_whichever_way(owner: Browser, visitor: Program) -> None:
    base = {"title": "Alley", "tags": [], "category": "Film", "craft": SENT}
    made = [
        good(owner.post(IMAGES, json={**base, "imageUrl": HOSTED})),
        good(external(owner, imageUrl="https://pictures.example.org/other.jpg", craft=SENT)),
        *good(owner.post(f"{BASE}/uploads", json={"uploads": [{**base, "storageId": store(owner)}]})),
    ]
    assert [get(owner, image_id)["craft"] for image_id in made] == [KEPT] * 3
    listed = {image["_id"]: image["craft"] for image in good(visitor.get(IMAGES))}
    assert listed[made[0]] == listed[made[1]] == KEPT


def test_only_what_is_named_is_written_and_null_clears(owner: Browser, olga: Actor) -> None:
    image = make_row(olga)
    for sent, kept in (
        (SENT, KEPT),
        ({"time": None, "era": "sixties"}, {"size": "Extreme Close-Up", "lightFrom": KEPT["lightFrom"], "era": "1960s"}),
        ({}, {"size": "Extreme Close-Up", "lightFrom": KEPT["lightFrom"], "era": "1960s"}),
        ({"lightFrom": None, "size": ""}, {"era": "1960s"}),
        (None, None),
    ):
        good(owner.patch(f"{IMAGES}/{image.id}", json={"craft": sent}))
        assert get(owner, image.id).get("craft") == kept
    assert {event.user_id for event in ledger.latest(image.id, ["size", "era"]).values()} == {olga.user_id}


def test_pictures_are_listed_and_searched_by_it(owner: Browser, visitor: Program, olga: Actor) -> None:
    image, other = make_row(olga, title="Lamp"), make_row(olga, title="Lamp")
    good(owner.patch(f"{IMAGES}/{image.id}", json={"craft": SENT}))
    good(owner.patch(f"{IMAGES}/{other.id}", json={"craft": {"time": "night", "lightFrom": ["rim"]}}))

    def ids(path: str) -> list[str]:
        return [each["_id"] for each in good(visitor.get(f"{IMAGES}{path}"))]

    assert ids("?time=magic+hour") == ids("?setting=EXT") == ids("?size=ECU&lightFrom=rim") == [image.id]
    assert ids("?lightFrom=backlight") == [other.id, image.id]
    assert ids("?lightFrom=back&time=night") == [other.id] and ids("?era=1960s") == []
    assert ids("/search?searchTerm=lamp&time=dusk") == [] and ids("/search?searchTerm=lamp&time=Night") == [other.id]
    parameters = good(visitor.get("/api/v1/openapi.json"))["paths"][IMAGES]["get"]["parameters"]
    assert {field.member for field in CRAFT.values()} <= {each["name"] for each in parameters}


@pytest.mark.parametrize(
    ("craft", "field"),
    [
        ({"size": ["ecu"]}, "craft.size"), ({"light": "soft"}, "craft.light"), ({"light": ["x" * 61]}, "craft.light"),
        ({"light_from": ["rim"]}, "craft.light_from"), ({"mood": "dark"}, "craft.mood"), ("soft", "craft"),
        ({"light": ["\x00"]}, "craft.light.0"), ({"lightFrom": [f"t{n}" for n in range(21)]}, "craft.lightFrom"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named(owner: Browser, olga: Actor, craft: object, field: str) -> None:
    image = make_row(olga)
    answer = owner.patch(f"{IMAGES}/{image.id}", json={"title": "New", "craft": craft})
    assert refused(answer, 400, "VALIDATION_ERROR").keys() == {field}
    assert get(owner, image.id)["title"] == "Untitled" and "craft" not in get(owner, image.id)


def test_the_document_has_every_field(visitor: Program) -> None:
    schemas = good(visitor.get("/api/v1/openapi.json"))["components"]["schemas"]
    for name in ("Craft", "CraftInput"):
        assert set(schemas[name]["properties"]) == {field.member for field in CRAFT.values()}
