"""The web page of a deck, a board or a storyboard: one ZIP that has all it asks for, tells nothing that a camera knew, and is the same twice."""

import io
import re
import zipfile
from html import unescape

import pytest
from PIL import Image as Picture

from pindeck import storage
from pindeck.access import Actor
from pindeck.errors import Conflict
from pindeck.exports import asking, requests
from pindeck.models import Derivative, Export, Image
from pindeck.services.boards import boards, pictures
from pindeck.services.boards.decks import decks
from pindeck.services.boards.storyboards import arranging, frames, shots, storyboards
from pindeck.services.images import ledger, trash
from tests.conftest import ChangeSettings, RunJobs
from tests.factories import make_active, new_photo

LOCAL = re.compile(r"""(?:src|href)="(?!#|data:)([^"]+)"|url\("\.\./([^"]+)"\)""")


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def images(olga: Actor) -> list[Image]:
    exif = Picture.Exif()
    exif[0x010F] = "A camera with a number"
    made = [make_active(olga, new_photo(colour=(40 + 50 * n, 90, 30), size=(1600, 900) if n == 2 else (160, 90), exif=exif.tobytes()), title=f"Still {n} <東京>") for n in range(3)]
    ledger.write(made[0].id, {"source": "Roger Deakins"}, ledger.person(olga))
    return made


@pytest.fixture
def board(olga: Actor, images: list[Image]) -> str:
    made, _ = boards.create(olga, name="Night ride")
    pictures.add(olga, made.id, [image.id for image in images])
    pictures.write_note(olga, made.id, images[1].id, "Wet asphalt.")
    return str(made.id)


def page_of(olga: Actor, run_jobs: RunJobs, **of: str) -> tuple[Export, dict[str, bytes], bytes]:
    """The export, what its ZIP holds, and its bytes. Whatever page and style sheet ask for is in it."""
    made = requests.ask(olga, asking.checked(of, "html"))
    run_jobs()
    with storage.current().open(requests.file_of(olga, made.id).key) as stream:
        data = stream.read()
    with zipfile.ZipFile(io.BytesIO(data)) as whole:
        assert whole.testzip() is None
        held = {name: whole.read(name) for name in whole.namelist()}
    asked = {name for found in LOCAL.findall((held["index.html"] + held["css/page.css"]).decode()) for name in found if name}
    assert asked and asked <= set(held) and b"http" not in held["css/page.css"] and b"A camera" not in b"".join(held.values())
    return requests.find(olga, made.id), held, data


def sizes_of(held: dict[str, bytes]) -> set[tuple[int, int]]:
    return {Picture.open(io.BytesIO(data)).size for name, data in held.items() if name.startswith("pictures/")}


def test_a_deck_has_its_pages_pictures_and_fonts(olga: Actor, images: list[Image], run_jobs: RunJobs, change_settings: ChangeSettings) -> None:
    deck, _ = decks.create(olga, title="Night ride", ids=[image.id for image in images])
    decks.update(olga, deck.id, has_credits=True, scroll_fx="kinetic", font_family="editorial")
    export, held, data = page_of(olga, run_jobs, deck=deck.id)
    page = held["index.html"].decode()
    kinds = re.findall(r'<article class="deckpage" data-kind="(\w+)"\s+data-fx="kinetic"', page)
    assert kinds == ["hero", "logline", "story", "world", "character", "tone", "motif", "stakes", "closing", "credits"]
    assert {"fonts/decks/playfair-display-700.ttf", "fonts/licences/playfair-display.txt", "fonts/geist.woff2"} <= set(held)
    assert not any("karla" in name for name in held) and b"karla" not in held["css/page.css"]
    assert 'alt="Still 0 &lt;東京&gt;"' in page and "Roger Deakins" in page and "source unknown" in page and "--d-display:'Playfair Display'" in unescape(page)
    assert sizes_of(held) == {(160, 90), (1280, 720)}  # the large one stands beside others
    assert (export.filename, export.image_ids, export.notes) == ("Night-ride.html.zip", [image.id for image in images], [])
    # The same again is not made again; made anew for nothing it would be the same.
    assert page_of(olga, run_jobs, deck=deck.id)[0].file_id == export.file_id
    Export.update(fingerprint=None).execute()
    again, _, same = page_of(olga, run_jobs, deck=deck.id)
    assert again.made_at != export.made_at and same == data
    # What is not cleared has a sign, and the last page says why; under the other policy there is no page.
    change_settings(export_rights="mark")
    marked, held, _ = page_of(olga, run_jobs, deck=deck.id)
    assert '<span class="sign"' in held["index.html"].decode() and "rights unknown · Roger Deakins" in held["index.html"].decode() and marked.notes
    change_settings(export_rights="refuse")
    with pytest.raises(Conflict, match="not cleared"):
        requests.ask(olga, asking.checked({"deck": deck.id}, "html"))


def test_a_board_has_its_notes_and_leaves_out_the_trash_and_what_cannot_be_read(olga: Actor, board: str, images: list[Image], run_jobs: RunJobs) -> None:
    made, held, _ = page_of(olga, run_jobs, board=board)
    page = held["index.html"].decode()
    assert page.count('<figure class="shown">') == 3 and "<p>Wet asphalt.</p>" in page and 'data-count="4"' in page  # and credits
    assert sizes_of(held) == {(160, 90), (1600, 900)}  # what has a slide for itself is as sharp as a screen
    trash.trash(olga, images[2].id)
    with pytest.raises(Conflict, match="hidden or deleted"):
        requests.file_of(olga, made.id)
    for row in Derivative.select().where(Derivative.blob == images[0].file.blob_id):
        storage.current().delete(row.object_key)
    storage.current().delete(images[0].file.blob.object_key)
    lacking, held, _ = page_of(olga, run_jobs, board=board)
    page = held["index.html"].decode()
    assert page.count('<figure class="shown">') == 1 and lacking.notes == ["“Still 0 <東京>” could not be read and is not in this file."]
    assert lacking.fingerprint is None and lacking.image_ids == [images[0].id, images[1].id]


def test_a_storyboard_has_its_shots_in_their_shape(olga: Actor, board: str, images: list[Image], run_jobs: RunJobs) -> None:
    made, _ = storyboards.create(olga, board, is_quick=True)
    storyboards.update(olga, made.id, aspect="2.39")
    arranging.write_note(olga, made.id, frames.read(made.id)[0].id, "For who speaks alone.")
    shots.describe(olga, made.id, images[0].id, number="12A", shot_size="MCU", dialogue="Turn around.")
    page = page_of(olga, run_jobs, storyboard=made.id)[1]["index.html"].decode()
    assert page.count('class="cut"') == 3 and "--a:2.39;--aim:50.0% 50.0%" in page and "<b>12A · MCU</b>" in page
    assert '<p class="said">Turn around.</p>' in page and "who speaks" not in page
