"""What tests of the doors type, and how they read who they are."""

import re
from http.cookies import SimpleCookie
from typing import Any

from werkzeug.test import TestResponse

from pindeck.http import auth
from pindeck.services.accounts import sessions
from tests.conftest import Browser

PASSWORD = "correct horse battery"
FORM = {"email": "first@example.org", "password": PASSWORD}


def cookie(response: TestResponse) -> Any:
    """The session cookie as the last header sets it, or None."""
    found = None
    for line in response.headers.getlist("Set-Cookie"):
        found = SimpleCookie(line).get(auth.COOKIE) or found
    return found


def who(client: Browser) -> str | None:
    """The id of whoever this browser is signed in as."""
    held = client.get_cookie(auth.COOKIE)
    found = sessions.find(held.value, days=30) if held else None
    return found[0].user_id if found else None


def token_of(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found
    return found[1]
