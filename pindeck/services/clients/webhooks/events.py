"""What a webhook can be told of."""

from enum import StrEnum


class Event(StrEnum):
    PUBLISHED = "image.published"
    APPROVED = "image.approved"
    DISCARDED = "image.discarded"
    DESCRIBED = "image.described"


TEST = "test"  # of a message that a person asks for, about nothing

SAYS = {
    Event.PUBLISHED: "A picture became part of the library",
    Event.APPROVED: "A person approved a picture that waited",
    Event.DISCARDED: "A draft or waiting picture was discarded",
    Event.DESCRIBED: "A machine described a picture",
}
