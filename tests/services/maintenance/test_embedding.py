"""The words of pictures are read by a model: each once, wherever a worker dies, and again when words or model change."""

from collections.abc import Iterator

import pytest

from pindeck import config, db, queue
from pindeck import jobs as doing
from pindeck.access import Actor
from pindeck.models import EmbeddingDue, Image, ImageEmbedding, IndexChange, Job, Setup
from pindeck.services.images import ledger
from pindeck.services.maintenance import doctor, embedding, sweeps
from pindeck.vision.embeddings import Embedder
from tests.conftest import ChangeSettings, run_due_jobs
from tests.factories import make_row
from tests.servers.embeddings import NUMBERS, EmbeddingsServer, serving_embeddings

pytestmark = pytest.mark.parametrize("engine", ["sqlite", "postgres"])


@pytest.fixture
def server(change_settings: ChangeSettings) -> Iterator[EmbeddingsServer]:
    with serving_embeddings() as running:
        change_settings(embeddings_base_url=running.base, embeddings_model="good")
        yield running


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "PART", 2)


def sweep() -> int:
    return sweeps.sweep(["embeddings"]).found["embeddings"]


def read_all(*, include_later: bool = False) -> list[str]:
    """What became of the jobs that a sweep asks for, each with its reason."""
    sweep()
    run_due_jobs(include_later=include_later)
    rows = Job.select().where(Job.kind == queue.EMBED.kind).order_by(Job.id)
    return [f"{job.status} {job.error or ''}".strip() for job in rows]


def kept() -> dict[int, bytes]:
    return {row.seq: bytes(row.numbers) for row in ImageEmbedding.select()}


def test_pictures_of_before_are_read_once_and_what_is_written_later_again(
    database: object, olga: Actor, change_settings: ChangeSettings, small: None
) -> None:
    images = [make_row(olga, title=f"Alley {n}", description="Rain.", tags=["neon", "original"], genre="Noir") for n in range(5)]
    untitled = make_row(olga, title="DSC 4711", original_filename="DSC_4711.jpg")
    assert sweep() == 0 and not EmbeddingDue.select().exists() and not Setup.select().where(Setup.name == embedding.NAME).exists()
    with serving_embeddings() as server:
        change_settings(embeddings_base_url=server.base, embeddings_model="good")
        assert read_all() == ["completed"] and sweep() == 0
        assert sorted(server.texts) == [f"Alley {n}\nneon, Noir\nRain." for n in range(5)]
        assert max(len(request["input"]) for request in server.requests) == 2
        assert {len(numbers) for numbers in kept().values()} == {NUMBERS} and kept().keys() == {image.seq for image in images}
        IndexChange.delete().execute()
        ledger.write(images[2].id, {"title": "Harbour"}, ledger.person(olga))
        ledger.write(untitled.id, {"tags": ["fog"]}, ledger.person(olga))
        ledger.write(images[3].id, {"moodboard": "Winter"}, ledger.person(olga))  # which a model is not told
        assert read_all()[-1] == "completed" and sorted(server.texts[5:]) == ["Harbour\nneon, Noir\nRain.", "fog"]
        assert {row.seq for row in IndexChange.select()} == {images[2].seq, untitled.seq}
        ledger.write(untitled.id, {"tags": []}, ledger.person(olga))
        new = make_row(olga, title="Fresh")
        assert read_all()[-1] == "completed" and server.texts[7:] == ["Fresh"]
        assert untitled.seq not in kept() and new.seq in kept()
        Image.delete().where(Image.seq == new.seq).execute()
        assert new.seq not in kept()
        change_settings(embeddings_base_url="")
        ledger.write(images[0].id, {"title": "Nobody hears of it"}, ledger.person(olga))
        assert sweep() == 0
        change_settings(embeddings_base_url=server.base)
        assert read_all()[-1] == "completed" and server.texts[8:] == ["Nobody hears of it\nneon, Noir\nRain."]
        change_settings(embeddings_model="other")
        assert read_all()[-1] == "completed" and len(server.texts) == 14
        assert {row.model for row in ImageEmbedding.select()} == {"other"}


def test_it_goes_on_where_it_died_and_words_written_meanwhile_stay_due(
    olga: Actor, server: EmbeddingsServer, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = [make_row(olga, title=f"Alley {n}") for n in range(5)]
    EmbeddingDue.delete().execute()
    keep, parts = embedding._keep, []

    def dies(*told: object) -> None:
        parts.append(told)
        if len(parts) == 2:
            raise SystemExit  # the worker is killed after the answer came
        keep(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(embedding, "_keep", dies)
    sweep()
    with pytest.raises(SystemExit):
        run_due_jobs()
    assert len(kept()) == 2
    Job.update(lease_until=1).where(Job.status == "running").execute()
    assert sweep() == 0
    job = Job.get(Job.kind == queue.EMBED.kind)
    Job.update(status="queued", due_at=0).where(Job.id == job.id).execute()
    monkeypatch.setattr(embedding, "SLICE_S", -1.0)  # one part, and then others go first
    doing.run(job.id)
    assert len(kept()) == 4 and Job.get_by_id(job.id).status == "queued"
    run_due_jobs(include_later=True)
    assert len(kept()) == 5 and sorted(server.texts) == sorted([f"Alley {n}" for n in range(5)] + ["Alley 1", "Alley 2"])
    # Another one does the same at once, and words are written while the model is asked.
    ledger.write(images[0].id, {"title": "One"}, ledger.person(olga))
    before, embedder, place, read = len(server.texts), Embedder(config.current()), embedding._place(), embedding._read

    def read_slowly(*told: object) -> dict[int, bytes]:
        answer = read(*told)  # type: ignore[arg-type]
        monkeypatch.setattr(embedding, "_read", read)
        embedding._part(embedder, place)
        ledger.write(images[0].id, {"title": "Two"}, ledger.person(olga))
        return answer

    monkeypatch.setattr(embedding, "_read", read_slowly)
    embedding._part(embedder, place)
    assert server.texts[before:] == ["One", "One"] and EmbeddingDue.select().count() == 1
    assert read_all(include_later=True)[-1] == "completed" and server.texts[before + 2 :] == ["Two"]
    assert not EmbeddingDue.select().exists()


def test_an_empty_library_asks_nobody(database: object, server: EmbeddingsServer) -> None:
    assert sweep() == 0 and server.requests == [] and not Job.select().exists()


def test_each_failure_has_its_course(olga: Actor, server: EmbeddingsServer, change_settings: ChangeSettings) -> None:
    image = make_row(olga, title="Alley")
    change_settings(embeddings_model="wait,nan,good")
    read_all()
    job = Job.get(Job.kind == queue.EMBED.kind)
    assert job.status == "queued" and "asks to wait" in job.error and job.due_at - db.now_ms() > 70_000
    assert read_all(include_later=True) == ["completed"] and image.seq in kept()
    change_settings(embeddings_model="keyless")
    assert "Correct EMBEDDINGS_API_KEY" in read_all()[-1] and sweep() == 0  # it is left alone for an hour
    Job.update(ended_at=1).where(Job.status == "failed").execute()
    assert sweep() == 1
    stopped = Job.get(Job.status == "queued")
    Job.update(cancelled_at=1).where(Job.id == stopped.id).execute()
    run_due_jobs()
    assert Job.get_by_id(stopped.id).error == "It was cancelled." and not ImageEmbedding.select().where(ImageEmbedding.model == "keyless").exists()


def test_a_text_that_is_refused_keeps_no_other_from_being_read(olga: Actor, server: EmbeddingsServer, change_settings: ChangeSettings) -> None:
    good, bad = make_row(olga, title="Alley"), make_row(olga, title="This is forbidden")
    long, server.most_letters = make_row(olga, title="Harbour", description="fog " * 600), 600
    assert read_all() == ["completed"] and sweep() == 0
    assert (len(kept()[good.seq]), kept()[bad.seq], len(kept()[long.seq])) == (NUMBERS, b"", NUMBERS)
    assert {len(text) for text in server.texts if text.startswith("Harbour")} == {2_000, 500}
    Image.delete().where(Image.seq == long.seq).execute()
    Job.delete().execute()
    change_settings(embeddings_model="refusing")  # whatever it is told
    assert "input is too long" in read_all()[0]
    Job.delete().execute()
    change_settings(embeddings_model="good,good,shorter")  # of three calls
    ledger.write(bad.id, {"title": "Allowed"}, ledger.person(olga))
    assert read_all() == ["completed"]
    Job.delete().execute()
    ledger.write(bad.id, {"title": "Fog"}, ledger.person(olga))
    assert "another number of dimensions than before (63, 64)" in read_all()[0]
    finding = next(found for found in doctor.examine(lambda: True) if found.part == "embeddings")
    assert finding.ok and "63 dimensions; the words of 1 pictures" in finding.message
    Job.delete().execute()
    assert embedding.begin_again() and not embedding.begin_again()
    assert read_all() == ["completed"] and {len(numbers) for numbers in kept().values()} == {63}
