"""Is this installation well? Each finding says what is wrong and how to mend it."""

import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from pindeck import access, config, db, storage
from pindeck.db import dialect, migrate
from pindeck.errors import PindeckError
from pindeck.masking import masked
from pindeck.models import Blob, StoredFile
from pindeck.queue import asking
from pindeck.services.backup import copies
from pindeck.services.blobs import room
from pindeck.services.clients.webhooks import deliveries
from pindeck.services.maintenance import consistency, damage, embedding, hashing, workers
from pindeck.states import BlobState
from pindeck.times import iso_day


@dataclass(frozen=True)
class Finding:
    part: str
    ok: bool
    message: str
    mend: str = ""


def examine(ping: Callable[[], bool]) -> list[Finding]:
    """All checks; one that cannot run is itself a finding, never an exception."""
    settings = config.current()
    found = [Finding("settings", True, "All settings can be used."), *_address()]
    if settings.site_url.startswith("https://") and not settings.trusted_proxies:
        found.append(
            Finding(
                "proxy",
                False,
                "SITE_URL is https but TRUSTED_PROXIES is 0: all visitors look like one address.",
                "Set TRUSTED_PROXIES to the number of proxies in front, usually 1.",
            )  # fmt: skip
        )
    found += _guard("versions", "Install again: make setup", _versions)
    database = _guard("database", _mend_database(), _database)
    found += database
    if all(finding.ok for finding in database):
        found += _guard("schema", "Run: pindeck migrate", _schema)
        if found[-1].ok:
            found += _guard("invariants", "Report this. The check changed nothing.", _invariants)
            mend = (
                "Put what is missing back under its key, from a backup or the old store; the worker's log names it."
            )
            found += _guard("objects", mend, _objects)
            mend = (
                "Send the same files again, or set BACKUP_DIR to a folder that has them; /admin/files names each. "
                "What is not read in time needs a worker that runs at night."
            )
            found += _guard("files", mend, _files)
            mend = "Start a worker that does media (WORKER_QUEUES); /admin/workers says who works."
            found += _guard("likeness", mend, _likeness)
            found += _guard("index", "Start it with pindeck up or pindeck index.", _index)
            if settings.embeddings_is_on:
                mend = "Look at EMBEDDINGS_BASE_URL, EMBEDDINGS_API_KEY and EMBEDDINGS_MODEL, and at what the provider says of the account."
                found += _guard("embeddings", mend, _embeddings)
            found += _guard("webhooks", "Mend what they say, then switch them on and send again at /admin/webhooks.", _webhooks)
            found += _guard("work", "See /admin/workers for who works, and /work for what failed and can be tried again.", _work)
            if settings.discord_token and not settings.discord_dry_run:
                found += _guard("discord", "Start one: pindeck discord. Its log says what keeps it from connecting.", _discord)
    found += _guard(
        "queue", "Start the queue (pindeck up starts its own), or correct REDIS_URL.", lambda: _queue(ping)
    )
    found += _guard("store", "Check that the store is running and that the MINIO_… settings are right.", _store)
    if settings.backup_dir:
        found += _guard("backup", "Run: pindeck backup", _backup)
    mend = "Delete pictures for good, free some space, move DATA_DIR, or lower DISK_RESERVE_MB."
    found += _guard("disk", mend, _disk)
    return found


def _address() -> list[Finding]:
    """Without SITE_URL nobody says under which name this is served, and whether by https."""
    settings = config.current()
    if settings.site_url or settings.listens_on_loopback:
        return []
    # The default of HOST is also what somebody has who only ever runs `pindeck up`.
    is_told = bool({"host", "trusted_proxies"} & settings.model_fields_set) or settings.is_postgres or settings.is_s3
    if not is_told:
        return [Finding("address", True, "SITE_URL is empty: fine while only this machine uses Pindeck.")]
    served = "" if settings.allowed_hosts else " requests for any host are answered,"
    message = f"SITE_URL is empty:{served} links in messages name localhost, and cookies are Secure only where the proxy says https."
    mend = "Set SITE_URL to the public address, such as https://pindeck.example.org, and TRUSTED_PROXIES to 1 behind a proxy."
    return [Finding("address", False, message, mend)]


def _mend_database() -> str:
    if config.current().is_postgres:
        return "Check that the server is running and that DATABASE_URL is right."
    return "Stop Pindeck, put the file of the database aside, and load your backup: pindeck restore FOLDER."


def _guard(part: str, mend: str, check: Callable[[], str]) -> list[Finding]:
    try:
        return [Finding(part, True, check())]
    except PindeckError as error:
        return [Finding(part, False, masked(error.message), mend)]
    except Exception as error:  # a doctor that dies of the illness helps nobody
        return [Finding(part, False, masked(f"{type(error).__name__}: {error}"), mend)]


class CheckFailed(PindeckError):
    """A check that found something."""


def _versions() -> str:
    from importlib.metadata import version

    pillow = version("pillow")
    if int(pillow.split(".")[0]) < 13:
        raise CheckFailed(f"Pillow {pillow} is too old; another package may have replaced it.")
    return f"Python {sys.version.split()[0]}, Pillow {pillow}, Peewee {version('peewee')}, RQ {version('rq')}."


def _database() -> str:
    db.connect()
    server, problem = dialect.look_over()
    if problem:
        raise CheckFailed(f"{server} says: {problem}")
    return f"{server} answers."


def _schema() -> str:
    if migrate.unknown():
        raise CheckFailed(f"The database was written by a newer Pindeck ({', '.join(migrate.unknown())}).")
    if migrate.pending():
        raise CheckFailed(f"These migrations are missing: {', '.join(migrate.pending())}.")
    return "The schema is up to date."


def _invariants() -> str:
    """Images without a file, blobs that nobody names and wrong counters, as far as the database alone can tell."""
    faults = []
    live = Blob.select(Blob.id).where(Blob.state == BlobState.DELETING)
    if StoredFile.select().where(StoredFile.blob.in_(live)).exists():
        faults.append("a file names a blob that is being deleted")
    if _likes_differ():
        faults.append("likes of an image do not equal the rows they count")
    if _counts_differ():
        faults.append("the number of images of a project is wrong")
    if faults:
        raise CheckFailed("; ".join(faults).capitalize() + ".")
    return "Counts and references are right."


def _likes_differ() -> bool:
    sql = """SELECT 1 FROM image i WHERE i.likes <>
             (SELECT count(*) FROM "like" l WHERE l.image_id = i.id) LIMIT 1"""
    return db.sql(sql).fetchone() is not None


def _counts_differ() -> bool:
    sql = f"""SELECT 1 FROM project p
             LEFT JOIN project_count c ON c.project_id = p.id AND c.kind = 'listed'
             LEFT JOIN (SELECT project_id, count(*) AS n FROM image
                        WHERE {access.SHOWN.text()}
                        GROUP BY project_id) r ON r.project_id = p.id
             WHERE coalesce(c.n, 0) <> coalesce(r.n, 0) LIMIT 1"""
    return db.sql(sql).fetchone() is not None


def _work() -> str:
    return _told(workers.judge())


def _discord() -> str:
    return _told(workers.judge_bot())


def _told(found: workers.Verdict) -> str:
    if not found.is_well:
        raise CheckFailed(found.told)
    return found.told


def _likeness() -> str:
    """Whether pictures that were stored before looks were compared can be found by how they look."""
    found = hashing.progress()
    if found.is_done:
        return "Pictures that look alike are found among all."
    if not found.left:
        return "Older pictures are compared by how they look as soon as a worker has swept, within ten minutes."
    told = f"{found.left} older pictures are still to be read, and are not found yet by how they look"
    if found.at and found.at < db.now_ms() - db.DAY_MS:
        raise CheckFailed(f"{told}; no worker has read on since {iso_day(found.at)}.")
    return f"{told}; a worker reads them while nothing else waits."


def _index() -> str:
    """Whether pictures are found by colours and likeness just now."""
    found = asking.state()
    if found is None:
        return "The index is away, so colours and likeness find nothing; the rest works. Start it with pindeck up or pindeck index."
    return f"The index knows {found['pictures']} pictures by their colours and light."


def _embeddings() -> str:
    """Whether the address that reads words answers."""
    from pindeck.vision.embeddings import Embedder

    settings, began = config.current(), time.monotonic()
    (found,) = Embedder(settings).embeddings_of(["A wet alley at night"])
    return f"{settings.embeddings_model} answered after {time.monotonic() - began:.1f} s, with {len(found)} dimensions{_unread()}."


def _unread() -> str:
    left = embedding.left()
    return f"; the words of {left} pictures are still to be looked at" if left else "; it has read the words of all pictures"


def _webhooks() -> str:
    off = deliveries.switched_off()
    if off:
        raise CheckFailed(" ".join(f"The webhook “{each.name}” was switched off by itself. {each.disabled_reason}" for each in off))
    return "No webhook was switched off by itself."


def _objects() -> str:
    """What the last comparison of store and database found. What no row names only takes room."""
    latest = consistency.last()
    if latest is None:
        return "Store and database have not been compared yet; that is done every night."
    at, found = latest
    if found.since is None:
        return f"Store and database agreed at the last comparison, on {iso_day(at)} ({found.objects} objects)."
    text = (
        f"{'' if found.complete else 'At least '}{found.originals} originals and {found.renditions} renditions are "
        f"missing from the store, and no row names {found.unnamed} objects: compared on {iso_day(at)}, so since "
        f"{iso_day(found.since)}. For example {found.keys[0]}."
    )
    if found.missing:
        raise CheckFailed(text)
    return text + " They may be deleted if no other program keeps them there."


def _files() -> str:
    """Whether what is stored is what was stored, and how long ago all of it was looked at."""
    found = damage.summary()
    if found.originals or found.sizes:
        raise CheckFailed(
            f"{found.originals} originals and {found.sizes} sizes are damaged: {', '.join(found.names)}"
            f"{', …' if found.originals + found.sizes > len(found.names) else ''}."
        )
    if found.oldest_check is None:
        return "There is no stored file yet, so none is damaged."
    if found.read_by is None:
        return f"No stored file is damaged; all were read after {iso_day(found.oldest_check)}, within 30 days."
    return (
        f"No stored file is known to be damaged; {found.overdue_bytes / 2**20:.0f} MiB were not read since "
        f"{iso_day(found.oldest_check)}, and will be by {iso_day(found.read_by)}."
    )


def _backup() -> str:
    known = copies.known()
    if known is None or known.taken_at is None:
        raise CheckFailed(f"BACKUP_DIR: {known.trouble if known else 'it is not in use here'}")
    return f"The backup in BACKUP_DIR was taken on {iso_day(known.taken_at)}."


def _queue(ping: Callable[[], bool]) -> str:
    ping()
    return "The queue answers."


def _store() -> str:
    storage.current().check()
    return "The store writes, reads and deletes."


def _disk() -> str:
    found = room.found()
    if found is None:
        folder = config.current().data_dir
        free = shutil.disk_usage(folder if folder.exists() else ".").free
        return f"{free // 2**30} GiB are free; nothing that grows is kept on this disk."
    text = f"{found.free // 2**20} of {found.total // 2**20} MiB are free"
    if found.is_short:
        raise CheckFailed(f"{text}, and {found.reserve // 2**20} are kept back, so uploads are refused.")
    if found.is_getting_short:
        raise CheckFailed(f"{text}; below {found.reserve // 2**20} MiB uploads are refused.")
    return f"{text}; below {found.reserve // 2**20} MiB uploads are refused."
