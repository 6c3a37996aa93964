"""What can go wrong, in the words every door translates to its own status.

`code` is the word programs switch on. It never changes once an answer carried it.
"""

from collections.abc import Callable, Mapping
from typing import Any


class PindeckError(Exception):
    """Base of every error that a person may read. `message` is a whole sentence.

    `code` and `status` may be given where a documented operation has others than those of the class.
    """

    code = "ERROR"
    status = 500

    def __init__(self, message: str, *, code: str | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status_named = status
        self.beside: dict[str, object] = {}  # members that an operation answers beside `error`
        if code:
            self.code = code
        if status:
            self.status = status


class Invalid(PindeckError):
    """Input that cannot be accepted. `fields` names each field at fault with its sentence.

    Pages answer 422 and programs read 400, unless a status is named.
    """

    code = "VALIDATION_ERROR"
    status = 422

    def __init__(
        self,
        message: str,
        *,
        fields: dict[str, str] | None = None,
        code: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message, code=code, status=status)
        self.fields = fields or {}


def invalid(
    field: str, sentence: str, *, named: bool = False, code: str | None = None, status: int | None = None
) -> Invalid:
    """One field at fault, and a sentence that says what to send instead.

    With `named` the message begins with the name of the field, for programs that show the message alone.
    """
    return Invalid(f"{field}: {sentence}" if named else sentence, fields={field: sentence}, code=code, status=status)


def checked(given: Mapping[str, Any], check: Callable[[str, Any], Any]) -> dict[str, Any]:
    """What `check(field, value)` makes of each value. Raises Invalid that names every field at fault."""
    found, faults = gathered(given, check)
    if faults:
        raise at_fault(faults)
    return found


def gathered(given: Mapping[str, Any], check: Callable[[str, Any], Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The same, with the sentences of the fields at fault beside it."""
    found: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for field, value in given.items():
        try:
            found[field] = check(field, value)
        except Invalid as error:
            faults[field] = next(iter(error.fields.values()), error.message)
    return found, faults


def at_fault(faults: dict[str, str]) -> Invalid:
    """Several fields, each with its sentence."""
    return Invalid(next(iter(faults.values())), fields=faults)


class NotSignedIn(PindeckError):
    """Nobody asks, or somebody with a key or token that is not good. `may_sign_in`: doing so would help."""

    code = "UNAUTHORIZED"
    status = 401

    def __init__(self, message: str, *, may_sign_in: bool = True) -> None:
        super().__init__(message)
        self.may_sign_in = may_sign_in


class WrongHost(PindeckError):
    """A request for a host that is not served here."""

    code = "MISDIRECTED_REQUEST"
    status = 421


class Forbidden(PindeckError):
    code = "FORBIDDEN"
    status = 403


class NotFound(PindeckError):
    code = "NOT_FOUND"
    status = 404


def no_image() -> NotFound:
    """For an image that is not there, or that the actor may not see: programs go by its code."""
    return NotFound("There is no such image.", code="IMAGE_NOT_FOUND")


class Conflict(PindeckError):
    """Someone was first. `details` may carry what stands there now."""

    code = "CONFLICT"
    status = 409

    def __init__(
        self,
        message: str,
        *,
        details: dict[str, object] | None = None,
        code: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message, code=code, status=status)
        self.details = details or {}


class TooLarge(PindeckError):
    code = "FILE_TOO_LARGE"
    status = 413


class TooMany(PindeckError):
    """A rate limit. `retry_after_s` tells when to come back."""

    code = "RATE_LIMIT_EXCEEDED"
    status = 429

    def __init__(self, message: str, *, retry_after_s: int = 60) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Upstream(PindeckError):
    """Another service (store, queue, provider) did not answer as it should; trying again may help, but not before
    `retry_after_s`."""

    code = "STORAGE_UNAVAILABLE"
    status = 503

    def __init__(
        self, message: str, *, code: str | None = None, status: int | None = None, retry_after_s: int = 0
    ) -> None:
        super().__init__(message, code=code, status=status)
        self.retry_after_s = retry_after_s


class Waits(PindeckError):
    """A limit is reached, which is no failure: the work goes on at `due_at` (ms)."""

    code = "LIMIT_REACHED"
    status = 503

    def __init__(self, message: str, *, due_at: int) -> None:
        super().__init__(message)
        self.due_at = due_at


class Unavailable(PindeckError):
    """A size of a picture cannot be made now. `retry_after_s` tells when to ask again."""

    code = "DERIVATIVE_UNAVAILABLE"
    status = 503

    def __init__(self, message: str, *, retry_after_s: int = 30) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Damaged(Unavailable):
    """What lies in the store is known not to be what was stored. Somebody has to mend it."""

    code = "FILE_DAMAGED"

    def __init__(self, message: str, *, retry_after_s: int = 3600) -> None:
        super().__init__(message, retry_after_s=retry_after_s)


class Busy(Unavailable):
    """Too much is wanted at once. Nothing was tried, so asking again helps."""

    code = "SERVER_BUSY"

    def __init__(self, message: str, *, retry_after_s: int = 5) -> None:
        super().__init__(message, retry_after_s=retry_after_s)


class NoSpace(PindeckError):
    """The store is full. Nothing was kept of what was being written."""

    code = "STORE_FULL"
    status = 507


class SettingError(Exception):
    """A setting is missing or wrong; the message names it and says how to mend it."""
