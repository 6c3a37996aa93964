"""What can go wrong when something is fetched from the web.

Invalid and TooLarge stay so however often they are tried; Upstream may pass. No message names an address
that was looked up: the person who asks must not learn what is inside the network.
"""

from pindeck.errors import Invalid, Upstream


class FetchRefused(Invalid):
    """An address that is never fetched from: not the public web, or not an address at all."""

    code = "FETCH_REFUSED"


class Unfetchable(Invalid):
    """The server answered, and trying again would bring the same: nothing there, no permission, no file."""

    code = "FETCH_FAILED"


class FetchFailed(Upstream):
    """Trouble with the network or the server, which may pass."""

    code = "FETCH_FAILED"
    status = 502


class TookTooLong(FetchFailed):
    """The time for the whole download is up, or the server was silent for too long."""
