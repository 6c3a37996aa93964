"""The doors that are no API: public addresses of pictures and files, upload tickets, and the old addresses of bots.

They may use the machinery of operations, so they stand above the API.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Blueprint


def blueprints() -> "list[Blueprint]":
    """All of them. Imported here, so that each can be imported by itself."""
    from pindeck.public import (
        bots,
        delivery,
        discord,
        storage_care,  # noqa: F401  its addresses are among those of bots
        upload_tickets,
    )

    return [delivery.bp, upload_tickets.bp, bots.bp, discord.bp]
