"""What every provider takes, gives and raises."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Order:
    """One picture that is wanted. `run_id` names it for good. `picture` reads the one that is varied: bytes and type."""

    run_id: str
    number: int
    mode: str
    shot: str | None
    prompt: str
    aspect: str
    resolution: str
    picture: Callable[[], tuple[bytes, str]]


@dataclass(frozen=True)
class Ticket:
    """What the provider calls the request, and where it told to ask for it. It is kept before anything is asked."""

    request_id: str
    addresses: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Made:
    """A finished picture: its bytes, or the address where it lies. `cost` is in US dollars, None if nobody told."""

    data: bytes | None = None
    url: str | None = None
    cost: float | None = None


class Provider(Protocol):
    name: str
    model: str
    attribution: str  # what a picture of it says of where it comes from

    def submit(self, order: Order) -> Ticket:
        """Send it, once. Raises Refused, Busy where it was not taken, and Uncertain where nobody knows."""
        ...

    def result(self, order: Order, ticket: Ticket) -> Made | None:
        """None while it is not finished. Raises Refused, Gone where the request is not known, and Away."""
        ...

    def cancel(self, ticket: Ticket) -> None:
        """Ask that it is not made any more. Raises nothing."""
        ...


class Refused(Exception):
    """The provider said no, and made nothing. The sentence is for people."""


class Busy(Exception):
    """Nothing was taken; it may be sent again in `retry_after_s`."""

    def __init__(self, message: str, retry_after_s: float = 30) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Uncertain(Exception):
    """It may have been taken or not, so it must not be sent again."""


class Gone(Exception):
    """The provider does not know the request any more."""


class Away(Exception):
    """The provider does not answer; asking again costs nothing."""
