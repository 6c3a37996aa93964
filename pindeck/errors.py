"""What can go wrong, in the words every door translates to its own status."""


class PindeckError(Exception):
    """Base of every error that a person may read. `message` is a whole sentence."""

    code = "ERROR"
    status = 500

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code:
            self.code = code


class Invalid(PindeckError):
    """Input that cannot be accepted. `fields` names each field at fault with its sentence."""

    code = "INVALID"
    status = 422

    def __init__(self, message: str, *, fields: dict[str, str] | None = None, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.fields = fields or {}


class NotSignedIn(PindeckError):
    code = "NOT_SIGNED_IN"
    status = 401


class Forbidden(PindeckError):
    code = "FORBIDDEN"
    status = 403


class NotFound(PindeckError):
    code = "NOT_FOUND"
    status = 404


class Conflict(PindeckError):
    """Someone was first. `details` may carry what stands there now."""

    code = "CONFLICT"
    status = 409

    def __init__(self, message: str, *, details: dict[str, object] | None = None, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.details = details or {}


class TooLarge(PindeckError):
    code = "TOO_LARGE"
    status = 413


class TooMany(PindeckError):
    """A rate limit. `retry_after_s` tells when to come back."""

    code = "RATE_LIMITED"
    status = 429

    def __init__(self, message: str, *, retry_after_s: int = 60) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Upstream(PindeckError):
    """Another service (store, queue, provider) did not answer as it should; trying again may help."""

    code = "UPSTREAM"
    status = 502


class NoSpace(PindeckError):
    """The store is full. Nothing was kept of what was being written."""

    code = "STORE_FULL"
    status = 507


class SettingError(Exception):
    """A setting is missing or wrong; the message names it and says how to mend it."""
