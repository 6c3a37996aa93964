"""The kinds of values that settings have, each with the check that refuses a wrong one.

Messages complete the sentence "NAME=value cannot be used: …".
"""

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
Hosts = Annotated[str, AfterValidator(_hosts)]
HostsAndPorts = Annotated[str, AfterValidator(_hosts_and_ports)]
Origins = Annotated[str, AfterValidator(_origins)]
DatabaseUrl = Annotated[str, AfterValidator(_database)]
Endpoint = Annotated[str, AfterValidator(_endpoint)]
RedisUrl = Annotated[str, AfterValidator(_redis)]
