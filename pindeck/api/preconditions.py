"""What a caller demands before its change: the version that it has read."""

import re

from flask import request

from pindeck.api.operations import Fault

IF_MATCH = {"If-Match": "The ETag of the version the change is based on."}


def other_version(thing: str) -> Fault:
    return Fault(412, "PRECONDITION_FAILED", f"`If-Match` names another version than the {thing} has.")


def versions_of(id: str) -> frozenset[int] | None:
    """The versions of this record that `If-Match` names; None when any will do. Its ETag is `<id>-v<version>`."""
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return None
    given = (tag or "" for tag in request.if_match.as_set())  # an empty one is None there
    tags = (re.fullmatch(rf"{re.escape(id)}-v([0-9]{{1,15}})", tag) for tag in given)
    return frozenset(int(tag.group(1)) for tag in tags if tag)
