"""Who may try the password of an account, and when. `docs/decisions/0013-limits-of-sign-in.md` gives the reasons.

A browser that was signed in to the account before is counted by itself. Everybody else is a stranger:

- an account from one network: `SIGN_IN_RATE`, then refused until the oldest failure is old enough;
- an account from everywhere, and a network for all accounts: beyond a number the attempts are spaced, so that one is
  looked at after 1 to 60 seconds. Nobody holds a thread meanwhile: who comes too early is told when to come again.
"""

import math
from dataclasses import dataclass, field

from pindeck import db
from pindeck.errors import TooMany
from pindeck.models import Attempt
from pindeck.services.accounts import throttle
from pindeck.services.accounts.networks import neighbourhood_of, network_of

KIND = "sign_in"
KNOCK = "sign_in_knock"

ACCOUNT_MOST = 100  # failures of an account in an hour, from wherever they come
NETWORK_MOST = 200  # failures from a network in an hour, whatever the account
WAIT_MOST_S = 60
FAILURES_FOR_A_SECOND = 10  # so many more make everybody wait a second longer
KNOCK_HOLDS_MS = 600_000

USED_UP = "Too many failed sign-ins. Try again {wait}, or ask an administrator for a link that sets a new password."
NOT_YET = "Many sign-ins have failed here, so this one was not checked. Try again in {wait}."


@dataclass(frozen=True)
class Guess:
    """One try. `account` is an e-mail address, whether it has an account or not; empty for a text that is not an address.

    `browser` names a browser that was signed in to this account before.
    """

    account: str
    address: str
    browser: str | None
    rate: str
    rows: list[int] = field(default_factory=list)

    @property
    def network(self) -> str:
        return f"network:{network_of(self.address)}"

    @property
    def everywhere(self) -> str:
        return f"account:{self.account}"

    @property
    def from_network(self) -> str:
        return f"from:{network_of(self.address)}:{self.account}"

    @property
    def from_neighbourhood(self) -> str:
        return f"near:{neighbourhood_of(self.address)}:{self.account}"

    @property
    def own(self) -> str:
        """What is refused when its number is used up."""
        return f"browser:{self.browser}" if self.browser else self.from_network

    @property
    def subjects(self) -> list[str]:
        if self.browser:
            return [self.own]
        if not self.account:
            return [self.network]
        return [self.own, self.from_neighbourhood, self.everywhere, self.network]

    @property
    def is_limited(self) -> bool:
        return bool(throttle.parse(self.rate)[0])

    def check(self) -> None:
        """Raises TooMany for one that need not even begin, without keeping other writers out to see it."""
        if not self.is_limited:
            return
        try:
            self._check()
        except TooMany:
            self._knock()
            raise

    def begin(self) -> None:
        """Write the try down, before anybody looks at it. Raises TooMany."""
        if not self.is_limited:
            return
        with db.writing():
            throttle.lock(*self.subjects)
            self._check()
            self.rows.extend(throttle.record(KIND, subject) for subject in self.subjects)

    def succeeded(self) -> None:
        """It was the right password: the try was no failure, and those of the same hand before it are forgotten.

        What strangers did elsewhere stays counted, or they could begin again whenever the owner signs in.
        """
        with db.writing():
            throttle.lock(*self.subjects)  # two who succeed at once would each wait for rows that the other deletes
            Attempt.delete().where(Attempt.id.in_(self.rows)).execute()
            throttle.forget(KIND, self.own)
            throttle.forget(KNOCK, self.from_network)

    def _check(self) -> None:
        if self.browser or self.account:
            throttle.check(KIND, self.own, self.rate, USED_UP)
        if self.browser:
            return
        wait_ms = _wait_ms(self.network, NETWORK_MOST)
        if self.account:
            wait_ms = max(wait_ms, self._wait_of_account_ms())
        if wait_ms > 0:
            wait_s = math.ceil(wait_ms / 1000)
            raise TooMany(
                NOT_YET.format(wait="a second" if wait_s == 1 else f"{wait_s} seconds"), retry_after_s=wait_s
            )

    def _wait_of_account_ms(self) -> int:
        """A stranger from a neighbourhood that has not failed yet waits since its own first try: others, who come
        again and again, cannot take that turn away."""
        wait_ms = _wait_ms(self.everywhere, ACCOUNT_MOST)
        if wait_ms <= 0 or throttle.standing(KIND, self.from_neighbourhood, db.HOUR_MS)[0]:
            return wait_ms
        _, knocked = throttle.standing(KNOCK, self.from_network, KNOCK_HOLDS_MS)
        return min(wait_ms, _wait_ms(self.everywhere, ACCOUNT_MOST, since=knocked)) if knocked else wait_ms

    def _knock(self) -> None:
        """Note since when somebody waits here, once."""
        waits = (
            self.account
            and not self.browser
            and throttle.standing(KIND, self.everywhere, db.HOUR_MS)[0] >= ACCOUNT_MOST
        )
        if waits and not throttle.standing(KNOCK, self.from_network, KNOCK_HOLDS_MS)[0]:
            throttle.record(KNOCK, self.from_network)


def _wait_ms(subject: str, most: int, since: int | None = None) -> int:
    """How long a try of the subject has to wait still, after the one before it or `since`."""
    count, latest = throttle.standing(KIND, subject, db.HOUR_MS)
    if count < most:
        return 0
    pause_s = min(WAIT_MOST_S, 1 + (count - most) // FAILURES_FOR_A_SECOND)
    return (latest if since is None else since) + pause_s * 1000 - db.now_ms()
