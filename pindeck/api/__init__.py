"""The API, version 1: one package or file per area. An operation parses, calls one service and serialises; it decides nothing.

It may use `http`, services and what is below, and does not know the pages.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Blueprint


def blueprints() -> "list[Blueprint]":
    """All of them. Imported here, so that a module of the API can be imported by itself."""
    from pindeck.api import (
        actions,
        analyses,
        batches,
        board_images,
        board_objects,
        boards,
        clients,
        decks,
        document,
        exports,
        flows,
        generations,
        jobs,
        projects,
        proposals,
        searches,
        session,
        sources,
        storyboards,
        suggestions,
        sweeps,
        vocabulary,
        webhooks,
    )
    from pindeck.api.curation import bulk, duplicates, fields, likeness, places, tags
    from pindeck.api.extensions import routes as extensions_routes
    from pindeck.api.files import routes as files_routes
    from pindeck.api.images import routes as images_routes
    from pindeck.api.library import lineage, maintenance, suggest
    from pindeck.api.library import routes as library_routes

    modules = (
        images_routes, flows, generations, projects, library_routes, suggest, lineage, maintenance, batches, analyses, proposals,
        suggestions, sources, boards, board_images, board_objects, storyboards, decks, exports, searches, actions,
        bulk, duplicates, likeness, places, tags, fields,
        extensions_routes, files_routes, jobs, session, clients, webhooks, sweeps, vocabulary, document,
    )  # fmt: skip
    return [module.bp for module in modules]
