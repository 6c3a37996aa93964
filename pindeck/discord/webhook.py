"""One message to the webhook of the settings, and what became of it in our words."""

import math
from typing import Any

from pindeck.errors import Invalid, Upstream

TIMEOUT_S = 10.0
LONGEST_WAIT_S = 3600


class TooFast(Upstream):
    """Discord asks for patience: `retry_after_s` seconds of it."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"Discord takes no more messages for {retry_after_s} s.")
        self.retry_after_s = retry_after_s


def send(url: str, message: dict[str, Any], *, timeout_s: float = TIMEOUT_S) -> None:
    """Post it. Raises TooFast, Upstream where trying again may help, and Invalid where it does not."""
    import httpx2  # only the worker's child needs it

    try:
        # Proxies of the environment are not asked, and no redirect is followed: the address is a secret.
        with httpx2.Client(timeout=timeout_s, trust_env=False) as client:
            answer = client.post(url, json=message)
    except httpx2.TimeoutException as error:
        raise Upstream(f"Discord did not answer within {timeout_s:g} s.") from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise Upstream(f"Discord could not be reached ({type(error).__name__}).") from error
    if answer.is_success:
        return
    if answer.status_code == 429:
        raise TooFast(patience(answer))
    if answer.status_code in (401, 403, 404):
        raise Invalid("Discord knows no such webhook: it was deleted. Make a new one and set DISCORD_STATUS_WEBHOOK_URL.")
    if answer.status_code < 500:
        raise Invalid(f"Discord refused the message with status {answer.status_code}.")
    raise Upstream(f"Discord answered with status {answer.status_code}.")


def patience(answer: Any) -> int:
    """Whole seconds, from the body or the header; 5 where neither can be read."""
    try:
        told = float(answer.json()["retry_after"])
    except (ValueError, LookupError, TypeError):  # whatever else the body is
        try:
            told = float(answer.headers.get("Retry-After", ""))
        except ValueError:
            told = 5.0
    return max(1, min(LONGEST_WAIT_S, math.ceil(told))) if math.isfinite(told) else 5
