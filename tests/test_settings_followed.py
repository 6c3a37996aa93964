"""Every setting is followed by whoever reads it, as soon as it is bound: nobody keeps a copy, or a default of his own."""

import io
import runpy
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from flask import Flask, Response, request

from pindeck import access, bootstrap, config, db, fetching, setting_checks, storage, varying, vision
from pindeck.access import VISITOR, Actor
from pindeck.config import Settings
from pindeck.exports import requests
from pindeck.http import auth, bodies, limits, multipart, sending, urls
from pindeck.imaging import confined, courier
from pindeck.models import Crop, Image, Job
from pindeck.public import upload_tickets
from pindeck.services import jobs
from pindeck.services.accounts import accounts
from pindeck.services.backup import copies
from pindeck.services.blobs import room
from pindeck.services.clients import askers, ingest_key, on_behalf
from pindeck.services.derivatives import build as persist
from pindeck.services.derivatives import crop_urls, delivery, single_flight
from pindeck.services.derivatives.crop_urls import CropSpec
from pindeck.services.derivatives.crops import evict
from pindeck.services.files import from_web
from pindeck.services.images import image_urls, origins, rights
from pindeck.services.images.calls import Calls
from pindeck.services.images.variations import ordering
from pindeck.services.ingest import uploads
from pindeck.services.ingest.sources import arena, gallery_dl, kinds
from pindeck.services.ingest.variations import children, running
from pindeck.services.library import own
from pindeck.services.maintenance import sweeps  # fmt: skip
from pindeck.states import AiStatus, ImageStatus, Origin, Role, SourceKind
from pindeck.vision.base import BilledTo
from pindeck.worker import PindeckWorker, queues_of
from tests import settings_of_discord
from tests.conftest import ChangeSettings, add_person
from tests.factories import blob_of, make_active, make_row, new_photo
from tests.vision.followed import at_once, sent_to_a_model, sent_to_embeddings

ROOT = Path(__file__).resolve().parent.parent
ID = "01890000-0000-7000-8000-000000000000"
HOUR_MS = 3_600_000
S3 = {
    "minio_endpoint": "s3:9000", "minio_access_key": "an access key", "minio_secret_key": "a secret key",
    "minio_secure": False,
}  # fmt: skip
POSTGRES = {"database_url": "postgresql://db/pins"}
FAL = {"generation_backend": "fal", "fal_key": "a key"}


class Enough(Exception):
    """What was to be seen has been seen."""


@dataclass(frozen=True)
class Followed:
    """`read` asks the reader of a setting, which may have the value `other`; `given` are settings that this needs."""

    other: Any
    read: Callable[[], Any]
    given: dict[str, Any] = field(default_factory=dict)


def outcome(work: Callable[[], Any]) -> str:
    """What comes of it, be it an error."""
    try:
        return repr(work())
    except Exception as error:
        return type(error).__name__


def seen(owner: Any, name: str, work: Callable[[], Any]) -> mock.Mock:
    """The call that `work` makes of a function; nothing after it happens."""
    with mock.patch.object(owner, name, side_effect=Enough) as called, suppress(Enough):
        work()
    return called.call_args


def gunicorn(name: str) -> Callable[[], Any]:
    def read() -> Any:
        with mock.patch.object(config, "load", config.current):
            return runpy.run_path(str(ROOT / "gunicorn.conf.py"))[name]

    return read


def person(role: Role = Role.CURATOR) -> access.Actor:
    return add_person(config.current(), role, f"Person{db.new_token()}")


def store() -> str:
    return str({name: str(value) for name, value in vars(storage.from_settings(config.current())).items()})


def varied_by() -> str:
    """Who makes variations, and with what."""
    provider = varying.from_settings(config.current())
    return str(provider and (provider.name, vars(provider)))


def look_again() -> str:
    someone = BilledTo(user_id=person().user_id)
    return outcome(lambda: [Calls().begin(someone, "model", "1", "plain") and None for _ in range(2)])


def on_a_page(work: Callable[[], Any]) -> Callable[[], Any]:
    def read() -> Any:
        with Flask("here").test_request_context("/"):
            return work()

    return read


def cookie() -> str:
    response = Response()
    auth.set_cookie(response, "token")
    return response.headers["Set-Cookie"].partition("Max-Age=")[2].partition(";")[0]


def incoming(name: str) -> Callable[[], Any]:
    return lambda: seen(bodies, "chunks", lambda: bodies.incoming(request)).kwargs[name]


def build(name: str) -> Callable[[], Any]:
    import pindeck.imaging.derivatives as derivatives

    def read() -> Any:
        with mock.patch.object(persist, "open_seekable", return_value=io.BytesIO()):
            return seen(derivatives, "build", lambda: persist._build("any")).kwargs[name]

    return read


def rate(kind: str) -> Callable[[], Any]:
    def read() -> Any:
        app = Flask("here")
        limits.init_app(app, config.current())
        return app.extensions[limits.EXTENSION].rates[kind]

    return read


def acts_for() -> str | None:
    program = access.Actor(
        client_id=ID, client_kind="master", key_id=ingest_key.KEY_ID, scopes=frozenset({"ingest"})
    )
    return on_behalf.person(program, person().user_id, "ingest").role


def memory() -> int:
    return seen(courier, "exchange", lambda: confined._ask(io.BytesIO(b"x"), "check", 0, 1.0)).args[2]


def upload_of(side: int) -> Callable[[], str]:
    def read() -> str:
        return outcome(lambda: bool(uploads.stage(io.BytesIO(new_photo(size=(side, side))))))

    return read


def fetched() -> int:
    job = SimpleNamespace(
        result=None, user_id=None, client_id=None, payload={"project_id": None, "max_bytes": None, "url": "http://x"}
    )
    with mock.patch.object(askers, "check"):
        return seen(fetching, "fetch", lambda: from_web.run(job)).kwargs["max_bytes"]  # type: ignore[arg-type]


def of_arena() -> str:
    return str(seen(fetching, "fetch", lambda: arena.read("alleys")).args[0])


def of_pinterest() -> str:
    """Without cookies the program is started, and gives no list; with some that cannot be read it is not."""
    return outcome(lambda: gallery_dl.read("https://www.pinterest.com/olga/"))


def redirected() -> int:
    actor = person()
    found = delivery.picture(actor, make_active(actor).id, None)
    found = SimpleNamespace(**{**vars(found), "is_public": False, "mime": found.mime})
    with mock.patch.object(type(storage.current()), "presigned_get", return_value="https://s3/x"):
        return sending.send(found).status_code  # type: ignore[arg-type,union-attr]


def edited_by_others() -> bool:
    return access.can(person(), "image.edit", make_row(person()))


def still_described() -> tuple[int, int]:
    """What began thirty hours ago, in the list of what is being described and in the sweep of what never ended."""
    actor = person()
    began = db.now_ms() - 30 * HOUR_MS
    make_row(actor, ai_status=AiStatus.PROCESSING, ai_started_at=began)
    return len(own.processing(actor)), sweeps.SWEEPS["stale_analyses"].run()


def evicted() -> int:
    Crop.delete().execute()
    actor = person()
    blob = blob_of(make_row(actor))
    Crop.create(
        id=db.new_id(), blob=blob.id, variant=ID, object_key=f"crops/{ID}", sha256="0" * 64, mime="image/webp",
        width=1, height=1, bytes=2**20, created_at=1, used_at=1,
    )  # fmt: skip
    return evict()


def leased() -> int:
    now = db.now_ms()
    job = Job.create(id=db.new_id(), kind="analyse", queue="ai", due_at=now, created_at=now)
    with mock.patch.object(db, "now_ms", return_value=now):
        claimed = jobs.claim(job.id)
    assert claimed is not None
    return claimed.lease_until - now


def admitted() -> str:
    return outcome(lambda: bool(accounts.continue_as_guest(accounts.NOWHERE)))


def taken(work: Callable[[], Any]) -> Callable[[], str]:
    return lambda: seen(accounts.throttle, "check", work).args[2]


def signed_up() -> Any:
    person()
    return accounts.sign_up("new@example.org", "a long password")


def signs_in() -> str:
    with mock.patch.object(accounts, "Guess", side_effect=Enough) as guess, suppress(Enough):
        accounts.sign_in("new@example.org", "a long password", accounts.NOWHERE)
    return guess.call_args.args[3]


def may_sign_up() -> bool:
    accounts.create(f"{db.new_token()}@example.org", "a long enough password")
    return accounts.may_sign_up()


def served() -> bool:
    return config.current().served_hosts.serves("pins.example.org", "/i/x")


def proxies() -> str:
    from werkzeug.middleware import proxy_fix

    called = seen(proxy_fix, "ProxyFix", lambda: bootstrap.create_app(config.current()))
    return "nobody is believed" if called is None else called.kwargs["x_for"]


FOLLOWED: dict[str, Followed] = {
    "data_dir": Followed(Path("/elsewhere"), lambda: str(config.current().kept_on)),
    "host": Followed("::1", gunicorn("bind")),
    "port": Followed(8123, gunicorn("bind")),
    "site_url": Followed("https://pins.example.org", on_a_page(urls.base)),
    "allowed_hosts": Followed("pins.example.org", served),
    "trusted_proxies": Followed(1, proxies),
    "secret_key": Followed("another secret of these tests", lambda: crop_urls.signature(ID, CropSpec(10, 10))),
    "web_concurrency": Followed(5, gunicorn("workers")),
    "web_threads": Followed(20, lambda: (gunicorn("threads")(), single_flight._most())),
    "database_url": Followed(POSTGRES["database_url"], lambda: db.make(config.current()).database),
    "redis_url": Followed("redis://queue", lambda: config.current().queue_url),
    "minio_endpoint": Followed("other:9000", store, S3),
    "minio_access_key": Followed("other", store, S3),
    "minio_secret_key": Followed("other", store, S3),
    "minio_secure": Followed(True, store, S3),
    "minio_region": Followed("eu", store, S3),
    "minio_bucket": Followed("other", store, S3),
    "minio_public_bucket": Followed("other", store, S3),
    "upload_prefix": Followed("other", lambda: blob_of(make_active(person(), new_photo())).object_key.split("/")[0]),
    "storage_provider_name": Followed("rustfs", lambda: config.current().storage_provider, S3),
    "allow_local_files": Followed(False, lambda: outcome(lambda: setting_checks.check_together(config.current())), POSTGRES),
    "backup_dir": Followed("/backups", lambda: copies.known()),
    "store_quota_mb": Followed(100, lambda: storage.from_settings(config.current()).left() is None),
    "disk_reserve_mb": Followed(7, lambda: room.found().reserve),  # type: ignore[union-attr]
    "media_base_url": Followed("https://cdn.example.org", lambda: image_urls.rendition(ID, "ab" * 16, "small")),
    "cdn_base_url": Followed("https://pins.example.org", served),
    "private_redirect": Followed(True, on_a_page(redirected)),
    "max_upload_mb": Followed(1, lambda: multipart.most_bytes(1)),
    "max_file_mb": Followed(1, incoming("max_bytes")),
    "max_image_megapixels": Followed(1, upload_of(1100)),
    "max_files_per_upload": Followed(3, lambda: upload_limits()["max_files"]),
    "webp_method": Followed(3, build("webp_method")),
    "decode_margin": Followed(3.0, build("decode_margin")),
    "crop_presets": Followed("square=10x10", lambda: str(crop_urls.presets())),
    "crop_cache_mb": Followed(0, evicted),
    "job_memory_mb": Followed(300, memory),
    "upload_idle_s": Followed(3.0, incoming("idle_s")),
    "upload_total_s": Followed(3.0, incoming("total_s")),
    "allowed_origins": Followed("https://one.example", lambda: upload_tickets._is_allowed("https://one.example")),
    "worker_queues": Followed("io", lambda: queues_of(config.current())),
    "job_lease_s": Followed(7, leased),
    "pump_interval_s": Followed(
        7.0, lambda: PindeckWorker.dequeue_timeout.fget(SimpleNamespace(settings=config.current()))  # type: ignore[attr-defined]
    ),
    "stale_hours": Followed(48, still_described),
    "export_keep_days": Followed(3, requests.kept_ms),
    "export_rights": Followed("refuse", lambda: len(rights.not_cleared([Image(id="a")]))),
    "trash_days": Followed(3, lambda: seen(sweeps.trash, "sweep", sweeps.SWEEPS["trash"].run).kwargs["days"]),
    "vision_backend": Followed("openai", lambda: type(vision.from_settings(config.current(), Calls()))),
    "vision_base_url": Followed("http://here/v1", sent_to_a_model),
    "vision_api_key": Followed("a key", sent_to_a_model),
    "vision_model": Followed("llava", sent_to_a_model),
    "openrouter_provider_sort": Followed("price", sent_to_a_model),
    "vision_timeout_s": Followed(3.0, sent_to_a_model),
    "vision_concurrency": Followed(2, at_once),
    "daily_analysis_limit": Followed(1, look_again),
    "vision_monthly_limit": Followed(1, look_again),
    "embeddings_base_url": Followed("http://here/v1", sent_to_embeddings),
    "embeddings_api_key": Followed("a key", sent_to_embeddings),
    "embeddings_model": Followed("bge-m3", sent_to_embeddings),
    "generation_backend": Followed("off", varied_by),
    "fal_key": Followed("another", varied_by, FAL),
    "fal_base_url": Followed("https://queue.example.org", lambda: (varied_by(), str(running._policy().allow_hosts)), FAL),
    "generation_model": Followed("fal-ai/other/edit", varied_by, FAL),
    "generation_price": Followed(0.15, lambda: (varied_by(), str(ordering.price_of(ordering.Wish()))), FAL),
    "generation_resolution": Followed("4K", lambda: ordering.Wish().size),
    "generated_status": Followed("pending", lambda: children._status(Image(status=ImageStatus.ACTIVE), [], is_own=False)),
    "daily_generation_limit": Followed(1, lambda: outcome(lambda: ordering._check_day(str(person().user_id), 2))),
    "fetch_allow_hosts": Followed("nas:80", lambda: fetching.policy_of_settings().allow_hosts),
    "fetch_timeout_s": Followed(3.0, lambda: fetching.policy_of_settings().timeout_s),
    "fetch_max_mb": Followed(3, fetched),
    "arena_base_url": Followed("https://arena.example.org/v2", of_arena),
    "gallery_dl": Followed("/usr/bin/false", lambda: SourceKind.PINTEREST in kinds.offered(VISITOR)),
    "source_folders": Followed("/srv/stills", lambda: SourceKind.FOLDER in kinds.offered(Actor(role=Role.ADMIN))),
    "pinterest_cookies_file": Followed("/nowhere/cookies.txt", of_pinterest, {"gallery_dl": "/bin/false"}),
    "pinterest_moderated": Followed(False, lambda: origins.is_moderated(Origin.PINTEREST)),
    "public_library": Followed(False, lambda: access.can(VISITOR, "library.view")),
    "guest_access": Followed(False, admitted),
    "guest_uploads": Followed(True, lambda: access.can(person(Role.GUEST), "upload")),
    "registration": Followed("open", may_sign_up),
    "metadata_edit_policy": Followed("owner", edited_by_others),
    "session_days": Followed(3, on_a_page(cookie)),
    "sign_in_rate": Followed("3/hour", signs_in),
    "rate_read": Followed("3/hour", rate("read")),
    "rate_write": Followed("3/hour", rate("write")),
    "rate_upload": Followed("3/hour", rate("upload")),
    "rate_ingest": Followed("3/hour", rate("ingest")),
    "ingest_api_key": Followed("secret", lambda: ingest_key.is_it("secret")),
    **{name: Followed(*row) for name, row in settings_of_discord.ROWS.items()},
    "pindeck_user_id": Followed("gone", lambda: outcome(acts_for)),
    "sign_up_rate": Followed("3/hour", taken(signed_up), {"registration": "open"}),
    "guest_rate": Followed("3/hour", taken(lambda: accounts.continue_as_guest(accounts.NOWHERE))),
    "log_level": Followed("debug", gunicorn("loglevel")),
}


def upload_limits() -> dict[str, Any]:
    from pindeck.web import uploads as pages

    return pages.limits()


def test_the_table_names_every_setting_and_no_other() -> None:
    assert set(FOLLOWED) == set(Settings.model_fields)


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_a_setting_that_changes_is_followed(name: str, database: Settings, change_settings: ChangeSettings) -> None:
    row = FOLLOWED[name]
    # What stands for a store or a server must not be spoken to: the objects that are bound stay as they are.
    change_settings(**row.given)
    before = row.read()
    change_settings(**{name: row.other})
    after = row.read()
    pairs = zip(before, after, strict=True) if isinstance(before, tuple) else [(before, after)]
    assert all(old != new for old, new in pairs), (name, before, after)


def test_nothing_is_read_before_the_settings_are_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "_current", None)
    with pytest.raises(RuntimeError):
        config.current()
