"""What templates may call: addresses of static files, sizes and times in words, permissions."""

import time
from urllib.parse import urlsplit

from flask import Flask, g, url_for

from pindeck import config
from pindeck.access import can
from pindeck.access.scopes import in_words
from pindeck.services.images.colours import is_colour, name_of
from pindeck.services.images.costs import price
from pindeck.services.library.filters import OF_GALLERY
from pindeck.times import day, iso
from pindeck.web import escaping
from pindeck.web.agents import browser_name
from pindeck.web.assets import asset, icon, stylesheet
from pindeck.web.modules import first_module
from pindeck.web.parts import part
from pindeck.web.whitespace import NoIndentation


def filesize(count: int | None) -> str:
    """1536 → `1.5 KB`."""
    if count is None:
        return "—"
    value = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1024 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1024
    return ""


def ago(ms: int | None) -> str:
    """Milliseconds since the epoch → `3 min ago`."""
    if ms is None:
        return "never"
    seconds = max(0, time.time() - ms / 1000)
    for limit, size, word in ((60, 1, "s"), (3600, 60, "min"), (86400, 3600, "h"), (30 * 86400, 86400, "d")):
        if seconds < limit:
            return "just now" if limit == 60 and seconds < 10 else f"{int(seconds // size)} {word} ago"
    return day(ms)


def until(ms: int) -> str:
    """Milliseconds since the epoch, later than now → `in 3 min`. It changes once a minute at most."""
    minutes = int(max(0, ms / 1000 - time.time()) // 60)
    return "within a minute" if minutes < 1 else f"in {minutes} min" if minutes < 60 else f"in {minutes // 60} h"


def took(ms: int) -> str:
    """Milliseconds → `850 ms`, `4.2 s`, `38 s`, `2 min 5 s`."""
    if ms < 1000:
        return f"{ms} ms"
    if ms < 10_000:
        return f"{ms / 1000:.1f} s"
    minutes, seconds = divmod(ms // 1000, 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def host(url: str) -> str:
    """`https://openrouter.ai/api/v1` → `openrouter.ai`; a port stays."""
    return urlsplit(url).netloc.rpartition("@")[2]


def door(name: str, value: object) -> str | None:
    """Where a word leads: to the pictures that have it too. None for a field that is not a filter, and for no word."""
    if not value or name not in {filter.name for filter in OF_GALLERY} or not can(g.actor, "library.view"):
        return None
    return url_for("gallery.index", **{name: str(value)})  # type: ignore[arg-type]


def init_app(app: Flask) -> None:
    app.jinja_env.filters["colour_name"] = name_of
    app.jinja_env.tests["colour"] = is_colour
    app.jinja_env.filters["browser_name"] = browser_name
    app.jinja_env.filters["may"] = in_words
    app.jinja_env.filters.update(filesize=filesize, ago=ago, until=until, took=took, day=day, iso=iso, host=host, price=price)
    app.jinja_env.globals.update(asset=asset, stylesheet=stylesheet, first_module=first_module, kept={"icon": icon})
    app.jinja_env.globals.update(part=part)
    app.jinja_env.globals.update(model_looks=lambda: config.current().vision_is_on)
    app.jinja_env.globals.update(can=lambda action, thing=None: can(g.actor, action, thing), door=door)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension(NoIndentation)
    escaping.install(app.jinja_env)
