"""Exports: asked for once, made by a job, private as what is in them, gone in time."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image as Picture
from pypdf import PdfReader

from pindeck import db, storage
from pindeck.access import Actor
from pindeck.errors import Conflict, Forbidden, Invalid, NoSpace, NotFound
from pindeck.exports import asking, requests
from pindeck.models import Export, Image, Job, StoredFile
from pindeck.services import jobs
from pindeck.services.blobs import room
from pindeck.services.boards import boards, pictures, sections
from pindeck.services.boards.storyboards import arranging, frames, shots, storyboards
from pindeck.services.derivatives import exported
from pindeck.services.images import ledger, trash
from tests.conftest import ChangeSettings, RunJobs
from tests.exports.office import left_untagged, read_aloud
from tests.factories import make_active, new_photo, photo

on_each_engine = pytest.mark.parametrize("engine", ["sqlite", "postgres"])
Read = Callable[[Actor, str], bytes]


def read(actor: Actor, export_id: str) -> bytes:
    found = requests.file_of(actor, export_id)
    with storage.current().open(found.key) as stream:
        return stream.read()


def contact(actor: Actor, *, kind: str = "contact", quality: str = "screen", of: dict[str, object], **options: object) -> Export:
    return requests.ask(actor, asking.checked(of, kind, quality, **options))


def _told() -> bytes:
    """What a camera writes down beside a picture."""
    exif = Picture.Exif()
    exif[0x010F] = "A camera with a number"
    return exif.tobytes()


def board_of(olga: Actor) -> tuple[str, list[Image]]:
    images = [
        make_active(olga, new_photo(size=(300, 200)), title="Ночь 東京", source="Roger Deakins"),
        make_active(olga, photo((10, 200, 90), size=(1, 1), format="PNG"), title="One pixel 🎬"),
        make_active(olga, new_photo(size=(90, 160)), title="Third"),
    ]
    board, _ = boards.create(olga, name="Night ride")
    pictures.add(olga, board.id, [image.id for image in images])
    return board.id, images


@on_each_engine
def test_a_board_becomes_a_contact_sheet_once(olga: Actor, run_jobs: RunJobs) -> None:
    board_id, images = board_of(olga)
    made = contact(olga, of={"board": board_id})
    assert requests.standings([made])[made.id].status == "queued"
    assert contact(olga, of={"board": board_id}).id == made.id  # while it waits it is the same
    run_jobs()
    done = requests.find(olga, made.id)
    data = read(olga, made.id)
    page = PdfReader(io.BytesIO(data)).pages[0]
    text = page.extract_text()
    assert (done.state, done.notes, done.size) == ("done", [], len(data)) and done.image_ids == [image.id for image in images]
    assert all(words in text for words in ("Night ride", "Ночь 東京", "Roger Deakins", "One pixel 🎬", "alley.jpg", "1 / 1"))
    assert sorted(each.image.size for each in page.images) == [(1, 1), (90, 160), (300, 200)] and b"A camera" not in data
    # The same again is not drawn again; what changed is, and the file before is gone.
    contact(olga, of={"board": board_id})
    run_jobs()
    assert requests.find(olga, made.id).file_id == done.file_id
    ledger.write(images[2].id, {"title": "Fourth"}, ledger.person(olga))
    contact(olga, of={"board": board_id})
    run_jobs()
    assert "Fourth" in PdfReader(io.BytesIO(read(olga, made.id))).pages[0].extract_text()
    assert StoredFile.select().where(StoredFile.user.is_null()).count() == Export.select().count() == 1


@on_each_engine
def test_it_is_as_private_as_what_is_in_it(olga: Actor, sam: Actor, mo: Actor, run_jobs: RunJobs) -> None:
    board_id, images = board_of(olga)
    made = contact(olga, of={"board": board_id})
    run_jobs()
    for stranger in (sam, mo):
        for door in (requests.find, requests.file_of, requests.remove):
            with pytest.raises(NotFound):
                door(stranger, made.id)
        assert requests.list_page(stranger, limit=9) == ([], None)
    with pytest.raises(NotFound):
        contact(sam, of={"board": board_id})
    made = requests.find(olga, made.id)
    link = requests.signed_query(made)
    assert requests.signed_file(made.id, link["until"], link["s"]).sha256 == made.sha256
    for until, signature in ((link["until"] + 1, link["s"]), (link["until"], "x"), (1, link["s"])):
        with pytest.raises(NotFound):
            requests.signed_file(made.id, until, signature)
    trash.trash(olga, images[0].id)
    for door in (lambda: requests.file_of(olga, made.id), lambda: requests.signed_file(made.id, link["until"], link["s"])):
        with pytest.raises(Conflict, match="was hidden or deleted"):
            door()
    contact(olga, of={"board": board_id})
    run_jobs()
    assert "Ночь" not in PdfReader(io.BytesIO(read(olga, made.id))).pages[0].extract_text()
    boards.delete(olga, board_id)
    with pytest.raises(Conflict):
        requests.file_of(olga, made.id)


@on_each_engine
def test_a_storyboard_becomes_a_sheet_and_a_list(olga: Actor, run_jobs: RunJobs, tmp_path: Path) -> None:
    board_id, images = board_of(olga)
    made, _ = storyboards.create(olga, board_id, is_quick=True)
    storyboards.update(olga, made.id, aspect="2.39")
    frame = frames.read(made.id)[0].id
    arranging.write_note(olga, made.id, frame, "She turns into the ضوء.")
    shots.describe(olga, made.id, images[0].id, number="12A", shot_size="MCU", lens="35 mm", duration="3.5", action="=Turns. " + "And on. " * 120)
    sheet = contact(olga, of={"storyboard": made.id}, kind="storyboard", perPage="2x3", quality="print")
    table = contact(olga, of={"storyboard": made.id}, kind="csv")
    run_jobs()
    heads = [words for tag, words in read_aloud(read(olga, sheet.id), tmp_path) if tag in ("H1", "H2")]
    assert heads == ["Night ride Storyboard", "Frame 1 · 2.39 · 3.5 s", "Frame 1, goes on · 2.39 · 3.5 s"]
    pages = PdfReader(io.BytesIO(read(olga, sheet.id))).pages
    assert [left_untagged(page) for page in pages] == [[]] * len(pages)
    text = "\n".join(page.extract_text() for page in pages)
    assert "12A · MCU · 35 mm · 3.5 s" in text and text.count("And on.") == 120 and "Frame 1" in text and "2.39" in text
    widths = [each.image.size for each in pages[0].images]
    assert all(abs(width / height - 2.39) < 0.03 or height == 1 for width, height in widths) and len(widths) == 3
    rows = read(olga, table.id).decode("utf-8-sig").splitlines()
    assert len(rows) == 4 and "'=Turns. And on." in rows[1] and ",3.5,3.5," in rows[1] and rows[0].startswith("Frame,Shot,Number")


@on_each_engine
def test_projects_searches_and_chosen_pictures_are_sources_and_sections_have_names(olga: Actor, run_jobs: RunJobs) -> None:
    board_id, images = board_of(olga)
    sections.add(olga, board_id, "Тени")
    ledger.write(images[0].id, {"project": "Night ride"}, ledger.person(olga))
    slug = Image.get_by_id(images[0].seq).project.slug
    made = [
        contact(olga, of=of, columns=2, captions=["title"], paper="letter")
        for of in ({"project": slug}, {"q": "Third"}, {"ids": [images[2].id, images[0].id]}, {"ids": [images[0].id, images[2].id]})
    ]
    run_jobs()
    found = [requests.find(olga, each.id) for each in made]
    third, first = images[2].id, images[0].id
    assert [row.image_ids for row in found] == [[first], [third], [third, first], [first, third]]
    assert [row.id for row in requests.list_page(olga, limit=2)[0]] == [found[3].id, found[2].id]


def test_what_cannot_be_made_is_refused_by_its_field(olga: Actor, gus: Actor, run_jobs: RunJobs) -> None:
    board_id, images = board_of(olga)
    wrong: list[tuple[str, dict[str, object]]] = [
        ("kind", {"of": {"board": board_id}, "kind": "csv"}), ("kind", {"of": {"board": board_id}, "kind": "gif"}),
        ("of", {"of": {}}), ("of", {"of": {"board": board_id, "q": "rain"}}), ("quality", {"of": {"q": "rain"}, "quality": "huge"}),
        ("columns", {"of": {"q": "rain"}, "columns": 0}), ("captions", {"of": {"q": "rain"}, "captions": ["gps"]}),
        ("paper", {"of": {"q": "rain"}, "paper": "a0"}), ("query", {"of": {"q": "(("}}),
    ]  # fmt: skip
    for field, given in wrong:
        with pytest.raises(Invalid) as error:
            contact(olga, **given)  # type: ignore[arg-type]
        assert field in error.value.fields, given
    with pytest.raises(Forbidden):
        contact(gus, of={"q": "rain"})
    empty = contact(olga, of={"q": "nothing-is-called-so"})
    run_jobs()
    failed = requests.find(olga, empty.id)
    assert requests.standings([failed])[failed.id].status == "failed" and requests.reason_of(failed) == "There is no picture to put into a file."
    with pytest.raises(Conflict, match="There is no picture"):
        requests.file_of(olga, empty.id)


def test_a_full_disk_and_a_worker_that_dies_leave_a_clear_state(olga: Actor, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    board_id, _ = board_of(olga)
    made = contact(olga, of={"board": board_id})

    def full(stream: object) -> object:
        raise NoSpace("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(room, "admitted", full)
        for _ in range(3):
            Job.update(due_at=0).where(Job.id == made.job_id).execute()
            run_jobs()
    failed = requests.find(olga, made.id)
    assert (failed.state, failed.error) == ("failed", "The disk is full.") and StoredFile.select().where(StoredFile.user.is_null()).count() == 0
    again = contact(olga, of={"board": board_id})
    job = jobs.claim(str(again.job_id))  # by a worker that dies
    assert job is not None and requests.standings([again])[again.id].status == "running"
    Job.update(lease_until=1).where(Job.id == job.id).execute()
    jobs.reclaim(lambda job, message: None)
    Job.update(due_at=0).where(Job.id == job.id).execute()
    run_jobs()
    assert requests.find(olga, made.id).state == "done" and read(olga, made.id).startswith(b"%PDF")


def test_it_is_deleted_by_hand_or_in_time(olga: Actor, run_jobs: RunJobs, change_settings: ChangeSettings) -> None:
    board_id, _ = board_of(olga)
    change_settings(export_keep_days=3)
    made, other = contact(olga, of={"board": board_id}), contact(olga, of={"board": board_id}, columns=2)
    assert made.expires_at - made.updated_at == 3 * db.DAY_MS
    run_jobs()
    requests.remove(olga, other.id)
    assert exported.sweep() == 0
    Export.update(expires_at=1).execute()
    assert exported.sweep() == 1 and Export.select().count() == StoredFile.select().where(StoredFile.user.is_null()).count() == 0
    assert json.dumps(requests.list_page(olga, limit=9)) == "[[], null]"
