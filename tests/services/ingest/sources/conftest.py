"""A site with feeds and pictures, and sources that read it."""

from typing import Any

import pytest

from pindeck.access import Actor
from pindeck.models import ImportBatch, Source, SourceItem
from pindeck.services.ingest.sources import runs, sources
from tests.conftest import RunJobs
from tests.factories import photo
from tests.fetching.hostile import HostileServer, answer


@pytest.fixture
def environ(web: HostileServer) -> dict[str, str]:
    web.pages = {f"/{n}.jpg": answer(photo(mark=f"feed {n}", size=(80, 60)), "Content-Type: image/jpeg") for n in range(5)}
    web.requests.clear()
    return {"FETCH_ALLOW_HOSTS": f"127.0.0.1:{web.port}", "MAX_UPLOAD_MB": "1"}


def rss(*entries: str) -> bytes:
    """A feed of entries, each the inside of an `<item>`."""
    items = "".join(f"<item>{entry}</item>" for entry in entries)
    return f'<rss version="2.0"><channel><title>Stills</title>{items}</channel></rss>'.encode()


def entry(n: int, **more: str) -> str:
    """An entry with its own picture."""
    told = {"guid": f"id-{n}", "title": f"Still {n}", "link": f"/page/{n}", **more}
    parts = "".join(f"<{name}>{value}</{name}>" for name, value in told.items())
    return f'{parts}<enclosure url="/{n}.jpg" type="image/jpeg" length="1"/>'


class Feed:
    """A source of Olga's that reads `/feed`, and what it says."""

    def __init__(self, web: HostileServer, owner: Actor, run_jobs: RunJobs) -> None:
        self.web, self.owner, self.run_jobs = web, owner, run_jobs
        self.id = ""

    def add(self, **more: Any) -> Source:
        made = sources.create(self.owner, "feed", **{"url": f"{self.web.base}/feed", "name": "Stills", **more}).source
        self.id = made.id
        return made

    def says(self, body: bytes, *headers: str) -> None:
        self.web.pages["/feed"] = answer(body, *headers)

    def run(self, *, include_later: bool = False) -> ImportBatch:
        batch = runs.run(self.owner, self.id)
        self.run_jobs(include_later=include_later)
        return ImportBatch.get_by_id(batch.id)

    @property
    def source(self) -> Source:
        return Source.get_by_id(self.id)

    @property
    def items(self) -> list[SourceItem]:
        return list(SourceItem.select().where(SourceItem.source == self.id).order_by(SourceItem.id.desc()))

    @property
    def states(self) -> list[str]:
        return [item.state for item in self.items]


@pytest.fixture
def feed(web: HostileServer, olga: Actor, run_jobs: RunJobs) -> Feed:
    return Feed(web, olga, run_jobs)


