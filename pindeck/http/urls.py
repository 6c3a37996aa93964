"""Absolute addresses: those of SITE_URL, or of the host the caller used when that is not set."""

from flask import request

from pindeck import config


def base() -> str:
    """The address of this installation, without a slash at its end."""
    return config.current().site_url or f"{request.scheme}://{request.host}"


def of_pictures(*, is_public: bool) -> str:
    """The address before `/i/…`: that of the CDN for what anybody may see. A CDN passes on no session and no key."""
    return (is_public and config.current().cdn_base_url) or base()


def absolute(path: str) -> str:
    """A path of ours as a whole address; an address that is whole already stays as it is."""
    return base() + path if path.startswith("/") else path
