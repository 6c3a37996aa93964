"""The only file that wires the parts: settings to database, store, queue, and routes."""

from datetime import timedelta
from typing import TYPE_CHECKING

from pindeck import config, data_folder, db, logs, queue, resources
from pindeck.config import Settings
from pindeck.queue.redis import RedisQueue

if TYPE_CHECKING:
    from flask import Blueprint

    from pindeck.http.site import Site


def connect_database(settings: Settings, *, maps_file: bool = True) -> RedisQueue:
    """Bind settings and database; the queue that goes with them. The index needs no more; `maps_file` is as in `db.make`."""
    config.bind(settings)
    logs.configure(settings.log_level)
    if not settings.is_s3:
        settings.make_data_dir()
    data_folder.close(settings.data_dir)
    db.bind(db.make(settings, maps_file=maps_file))
    return RedisQueue(settings.queue_url)


def connect_parts(settings: Settings) -> RedisQueue:
    """Bind settings, database, store and queue. Opens no connection, so that it may run before a fork."""
    # Imported here, because the index needs none of it.
    from pindeck import storage
    from pindeck.imaging import confined
    from pindeck.queue import asking
    from pindeck.services.derivatives import crop_urls

    carrier = connect_database(settings)
    storage.bind(storage.from_settings(settings))
    queue.bind(carrier.push)
    asking.bind(asking.Asker(carrier))
    confined.work_in_place(False)
    crop_urls.presets()  # a wrong one is said at the start, and not to the caller that asks for it
    return carrier


def create_worker_parts(settings: Settings) -> RedisQueue:
    """What a worker needs: all of the parts, and what only jobs use, loaded before the first fork."""
    from pindeck import varying, vision
    from pindeck.imaging import confined
    from pindeck.services.images import analysis, calls
    from pindeck.services.ingest.variations import running

    carrier = connect_parts(settings)
    analysis.bind(vision.from_settings(settings, calls.Calls()))
    running.bind(varying.from_settings(settings))
    confined.work_in_place(True)  # its forked child is confined
    import pindeck.imaging.derivatives
    import pindeck.jobs.crew
    import pindeck.jobs.files
    import pindeck.jobs.images
    import pindeck.jobs.storage  # noqa: F401

    return carrier


def create_app(settings: Settings | None = None) -> "Site":
    """The web application. Raises SettingError when a setting is wrong."""
    # Imported here, because a worker and the command line need none of it.
    from flask_compress import Compress

    from pindeck import public
    from pindeck.http import auth, bodies, host_names, limits
    from pindeck.http.site import Site
    from pindeck.web import (
        accounts,
        actions,
        admin,
        assets,
        audit,
        board_pictures,
        boards,
        canvas,
        choosing,
        colours,
        context,
        damage,
        deck_pictures,
        deck_sharing,
        decks,
        describing,
        discord,
        duplicates,
        errors,
        exports,
        facet_panel,
        feeds,
        field_gardening,
        filters,
        gallery,
        gardening,
        hanging,
        health,
        images,
        inspector,
        installing,
        key_sheet,
        links,
        modules,
        palette,
        places,
        presenting,
        previews,
        programs,
        rendering,
        review,
        rounds,
        searches,
        shares,
        sources,
        storyboards,
        table,
        trash,
        variations,
        vocabulary,
        webhooks,
        work,
    )
    from pindeck.web import uploads as upload_doors

    settings = settings or config.load()
    carrier = connect_parts(settings)
    templates, static = resources.folder("templates", "layout.html"), resources.folder("static", "icons.svg")
    app = Site("pindeck", _of_programs, template_folder=str(templates), static_folder=str(static))
    app.secret_key = config.signing_key()
    app.config.update(
        CSP=auth.content_security_policy(settings),
        PERMANENT_SESSION_LIFETIME=timedelta(days=settings.session_days),
        SESSION_COOKIE_NAME="pindeck_page",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SEND_FILE_MAX_AGE_DEFAULT=31536000,
        MAX_FORM_MEMORY_SIZE=500_000,
        MAX_FORM_PARTS=1000,
        COMPRESS_MIMETYPES=["text/html", "text/css", "text/javascript", "application/json", "image/svg+xml"],
        COMPRESS_ALGORITHM=["zstd", "br", "gzip"],
        COMPRESS_BR_LEVEL=4,
    )
    app.extensions["pindeck_queue"] = carrier
    if settings.trusted_proxies:
        from werkzeug.middleware.proxy_fix import ProxyFix

        n = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    app.session_interface = auth.PageSession()
    host_names.init_app(app, settings)
    rendering.init_app(app)
    bodies.init_app(app)
    auth.init_app(app)
    limits.init_app(app, settings)
    errors.init_app(app)
    filters.init_app(app)
    context.init_app(app)
    Compress(app)
    for area in (
        gallery,
        hanging,
        searches,
        table,
        facet_panel,
        palette,
        places,
        feeds,
        images,
        variations,
        upload_doors,
        inspector,
        choosing,
        links,
        previews,
        review,
        rounds,
        sources,
        trash,
        work,
        actions,
        board_pictures,
        boards,
        canvas,
        storyboards,
        decks,
        deck_pictures,
        deck_sharing,
        presenting,
        exports,
        shares,
        accounts,
        admin,
        programs,
        discord,
        webhooks,
        damage,
        describing,
        colours,
        duplicates,
        vocabulary,
        field_gardening,
        gardening,
        audit,
        health,
        key_sheet,
        assets,
        installing,
        modules,
    ):
        app.register_blueprint(area.bp)
    for blueprint in public.blueprints():
        app.register_blueprint(blueprint)
    if settings.discord_public_key:
        app.later()  # Discord waits for three seconds; loading what answers it takes one of them on a small machine
    return app


def _of_programs() -> "list[Blueprint]":
    """What no page needs: the operations of the API and the old addresses of bots, with their models and services."""
    from pindeck import api, public

    return [*api.blueprints(), *public.blueprints_of_bots()]
