"""Secrets kept out of what is printed and logged.

`learn` tells the secrets of this process; `masked` takes them, and the password of any address, out of a text.
"""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, unquote, urlsplit

HIDDEN = "…"
SHORTEST = 8  # a shorter secret would tear up ordinary words, and is masked within its address alone

_known: frozenset[str] = frozenset()
# A password that was not escaped may have @, / and # in it, so all up to the last @ of the word is masked. An
# address of the web may have an @ in its path, as names of pictures do, and that is no secret.
_IN_WEB_ADDRESS = re.compile(r"(?<=http://|ttps://)[^\s/?#'\"]*@")
_IN_ADDRESS = re.compile(r"\b(?!https?:)([a-z][a-z0-9+.-]*:/{1,2}[^\s'\":@]*):[^\s'\"]*@", re.IGNORECASE)
_IN_QUERY = re.compile(r"(?<=password=)[^\s&'\"]+", re.IGNORECASE)


def learn(secrets: Iterable[str]) -> None:
    """More values that must never be shown. A secret in an address may be shown in either spelling."""
    global _known
    spelt = {form for secret in secrets for form in (secret, unquote(secret), quote(secret, safe=""))}
    _known |= {form for form in spelt if len(form) >= SHORTEST}


def passwords_in(address: str) -> list[str]:
    """The passwords in `scheme://name:password@host/place?password=…`; none that is also its name or place."""
    try:
        parts = urlsplit(address)
        found = [parts.password or "", *(value for name, value in parse_qsl(parts.query) if "password" in name)]
        public = {parts.username, parts.path.lstrip("/"), parts.scheme, parts.hostname}
    except ValueError:
        return []
    return [password for password in found if password and password not in public]


def masked(text: str) -> str:
    """`text` with every known secret, and the password of any address, replaced by `…`."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    text = _IN_WEB_ADDRESS.sub(f"{HIDDEN}@", text)
    text = _IN_ADDRESS.sub(rf"\1:{HIDDEN}@", text)
    return _IN_QUERY.sub(HIDDEN, text)
