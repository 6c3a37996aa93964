"""A picture that is dropped on the search: measured by a worker, compared, and deleted whatever comes of it."""

import base64
import json
from io import BytesIO

import pytest

from pindeck import queue, storage
from pindeck.access import VISITOR, Actor
from pindeck.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from pindeck.models import Blob, Image, Job, StoredFile
from pindeck.queue import asking
from pindeck.services.ingest import dropped
from pindeck.services.library.by_look import Dials
from tests.conftest import ClientFor, RunJobs
from tests.factories import make_active, photo
from tests.runtime.test_index import RED, Answering
from tests.services.images.test_twins import copy


def staged() -> list[str]:
    return [each.key for each in storage.current().list("staging/")]


def test_its_like_and_its_colours_are_found_and_nothing_of_it_is_kept(
    client_for: ClientFor, olga: Actor, sam: Actor, gus: Actor, run_jobs: RunJobs
) -> None:
    near, far = make_active(olga, copy(3), title="Nearest one"), make_active(olga, photo(RED), title="Red room")
    hidden = make_active(olga, copy(3, quality=60), title="Hidden one")
    Image.update(visibility="private").where(Image.seq == hidden.seq).execute()
    before, client = asking._asker, client_for(sam)
    asking.bind(Answering())  # type: ignore[arg-type]
    others = set(staged())  # of drafts
    known = [model.select().count() for model in (Blob, StoredFile, Image)]
    assert 'enctype="multipart/form-data"' in client.get("/colours").text and "multipart" not in client_for(gus).get("/colours").text
    answer = client.post("/colours/dropped", data={"picture": (BytesIO(copy(3, 0.9)), "my scan.jpg")})
    assert answer.status_code == 303 and len(set(staged()) - others) == 1
    where = answer.headers["Location"]
    waiting = client.get(where).text
    assert "is being measured" in waiting and "hx-trigger" in waiting
    run_jobs()
    page = client.get(where)
    assert page.headers["Cache-Control"] == "no-store" and page.text.index("Nearest one") < page.text.index("Red room")
    assert "Hidden one" not in page.text and "/colours?c=" in page.text and set(staged()) <= others
    assert [model.select().count() for model in (Blob, StoredFile, Image)] == known
    job = Job.get(Job.kind == queue.MEASURE.kind)
    assert len(json.dumps(job.result)) < 600 and set(job.payload) == {"key"} and "scan" not in json.dumps([job.payload, job.result])
    one = dropped.find(sam, job.id)
    assert [image.id for image in dropped.like(sam, one, Dials()).images] == [near.id, far.id]
    assert 1 <= len(one.colours) <= 5 and len(base64.b64encode(one.light)) > 300
    for other in (olga, gus):
        with pytest.raises(NotFound):
            dropped.find(other, job.id)
    assert client_for(olga).get(where).status_code == 404
    asking.bind(None)
    away = client.get(where)  # its colours are there
    assert away.status_code == 200 and "the index is away" in away.text and "/colours?c=" in away.text
    asking.bind(before)


def test_who_may_and_how_many_at_once(olga: Actor, gus: Actor, run_jobs: RunJobs, client_for: ClientFor) -> None:
    for actor, error in ((VISITOR, NotSignedIn), (gus, Forbidden)):
        with pytest.raises(error):
            dropped.ask(actor, [copy(3)])
    first, second = dropped.ask(olga, [copy(3)]), dropped.ask(olga, [copy(4)])
    assert (dropped.find(olga, first).before, dropped.find(olga, second).before) == (0, 1)
    with pytest.raises(Conflict, match="measured already"):
        dropped.ask(olga, [copy(5)])
    assert len(staged()) == 2
    run_jobs()
    assert staged() == [] and dropped.find(olga, second).colours
    for wrong in ("nothing", "", "\0"):
        with pytest.raises(NotFound):
            dropped.find(olga, wrong)
    client = client_for(olga)
    assert client.post("/colours/dropped", data={"picture": (BytesIO(b"no picture"), "a.jpg")}).status_code == 415
    assert client.post("/colours/dropped", data={"x": "y"}, content_type="multipart/form-data").status_code == 422
    assert client.post("/colours/dropped", data={"picture": (BytesIO(copy(3)[:300]), "a.jpg")}).status_code in (415, 422)
    assert staged() == [] and Job.select().where(Job.kind == queue.MEASURE.kind).count() == 2


def test_what_breaks_in_the_worker_is_told_and_deleted_too(olga: Actor, run_jobs: RunJobs) -> None:
    job_id = dropped.ask(olga, [copy(3)])
    (key,) = staged()
    storage.current().delete(key)
    storage.current().put(key, [copy(3)[:2000]], content_type="image/jpeg", limit=None)
    run_jobs()
    found = dropped.find(olga, job_id)
    assert found.error and not found.is_under_way and staged() == []
    with pytest.raises((Invalid, NotFound)):
        dropped.measure(Job.get_by_id(job_id))
