"""Browsers that were signed in to an account before, so that they are not counted with strangers.

The cookie is a list of marks, one for each account, the latest first: a random name and a MAC of it with the account
and the hash of its password. Nobody can read from it which account that is; a new password makes it worthless; and each
name has a limit of its own, so a stolen one gives few guesses.
"""

import hashlib
import hmac
import re
import secrets

from pindeck import config
from pindeck.models import User

DAYS = 365
MOST = 4  # accounts that one browser is remembered for
_NAME, _MAC = 24, 32  # hexadecimal digits


def recognise(cookie: str, user: User | None) -> str | None:
    """What to count this browser by when it tries this account; None for a browser that is a stranger to it."""
    if user is None:
        return None
    for name, mac in _marks(cookie):
        if hmac.compare_digest(mac, _mac(name, user)):
            return f"{user.id}:{name}"
    return None


def remember(cookie: str, user: User) -> str:
    """The cookie of a browser that has signed in to this account with its present password."""
    known = recognise(cookie, user)
    name = known.rpartition(":")[2] if known else secrets.token_hex(_NAME // 2)
    others = [mark for mark in _marks(cookie) if mark[0] != name]
    return ".".join(name + mac for name, mac in [(name, _mac(name, user)), *others][:MOST])


def _marks(cookie: str) -> list[tuple[str, str]]:
    found = re.findall(rf"(?<![^.])([0-9a-f]{{{_NAME}}})([0-9a-f]{{{_MAC}}})(?![^.])", cookie[:1000])
    return found[:MOST]


def _mac(name: str, user: User) -> str:
    text = f"{name}.{user.id}.{user.password_hash}"
    key = hmac.digest(config.signing_key().encode(), b"known browsers", "sha256")
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:_MAC]
