"""The API, version 1: one file per area. An operation parses, calls one service and serialises; it decides nothing."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Blueprint

PREFIX = "/api/v1"


def blueprints() -> "list[Blueprint]":
    """All of them. Imported here, so that a module of the API can be imported by itself."""
    from pindeck.api import (
        clients,
        delivery,
        document,
        extension,
        flows,
        images,
        jobs,
        library,
        projects,
        session,
        storage,
        sweeps,
        upload_door,
    )

    modules = (
        images, flows, projects, library, extension, storage, upload_door, delivery, jobs, session, clients, sweeps,
        document,
    )  # fmt: skip
    return [module.bp for module in modules]
