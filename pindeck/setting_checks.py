"""Checks of settings beyond their types: their files, what they say together, and sentences that show no secret."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pindeck import masking
from pindeck.errors import SettingError

# Not shown in the sentence about a wrong value, which may be a secret in the wrong place.
SECRETS = (
    "secret_key", "database_url", "redis_url", "minio_access_key", "minio_secret_key", "minio_endpoint",
    "ingest_api_key", "discord_status_webhook_url", "discord_token", "fal_key", "vision_api_key",
    "embeddings_api_key",
)  # fmt: skip
OPENROUTER = "https://openrouter.ai/api/v1"
# Names that installations with OpenRouter have already. The first one counts, and ours before all of them.
OTHER_NAMES = {
    "vision_api_key": ("OPEN_ROUTER_KEY", "OPENROUTER_API_KEY"),
    "vision_model": ("OPENROUTER_VLM_MODEL",),
}

# Names that bots of before have.
BOT_NAMES = {
    "discord_client_id": ("DISCORD_APPLICATION_ID", "DISCORD_APP_ID"),
    "pindeck_user_id": ("DISCORD_DEFAULT_PINDECK_USER_ID",),
}


def from_file(variable: str, path: str) -> str:
    """What `NAME_FILE` points at. Raises SettingError when it cannot be read."""
    # Somebody may have put the secret itself where its file should be named.
    shown = "the file that it names" if variable.lower() in SECRETS else masking.masked(path)
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise SettingError(f"{variable}_FILE: cannot read {shown} ({error.strerror}).") from None
    except ValueError:  # bytes that are no text
        raise SettingError(f"{variable}_FILE: {shown} is not text.") from None


def take_other_names(values: dict[str, str], environ: Mapping[str, str]) -> None:
    """Fill what is not set from names of before; from OpenRouter's unless another endpoint is meant, which must not get that key."""
    _take(BOT_NAMES, values, environ)
    address = values.get("vision_base_url", "").rstrip("/")
    if address not in ("", OPENROUTER) and values.get("vision_backend") != "openrouter":
        return
    _take(OTHER_NAMES, values, environ)


def _take(names: Mapping[str, tuple[str, ...]], values: dict[str, str], environ: Mapping[str, str]) -> None:
    for name, others in names.items():
        found = next((environ[other].strip() for other in others if environ.get(other, "").strip()), None)
        if found and not values.get(name):
            values[name] = found


def secrets_of(values: Mapping[str, str]) -> list[str]:
    """What no line of a log may show: keys, and passwords within addresses."""
    keys = (
        "secret_key", "minio_secret_key", "ingest_api_key", "discord_status_webhook_url", "discord_token", "fal_key",
        "vision_api_key", "embeddings_api_key",
    )  # fmt: skip
    whole = [values.get(name, "") for name in keys]
    return [
        *whole,
        *(word for name in ("database_url", "redis_url") for word in masking.passwords_in(values.get(name, ""))),
    ]


def sentence(error: Any) -> str:
    """What is wrong with one value, from an entry of pydantic's `errors()`; it shows no secret."""
    name = str(error["loc"][0]) if error["loc"] else "settings"
    reason = error["msg"].removeprefix("Value error, ")
    value = "" if name in SECRETS else f"={masking.masked(str(error.get('input')))!r}"
    return f"{name.upper()}{value} cannot be used: {reason[:1].lower()}{reason[1:]}."


def check_together(settings: Any) -> None:
    """Raises SettingError for settings that are right alone and wrong beside each other."""
    if settings.is_postgres and not settings.secret_key:
        raise SettingError(
            "SECRET_KEY is required with PostgreSQL: every machine must sign sessions with the same key. "
            "Make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'."
        )
    if settings.is_postgres and not settings.is_s3 and not settings.allow_local_files:
        raise SettingError(
            "DATABASE_URL names PostgreSQL but MINIO_ENDPOINT is empty: files on this disk would be invisible "
            "to other machines. Set MINIO_ENDPOINT, or ALLOW_LOCAL_FILES=1 if there is only this machine."
        )
    if settings.is_postgres and not settings.redis_url and not settings.allow_local_files:
        raise SettingError(
            "DATABASE_URL names PostgreSQL but REDIS_URL is empty: a queue on this disk is out of reach for other machines. "
            "Set REDIS_URL, or ALLOW_LOCAL_FILES=1 if there is only this machine and `pindeck up` starts the queue."
        )
    if settings.is_s3 and not (settings.minio_access_key and settings.minio_secret_key):
        raise SettingError("MINIO_ENDPOINT is set, so MINIO_ACCESS_KEY and MINIO_SECRET_KEY are needed too.")
    if settings.secret_key and len(settings.secret_key) < 16:
        raise SettingError("SECRET_KEY is too short: use at least 16 characters.")
    if settings.generator == "fal" and not settings.fal_key:
        raise SettingError("GENERATION_BACKEND=fal needs FAL_KEY, the key of the provider.")
    if settings.vision_is_on and settings.vision_url == OPENROUTER and not settings.vision_api_key:
        raise SettingError(
            f"VISION_BACKEND={settings.vision_backend} needs VISION_API_KEY, or VISION_BASE_URL for a server that asks for no key."
        )
    if settings.embeddings_base_url and not settings.embeddings_model:
        raise SettingError("EMBEDDINGS_BASE_URL is set, so EMBEDDINGS_MODEL is needed too.")
    if settings.embeddings_api_key and not settings.embeddings_base_url:
        raise SettingError("EMBEDDINGS_API_KEY is set, so EMBEDDINGS_BASE_URL is needed too.")
    for name in ("vision_api_key", "embeddings_api_key"):
        key = getattr(settings, name)
        if key and not (key.isascii() and key.isprintable()):
            raise SettingError(f"{name.upper()} has characters that no key has. Copy it again.")
