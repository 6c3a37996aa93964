"""`pindeck analyse`: a dry run, the question before it begins, and a worker that does it."""

import io
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pindeck import jobs
from pindeck.access import Actor
from pindeck.models import AnalysisRound, Image, Job, User
from pindeck.services.images import ledger
from pindeck.services.ingest import uploads
from tests.factories import jobs_of, new_photo
from tests.servers.vision import VisionServer, serving_vision
from tests.stack import Stack

OLGA = Actor("olga", "curator", "Olga")


@pytest.fixture
def server() -> Iterator[VisionServer]:
    with serving_vision() as running:
        yield running


@pytest.fixture
def stack(tmp_path: Path, server: VisionServer) -> Iterator[Stack]:
    stack = Stack(tmp_path, {"VISION_BASE_URL": server.base, "VISION_MODEL": "good"})
    with stack.bound():
        User.create(id="olga", email="olga@example.org", role="curator", password_hash="x", created_at=1)
        for number in range(3):
            image = uploads.accept(OLGA, io.BytesIO(new_photo()), f"{number}.jpg").image
            jobs.run(jobs_of("persist")[-1].id)
            Image.update(ai_status="completed").where(Image.seq == image.seq).execute()
        Job.delete().execute()
        ledger.edit(OLGA, image.id, "description", "A dry street.")
    yield stack
    stack.stop()


def analyse(stack: Stack, *words: str, says: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(stack.programs / "pindeck"), "analyse", "--user", "olga@example.org", *words],
        cwd=stack.root, env=stack.environ, input=says, capture_output=True, text=True,
    )  # fmt: skip


def rounds_of(stack: Stack) -> int:
    with stack.bound():
        return AnalysisRound.select().count()


def test_a_person_asks_what_it_costs_and_has_pictures_described_again(stack: Stack, server: VisionServer) -> None:
    dry = analyse(stack, "--all", "--dry-run")
    assert dry.stdout.splitlines() == [
        "All pictures: 3 pictures, described by good.",
        "What it will cost is not known: the provider has named no price so far.",
    ]
    assert json.loads(analyse(stack, "--lacking", "description", "--dry-run", "--json").stdout)["count"] == 2
    for words, said in (
        ((), "Name pictures, a query or a field"), (("--lacking", "likes"), "Name one of title, description"),
        (("--query", "hue=1"), "is not a filter"), (("--query", "nothing like it", "--yes"), "None of these pictures"),
        (("1",), "There is no such image."),
    ):  # fmt: skip
        wrong = analyse(stack, *words)
        assert wrong.returncode == 1 and said in wrong.stderr, wrong.stderr
    assert analyse(stack, "--all", says="n\n").returncode == 1 and rounds_of(stack) == 0
    stack.start_worker()
    done = analyse(stack, "--lacking", "description", "--yes", "--wait")
    assert (done.returncode, done.stdout) == (0, "2 of 2 described.\n"), done.stderr
    assert len(server.requests) == 2
    dry = analyse(stack, "--all", "--dry-run")
    assert "about $0.00, at $0.000213 a picture lately" in dry.stdout
    tried = subprocess.run([str(stack.programs / "pindeck"), "doctor", "--vision"], cwd=stack.root, env=stack.environ, capture_output=True, text=True)
    assert tried.returncode == 0 and "good" in tried.stdout and "Neon Alley" in tried.stdout, tried.stdout + tried.stderr
