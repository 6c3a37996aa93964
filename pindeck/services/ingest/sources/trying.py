"""What a source would bring: looked up by a job, shown, and kept by nobody."""

import base64
import tempfile
from typing import Any, BinaryIO, cast

from pindeck import config, db, fetching, queue
from pindeck.access import Actor
from pindeck.errors import NotFound, PindeckError
from pindeck.imaging import confined
from pindeck.imaging.errors import BadImage
from pindeck.imaging.presets import MIME, PRESETS
from pindeck.models import Job, Source
from pindeck.services import jobs
from pindeck.services.clients import askers
from pindeck.services.ingest.sources import folders, pages
from pindeck.services.ingest.sources.found import Found
from pindeck.services.ingest.sources.sending import NO_PICTURE
from pindeck.services.ingest.sources.sources import find

SHOWN = 3


def ask(actor: Actor, source_id: str) -> Job:
    """Have a worker read the source and show its first pictures. `result_of` tells what it found."""
    source = find(actor, "source.edit", source_id)
    with db.writing():
        made = queue.enqueue(
            queue.TEST_SOURCE,
            user_id=actor.user_id,
            client_id=actor.client_id,
            payload={"source": source.id, **askers.told(actor)},
        )
    return Job.get(Job.id == made)


def result_of(actor: Actor, source_id: str, job_id: str) -> Job:
    """The job of a test of this source that the actor asked for; `result` once it is done. Raises NotFound."""
    job = jobs.asked_for(actor, job_id)
    if job.kind != queue.TEST_SOURCE.kind or job.payload.get("source") != source_id:
        raise NotFound("There is no such test.", code="JOB_NOT_FOUND")
    return job


def look(job: Job) -> None:
    """What the job does. Raises what reading raises."""
    from pindeck.services.ingest.sources import reading  # only the job needs it

    source = Source.get_or_none(Source.id == job.payload["source"])
    if source is None:
        raise NotFound("The source was deleted.", code="SOURCE_NOT_FOUND")
    read = reading.read(source)
    first = []
    for n, each in enumerate(read.found[:SHOWN]):
        jobs.progress(job, "looking", 100 * (n + 1) // (SHOWN + 1))
        first.append(_shown(source, each))
    Job.update(result={"count": len(read.found), "first": first}).where(Job.id == job.id).execute()


def _shown(source: Source, found: Found) -> dict[str, Any]:
    """What a person sees of it: its words, and its picture in a small size as a data address, or why there is none."""
    told: dict[str, Any] = {"title": found.title, "url": found.url, "page": found.page_url}
    try:
        if found.path:
            with folders.file_at(str(source.path), found.path).open("rb") as file:
                return {**told, "picture": _drawn(file)}
        told["url"] = url = found.url or pages.picture_at(str(found.page_url))
        if url is None:
            return {**told, "reason": NO_PICTURE}
        return {**told, "picture": _small(url)}
    except BadImage as error:
        return {**told, "reason": error.reason}
    except PindeckError as error:
        return {**told, "reason": error.message}
    except OSError:
        return {**told, "reason": "It could not be read."}


def _small(url: str) -> str:
    settings = config.current()
    most = min(settings.max_upload_bytes, settings.fetch_max_bytes)
    with tempfile.TemporaryFile() as kept, fetching.fetch(url, max_bytes=most) as fetched:
        for chunk in fetched.chunks:
            kept.write(chunk)
        kept.seek(0)
        return _drawn(cast(BinaryIO, kept))


def _drawn(file: BinaryIO) -> str:
    made = confined.make(file, PRESETS["sm"], max_megapixels=config.current().max_image_megapixels)
    return f"data:{MIME};base64,{base64.b64encode(made.data).decode()}"
