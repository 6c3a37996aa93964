"""Every setting: its name in the environment, its type, its default and what it is for.

The environment is read here and nowhere else. `load()` checks all of it at start and raises
`SettingError` with a sentence that names the setting. `NAME_FILE` reads the value of `NAME` from a file.
"""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from pindeck import data_folder, hosts, masking, setting_checks
from pindeck.errors import SettingError
from pindeck.setting_types import (
    Address,
    DatabaseUrl,
    Endpoint,
    Hosts,
    HostsAndPorts,
    MaybeCount,
    MaybeGenerator,
    MaybePrice,
    MaybeSwitch,
    Origins,
    Rate,
    RedisUrl,
    Site,
    Switch,
)
from pindeck.setting_vision import VisionSettings


class Settings(VisionSettings):
    """Typed settings. The description of each field is the text of the settings table in the README."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    # Place and address
    data_dir: Path = Field(
        Path(".data"),
        description="Folder for the database, files, queue and secrets of the embedded defaults.",
    )
    host: str = Field(
        "0.0.0.0",
        description="Address the web server listens on; `pindeck up` makes it `127.0.0.1`. Anything but loopback asks for the one-time code when the first account is made.",
    )
    port: int = Field(8000, ge=1, le=65535, description="Port the web server listens on.")
    site_url: Site = Field(
        "",
        description="Public address, such as `https://pindeck.example.org`, without a path. Then only its host and those of `ALLOWED_HOSTS` are served. With https the cookies are `Secure`.",
    )
    allowed_hosts: Hosts = Field(
        "", description="More hosts that are served, without ports, as `pins.example.org,10.0.0.5`."
    )
    trusted_proxies: int = Field(
        0, ge=0, le=10, description="Number of reverse proxies whose `X-Forwarded-*` headers are believed."
    )
    secret_key: str = Field(
        "", repr=False, description="Signs sessions. Made once in `DATA_DIR` when empty; required with PostgreSQL."
    )
    web_concurrency: int = Field(2, ge=1, le=64, description="Web processes.")
    web_threads: int = Field(8, ge=1, le=64, description="Threads in each web process.")

    # Database and queue
    database_url: DatabaseUrl = Field(
        "",
        repr=False,
        description="`postgresql://user:password@host/name`; empty means SQLite in `DATA_DIR`.",
    )
    redis_url: RedisUrl = Field(
        "",
        repr=False,
        description="`redis://…`, `rediss://…` or `unix://…`; empty means the queue that `pindeck up` starts in `DATA_DIR`. Required with PostgreSQL.",
    )

    # Object store
    minio_endpoint: Endpoint = Field(
        "", description="Host and port of any S3-v4 endpoint. Empty means files on disk in `DATA_DIR`."
    )
    minio_access_key: str = Field("", repr=False, description="Access key of the object store.")
    minio_secret_key: str = Field("", repr=False, description="Secret key of the object store.")
    minio_secure: Switch = Field(True, description="Speak https to the object store.")
    minio_region: str = Field("us-east-1", description="Region name used in signatures.")
    minio_bucket: str = Field("pindeck", description="Bucket for originals, renditions and files. Never public.")
    minio_public_bucket: str = Field("pindeck-public", description="Bucket for public copies of renditions.")
    upload_prefix: str = Field(
        "media-uploads",
        pattern=r"^[A-Za-z0-9_-]{1,40}$",
        description="First segment of the keys of pictures.",
    )
    storage_provider_name: str = Field(
        "minio",
        pattern=r"^[a-z0-9-]{1,40}$",
        description="The value of `storageProvider` for pictures in the object store: `minio`, `rustfs`, ….",
    )
    allow_local_files: Switch = Field(
        False,
        description="Permit PostgreSQL together with files on disk, and with the queue of `pindeck up` (one machine only).",
    )
    backup_dir: str = Field(
        "",
        description="Folder that `pindeck backup` writes to where none is named, and from which damaged originals are restored. Empty means none.",
    )
    store_quota_mb: int = Field(
        0, ge=0, description="Most the files on disk may take, in MiB; 0 means as much as the disk holds."
    )
    disk_reserve_mb: MaybeCount = Field(
        None,
        description="Room on the disk of `DATA_DIR` below which uploads are refused, in MiB; it grows to twice what waiting pictures will need. Defaults to a twentieth of the disk, at least 64 and at most 1024.",
    )
    media_base_url: Address = Field(
        "",
        description="Address of a front server, bucket or CDN that serves public renditions. Empty means `/media` of this application.",
    )
    cdn_base_url: Address = Field(
        "",
        description="Address of a CDN that fetches pictures from `/i/` of this application; the API names it for what anybody may see.",
    )
    private_redirect: Switch = Field(
        False,
        description="Answer private originals with a redirect to a link that is valid for a minute (object store only).",
    )

    # Pictures
    max_upload_mb: int = Field(50, ge=1, le=5120, description="Largest picture, in MiB.")
    max_file_mb: int = Field(5120, ge=1, le=1048576, description="Largest file of any other kind, in MiB.")
    max_image_megapixels: int = Field(100, ge=1, le=1000, description="Most pixels of a picture, in millions.")
    max_files_per_upload: int = Field(50, ge=1, le=500, description="Most files in one upload form.")
    webp_method: int = Field(4, ge=0, le=6, description="Effort of the WebP encoder. 2 saves a third of the work for 5 % more bytes.")
    decode_margin: float = Field(1.5, ge=1, le=8, description="A JPEG is decoded at the smallest scale that is still this many times the largest rendition. 1 saves memory, 1.5 keeps quality.")
    crop_presets: str = Field(
        "",
        description="Crops that anybody may ask for with `?crop=<name>`, as `square=600x600:cover,card=640x360:cover`. Fit is `cover`, `contain` or `inside`. All other crops need a signed address.",
    )
    crop_cache_mb: int = Field(512, ge=0, description="The most that finished crops may take in the store, in MiB; the longest unused go first. 0 keeps none and draws each one anew.")
    job_memory_mb: int = Field(
        1536, ge=256, description="Most memory one picture may take while it is decoded, in MiB."
    )

    upload_idle_s: float = Field(
        120, gt=0, le=3600, description="Seconds an upload through the API may stand still before it is broken off."
    )
    upload_total_s: float = Field(
        1800, gt=0, le=86400, description="Seconds an upload through the API may take, all in all."
    )
    allowed_origins: Origins = Field(
        "",
        description="Other sites whose pages may send files to upload addresses, as `https://one.example,https://two.example`, or `*` for any. Empty means this site only.",
    )

    # Work
    worker_queues: str = Field(
        "media,io,ai,out",
        pattern=r"^(media|io|ai|out)(,(media|io|ai|out))*$",
        description="Queues a worker listens on, the most important first: pictures, files and the web, models, webhooks.",
    )
    job_lease_s: int = Field(
        120,
        ge=2,
        le=3600,
        description="Seconds after which work held by a worker that died is given to another.",
    )
    pump_interval_s: float = Field(2.0, gt=0, le=60, description="Seconds between looks for work that is due.")
    stale_hours: int = Field(18, ge=1, description="Hours after which a description that never ended counts as failed.")
    export_keep_days: int = Field(30, ge=1, le=3650, description="Days an export is kept after it was asked for the last time.")
    export_rights: Literal["off", "mark", "refuse"] = Field("off", description="What exports do with pictures that are not cleared, own or generated: nothing, `mark` them and list them at the end, or `refuse` to make the file.")
    trash_days: int = Field(30, ge=1, description="Days a deleted picture can be restored.")
    generation_backend: MaybeGenerator = Field(None, description="Who makes variations: `fal` (the queue of fal.ai), `simulated` (crops, turns and grades the picture itself and marks the result) or `off`. Defaults to `fal` where `FAL_KEY` is set, else `simulated`.")
    fal_key: str = Field("", repr=False, description="Key of the provider of variations.")
    fal_base_url: Address = Field("https://queue.fal.run", description="Address of its queue, without a path.")
    generation_model: str = Field("fal-ai/nano-banana-pro/edit", pattern=r"^[\w.-]+(/[\w.-]+)+$", description="The model that makes variations, as its provider names it.")
    generation_price: MaybePrice = Field(None, description="What one variation costs there, in US dollars: shown before an order, and kept with it. Empty means that it is not known.")
    generation_resolution: Literal["1K", "2K", "4K"] = Field("2K", description="Size of a variation where nobody chooses one, as its provider names it.")
    generated_status: Literal["lineage", "pending", "active"] = Field("lineage", description="What a variation becomes: `active`, `pending` until a person approves it, or by `lineage`: pending where it descends from a moderated import, a draft beside a draft, else active. What a program orders for itself is always active.")
    daily_generation_limit: int = Field(100, ge=0, description="Variations that one person may order in a day (UTC); 0 means no limit.")

    # Fetching from the web
    fetch_allow_hosts: HostsAndPorts = Field("", description="Servers inside private networks that may still be fetched from, as `host:port,host:port`, written as in the address. Empty means only the public internet.")
    fetch_timeout_s: float = Field(30, gt=0, le=600, description="Seconds one download may take, all in all.")
    fetch_max_mb: int = Field(50, ge=1, le=5120, description="The most one download may bring, in MiB.")

    arena_base_url: Address = Field("https://api.are.na/v2", description="Address of the API that channels of Are.na are read from.")
    source_folders: str = Field("", pattern=r"^(/[^,]*(, */[^,]*)*)?$", description="Folders of the server below which administrators may choose sources, as `/srv/stills,/mnt/scans`. Empty means none.")
    gallery_dl: str = Field("", description="Path of the program gallery-dl, which lists boards and profiles of Pinterest for sources, and channels of Are.na whose API gives nothing. You install and update it. Empty means that there are no sources of Pinterest.")
    pinterest_cookies_file: str = Field("", description="File with the cookies of a browser that is signed in at Pinterest, which gallery-dl is given a copy of. Empty reads what is public.")

    # People
    pinterest_moderated: Switch = Field(True, description="Imports from Pinterest wait for a person to approve them.")
    public_library: Switch = Field(True, description="Visitors may browse the published pictures.")
    guest_access: MaybeSwitch = Field(None, description="Allow “continue as guest”. Defaults to `PUBLIC_LIBRARY`.")
    guest_uploads: Switch = Field(False, description="Guests may upload.")
    registration: Literal["open", "invite", "closed"] = Field(
        "invite", description="Who may make an account: anyone, people with an invitation, or nobody."
    )
    metadata_edit_policy: Literal["any_user", "owner"] = Field(
        "any_user",
        description="Who may correct the words of a picture: anyone with an account, or its owner and administrators.",
    )
    session_days: int = Field(30, ge=1, le=365, description="Days a session lasts after its last use.")
    sign_in_rate: Rate = Field("10/hour", description="Failed sign-ins per account and network (an IPv4 address, an IPv6 /64); 0 means no limit.")
    rate_read: Rate = Field(
        "3000/hour",
        description="Reads of the API per key or session; 0 means no limit. Pages and pictures do not count.",
    )
    rate_write: Rate = Field("600/hour", description="Changes through the API per key or session; 0 means no limit.")
    rate_upload: Rate = Field("600/hour", description="Uploads through the API per key or session; 0 means no limit.")
    sign_up_rate: Rate = Field(
        "20/hour", description="New accounts per network where `REGISTRATION=open`; 0 means no limit."
    )
    guest_rate: Rate = Field("20/hour", description="New guests per network; 0 means no limit.")

    # Operation
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` hands over counts; the process environment is read there, once."""
        return (init_settings,)

    # What follows from the settings

    @property
    def generator(self) -> str:
        return self.generation_backend or ("fal" if self.fal_key else "simulated")

    @property
    def is_postgres(self) -> bool:
        return bool(self.database_url)

    @property
    def is_s3(self) -> bool:
        return bool(self.minio_endpoint)

    @property
    def served_hosts(self) -> hosts.Served:
        """The names under which requests are answered."""
        return hosts.Served.of(
            site=self.site_url,
            allowed=self.allowed_hosts,
            media=self.media_base_url,
            pictures=self.cdn_base_url,
            on_loopback=self.listens_on_loopback,
        )

    @property
    def guests_allowed(self) -> bool:
        return self.public_library if self.guest_access is None else self.guest_access

    @property
    def listens_on_loopback(self) -> bool:
        return self.host in ("127.0.0.1", "::1", "localhost")

    @property
    def sqlite_path(self) -> Path:
        return self.data_dir / "pindeck.sqlite3"

    @property
    def kept_on(self) -> Path | None:
        """A folder on the disk that can become full; None where nothing is kept on a disk of this machine."""
        return None if self.is_s3 and self.is_postgres else self.data_dir.absolute()

    @property
    def backup_folder(self) -> Path | None:
        return Path(self.backup_dir) if self.backup_dir else None

    @property
    def files_dir(self) -> Path:
        return self.data_dir / "files"

    @property
    def public_dir(self) -> Path:
        """The one folder a front server may serve: copies of what is public, under addresses nobody can guess."""
        return self.data_dir / "public"

    @property
    def queue_socket(self) -> Path:
        return self.data_dir / "queue" / "queue.sock"

    @property
    def queue_url(self) -> str:
        return self.redis_url or f"unix://{self.queue_socket.absolute()}"

    @property
    def max_upload_bytes(self) -> int:
        return self.max_upload_mb * 1024 * 1024

    @property
    def fetch_allowed(self) -> frozenset[tuple[str, int]]:
        """Host in lower case, without brackets, and port."""
        return hosts.pairs(self.fetch_allow_hosts)

    @property
    def fetch_max_bytes(self) -> int:
        return self.fetch_max_mb * 1024 * 1024

    @property
    def crop_cache_bytes(self) -> int:
        return self.crop_cache_mb * 1024 * 1024

    @property
    def max_file_bytes(self) -> int:
        return self.max_file_mb * 1024 * 1024

    @property
    def origins(self) -> frozenset[str]:
        """The other sites that may upload, as browsers name them."""
        return frozenset(origin.strip().lower() for origin in self.allowed_origins.split(",") if origin.strip())

    def make_data_dir(self) -> None:
        """Make DATA_DIR if it is missing, open as far as a front server needs that serves its public pictures."""
        data_folder.make(self.data_dir, is_passed_through=bool(self.media_base_url) and not self.is_s3)

    @property
    def storage_provider(self) -> str:
        return self.storage_provider_name if self.is_s3 else "filesystem"

    @property
    def media_url(self) -> str:
        return self.media_base_url or "/media"


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings. Raises SettingError with one sentence per wrong setting, which shows no secret."""
    environ = os.environ if environ is None else environ
    values: dict[str, str] = {}
    for name in Settings.model_fields:
        variable = name.upper()
        if f"{variable}_FILE" in environ:
            values[name] = setting_checks.from_file(variable, environ[f"{variable}_FILE"])
        elif variable in environ:
            values[name] = environ[variable].strip()
    setting_checks.take_other_names(values, environ)
    masking.learn(setting_checks.secrets_of(values))
    try:
        settings = Settings(**values)  # type: ignore[arg-type]
    except ValidationError as error:
        # Without its cause, which would show the values in a traceback.
        raise SettingError("\n".join(setting_checks.sentence(e) for e in error.errors())) from None
    setting_checks.check_together(settings)
    return settings


_current: Settings | None = None
_signing_key: str | None = None


def bind(settings: Settings) -> None:
    """Make these the settings of this process. `bootstrap` does it before it binds anything else."""
    global _current, _signing_key
    _current, _signing_key = settings, None


def current() -> Settings:
    """The settings of this process. Read them where they are needed, and keep no copy: a copy does not follow."""
    if _current is None:
        raise RuntimeError("No settings are bound; call config.bind() first.")
    return _current


def signing_key() -> str:
    """SECRET_KEY, or the one that is kept in DATA_DIR where it is empty."""
    global _signing_key
    if _signing_key is None:
        _signing_key = secret_key(current())
    return _signing_key


def bare_environment() -> dict[str, str]:
    """What another Python of this installation needs to start, without any setting."""
    return {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME") if name in os.environ}


def secret_key(settings: Settings) -> str:
    """The signing key: from the environment, else made once in DATA_DIR and readable by the owner only."""
    if settings.secret_key:
        return settings.secret_key
    path = settings.data_dir / "secret-key"
    if not path.exists():
        settings.make_data_dir()
        data_folder.write_once(path, secrets.token_hex(32))
    return path.read_text().strip()
