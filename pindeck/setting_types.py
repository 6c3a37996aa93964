"""The kinds of values that settings have, each with the check that refuses a wrong one.

Messages complete the sentence "NAME=value cannot be used: …".
"""

import json
import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from pindeck import hosts


def _one_or_zero(value: Any) -> Any:
    """`PUBLIC_LIBRARY=` (set but empty) means the default is meant to be off, as a PaaS form sends it."""
    return False if value == "" else value


def _unset_is_none(value: Any) -> Any:
    return None if value == "" else value


def _site(value: str) -> str:
    if value and not re.fullmatch(r"https?://[^/?#@\s]+/?", value):
        raise ValueError(
            "must be like https://pindeck.example.org; Pindeck is served at the top of a host, without a path"
        )
    hosts.of_address(value)
    return value.rstrip("/")


def _address(value: str) -> str:
    if value and not re.match(r"^https?://[^/?#@\s]+[^?#\s]*$", value):
        raise ValueError("must start with http:// or https://, and have no name, password or query")
    hosts.of_address(value)
    return value.rstrip("/")


def _webhook(value: str) -> str:
    if value and not re.fullmatch(r"https?://[^/?#@\s]+/\S*", value):
        raise ValueError("must be the whole address of a webhook, such as https://discord.com/api/webhooks/…")
    return value


def presets_of(value: str) -> list[dict[str, str]]:
    """What a list of presets names, each with `id label url emoji`. Raises ValueError with a sentence."""
    try:
        entries = json.loads(value) if value else []
    except ValueError as error:
        raise ValueError(f"must be a JSON list of objects with label and url ({error})") from None
    if not isinstance(entries, list) or (value and not entries) or len(entries) > 25:
        raise ValueError("must be a JSON list of 1 to 25 objects with label and url")
    found = [_preset(entry, number) for number, entry in enumerate(entries, 1)]
    if len({each["id"] for each in found}) < len(found):
        raise ValueError("must not name the same id twice")
    return found


def _preset(entry: Any, number: int) -> dict[str, str]:
    words = {name: text.strip() for name, text in entry.items() if isinstance(text, str)} if isinstance(entry, dict) else {}
    label, url = words.get("label") or words.get("name") or "", words.get("url") or ""
    if not label or not re.fullmatch(r"https?://[^/?#@\s]+\S*", url):
        raise ValueError(f"needs label and url, beginning with http:// or https://, in entry {number}")
    slug = re.sub(r"[^a-z0-9]+", "-", (words.get("id") or label).lower()).strip("-")[:60]
    return {"id": slug or f"preset-{number}", "label": label[:100], "url": url, "emoji": words.get("emoji", "")}


def _presets(value: str) -> str:
    presets_of(value)
    return value


def _hosts(value: str) -> str:
    hosts.of_list(value)
    return value


def _hosts_and_ports(value: str) -> str:
    hosts.pairs(value)
    return value


def _origins(value: str) -> str:
    for origin in filter(None, value.split(",")):
        if origin.strip() != "*" and not re.fullmatch(r"https?://[^/?#\s,]+", origin.strip()):
            raise ValueError("must list origins such as https://studio.example.org, without a path")
    return value


def _database(value: str) -> str:
    if value and not re.match(r"^(postgres|postgresql)://", value):
        raise ValueError("must start with postgresql://, or be empty for SQLite")
    return _readable(value)


def _redis(value: str) -> str:
    if value and not re.match(r"^(redis|rediss|unix)://", value):
        raise ValueError("must start with redis://, rediss:// or unix://, or be empty")
    return _readable(value)


def _endpoint(value: str) -> str:
    if value and (hosts.plain(value) is None or value.endswith(":")):
        raise ValueError("must be a host or host:port, such as s3.example.org:9000, without scheme, path and keys")
    return value


def _readable(address: str) -> str:
    """Refuse what cannot be taken apart without a doubt. Drivers would show pieces of the password as host or port."""
    try:
        parts = urlsplit(address)
        is_clear = "@" not in f"{parts.path}{parts.fragment}" and (parts.port is None or parts.hostname is not None)
    except ValueError:
        is_clear = False
    if not is_clear:
        raise ValueError("cannot be read; write @, :, /, ? and # in its password as %40, %3A, %2F, %3F and %23")
    return address


Rate = Annotated[str, Field(pattern=r"^(0|\d+/(second|minute|hour|day))$")]
Switch = Annotated[bool, BeforeValidator(_one_or_zero)]
MaybeSwitch = Annotated[bool | None, BeforeValidator(_unset_is_none)]
MaybeGenerator = Annotated[Literal["off", "simulated", "fal"] | None, BeforeValidator(_unset_is_none)]
MaybePrice = Annotated[float | None, Field(ge=0, le=1000), BeforeValidator(_unset_is_none)]
MaybeCount = Annotated[int | None, Field(ge=0), BeforeValidator(_unset_is_none)]
Site = Annotated[str, AfterValidator(_site)]
Address = Annotated[str, AfterValidator(_address)]
HexKey = Annotated[str, Field(pattern=r"^([0-9a-fA-F]{64})?$")]
Webhook = Annotated[str, AfterValidator(_webhook)]
Presets = Annotated[str, AfterValidator(_presets)]
Hosts = Annotated[str, AfterValidator(_hosts)]
HostsAndPorts = Annotated[str, AfterValidator(_hosts_and_ports)]
Origins = Annotated[str, AfterValidator(_origins)]
DatabaseUrl = Annotated[str, AfterValidator(_database)]
Endpoint = Annotated[str, AfterValidator(_endpoint)]
RedisUrl = Annotated[str, AfterValidator(_redis)]
