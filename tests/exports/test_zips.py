"""A ZIP of pictures that is too large to be written while somebody waits: a job makes it, and it is an export like any other."""

import hashlib
import io
import zipfile

import pytest

from pindeck import storage
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid, Upstream
from pindeck.exports import asking, requests
from pindeck.models import Export, Image, Job, StoredFile
from pindeck.services import jobs
from pindeck.services.boards import boards, pictures
from pindeck.services.images import ledger, trash
from pindeck.services.library import archive
from tests.conftest import ChangeSettings, ClientFor, RunJobs
from tests.exports.test_exports import read
from tests.factories import make_active, make_row, new_photo


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def images(olga: Actor) -> list[Image]:
    return [make_active(olga, new_photo(size=(160, 90)), title=f"Still {n}", project="Night ride" if n else "") for n in range(3)]


def asked(actor: Actor, **options: object) -> Export:
    return requests.ask(actor, asking.checked({"ids": options.pop("ids")} if "ids" in options else {"q": ""}, "zip", **options))  # type: ignore[dict-item, arg-type]


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_above_a_limit_it_is_prepared_once_and_read_in_parts(
    client_for: ClientFor, olga: Actor, sam: Actor, images: list[Image], run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, ids = client_for(olga), [image.id for image in images]
    whole = browser.post("/choose/download", data={"ids": ids, "folders": "project"})
    assert whole.status_code == 200 and Export.select().count() == 0
    with zipfile.ZipFile(io.BytesIO(whole.data)) as streamed:
        expected = {name: streamed.read(name) for name in streamed.namelist()}
    monkeypatch.setattr(archive, "MOST_STREAMED", 100)
    made = browser.post("/choose/download", data={"ids": ids, "folders": "project"})
    assert made.status_code == 303
    page = browser.get(made.location).text
    assert "more than 500 MB, so their ZIP is prepared first" in page and "It waits for its turn." in page and "ZIP of pictures, originals" in " ".join(page.split())
    assert browser.post("/choose/download", data={"ids": ids, "folders": "project"}).location == made.location
    run_jobs()
    file = browser.get(f"{made.location}/file")
    with zipfile.ZipFile(io.BytesIO(file.data)) as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == expected and len(expected) == 4
    assert browser.get(f"{made.location}/file", headers={"Range": "bytes=10-19"}).data == file.data[10:20]
    export = Export.get()
    assert (export.sha256, export.size, export.filename) == (hashlib.sha256(file.data).hexdigest(), len(file.data), "3-chosen-pictures.zip")
    assert sorted(export.image_ids) == sorted(ids) and "3 chosen pictures" in browser.get("/exports").text
    assert client_for(sam).get(made.location).status_code == 404
    # The same again is not made again; made anew for nothing it would be the same; what is in the trash is in no ZIP.
    browser.post(f"{made.location}/again")
    run_jobs()
    assert Export.get().file_id == export.file_id
    Export.update(fingerprint=None).execute()
    asked(olga, ids=ids, folders="project")
    run_jobs()
    assert Export.get().file_id != export.file_id and read(olga, export.id) == file.data
    trash.trash(olga, ids[0])
    assert browser.get(f"{made.location}/file").status_code == 409
    browser.post(f"{made.location}/again")
    run_jobs()
    assert Export.get().image_ids == sorted(ids[1:], reverse=True) and StoredFile.select().where(StoredFile.user.is_null()).count() == 1


def test_all_of_a_search_or_a_board_in_a_size_says_what_is_not_in_it(
    olga: Actor, images: list[Image], run_jobs: RunJobs, change_settings: ChangeSettings
) -> None:
    lost = make_row(olga, title="Lost", file=None, external_url="https://a.example/x.jpg")
    every = asked(olga, size="small")
    board, _ = boards.create(olga, name="Night ride")
    pictures.add(olga, board.id, [images[1].id, lost.id])
    some = requests.ask(olga, asking.checked({"board": board.id}, "zip"))
    run_jobs()
    every, some = requests.find(olga, every.id), requests.find(olga, some.id)
    with zipfile.ZipFile(io.BytesIO(read(olga, every.id))) as packed:
        names = set(packed.namelist())
    assert names == {"alley-small.webp", "alley-small (2).webp", "alley-small (3).webp", "Pictures.csv", "Left out.txt"}
    assert (every.title, every.notes, every.fingerprint) == ("All pictures", ["“Lost” could not be read and is not in this file."], None)
    assert (some.image_ids, some.filename) == ([images[1].id], "Night-ride.zip")
    for wrong in ({"size": "huge"}, {"folders": "year"}):
        with pytest.raises(Invalid) as error:
            asked(olga, **wrong)
        assert set(error.value.fields) == set(wrong)
    # Rights that change while the job waits are heeded by the job.
    change_settings(export_rights="refuse")
    for image in images:
        ledger.edit(olga, image.id, "rights", "own")
    waiting = asked(olga, ids=[image.id for image in images])
    ledger.edit(olga, images[0].id, "rights", "")
    with pytest.raises(Conflict, match="is not cleared"):
        asked(olga, ids=[images[0].id])
    run_jobs()
    failed = requests.find(olga, waiting.id)
    assert failed.state == "failed" and "“Still 0” (rights unknown) is not cleared" in failed.error and failed.file_id is None


def test_what_ends_on_the_way_leaves_nothing_behind(olga: Actor, images: list[Image], run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    made, staged = asked(olga), [each.key for each in storage.current().list("staging/")]

    def breaks(entry: archive.Entry) -> object:
        yield b"half of it"
        raise Upstream("The store is away.")

    with monkeypatch.context() as broken:
        broken.setattr(archive.Entry, "read", breaks)
        for _ in range(3):
            Job.update(due_at=0).where(Job.id == made.job_id).execute()
            run_jobs()
    failed = requests.find(olga, made.id)
    assert (failed.state, failed.error) == ("failed", "The store is away.") and failed.file_id is None
    assert [each.key for each in storage.current().list("staging/")] == staged and StoredFile.select().where(StoredFile.user.is_null()).count() == 0
    again = asked(olga)
    job = jobs.claim(str(again.job_id))  # by a worker that dies
    assert job is not None and again.id == made.id
    Job.update(lease_until=1).where(Job.id == job.id).execute()
    jobs.reclaim(lambda job, message: None)
    Job.update(due_at=0).where(Job.id == job.id).execute()
    run_jobs()
    with zipfile.ZipFile(io.BytesIO(read(olga, made.id))) as packed:
        assert packed.testzip() is None and len(packed.namelist()) == 4
