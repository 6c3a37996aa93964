"""The doors that are no API: public addresses of pictures and files, upload tickets, and the old addresses of bots.

They may use the machinery of operations, so they stand above the API.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Blueprint


def blueprints() -> "list[Blueprint]":
    """Pictures, files and tickets. Imported here, so that each can be imported by itself."""
    from pindeck.public import delivery, upload_tickets

    return [delivery.bp, upload_tickets.bp]


def blueprints_of_bots() -> "list[Blueprint]":
    from pindeck.public import (
        bots,
        discord,
        storage_care,  # noqa: F401  its addresses are among those of bots
    )

    return [bots.bp, discord.bp]
