"""One thing that was found, made a picture of the library: once, however often this runs."""

from pindeck import config, db
from pindeck.access import Actor
from pindeck.errors import Conflict, Invalid, TooLarge
from pindeck.fetching import FetchFailed
from pindeck.models import Image, ImportBatch, Source, SourceItem
from pindeck.services.images import ledger, projects
from pindeck.services.images.fields import MAX_TAGS
from pindeck.services.images.ledger import Writer
from pindeck.services.ingest import external, folder
from pindeck.services.ingest.discord import threads
from pindeck.services.ingest.external import Candidate
from pindeck.services.ingest.sources import discord_channel, folders, kinds, pages
from pindeck.states import ItemState, SourceKind, WriterKind
from pindeck.states import sources as states_before

NO_PICTURE = "The page names no picture. Paste its address in Add pictures to choose among those that it shows."
THERE = "It was here already."
TRASHED = "It was discarded and is in the trash."
MOST_TRIES = 3  # runs that could not fetch the page of an item; then only a person has it tried again


class _Settled(Exception):
    """Somebody else settled the item meanwhile, or it is gone: this import is undone."""


def send(owner: Actor, source: Source, batch_id: str, item: SourceItem) -> None:
    """Import the picture for the owner of the source, and say on the item what became of it.

    Nothing is fetched but the page of an item without a picture; the picture itself is brought by a job of its own. A file
    of a folder is taken in here.
    """
    if "path" in item.words:
        _take_in(owner, source, batch_id, item)
        return
    try:
        url = item.url or pages.picture_at(str(item.page_url))
    except FetchFailed as error:
        _put_off(item, error.message, batch_id)
        return
    except (Invalid, TooLarge) as error:
        _settle(item, ItemState.FAILED, error.message, batch_id)
        return
    if url is None:
        _settle(item, ItemState.SKIPPED, NO_PICTURE, batch_id)
        return

    def then(image_id: str, is_made: bool) -> None:
        is_trashed = not is_made and Image.select().where((Image.id == image_id) & Image.deleted_at.is_null(False)).exists()
        state, reason = (ItemState.SENT, None) if is_made else (ItemState.SKIPPED, TRASHED if is_trashed else THERE)
        if not _change(item, state, reason, image_id=image_id, url=url):
            raise _Settled

    try:
        external.create_external(owner, _candidate(source, batch_id, item, url), then=then)
    except _Settled:
        pass
    except (Invalid, Conflict) as error:
        _settle(item, ItemState.FAILED, error.message, batch_id)


def _take_in(owner: Actor, source: Source, batch_id: str, item: SourceItem) -> None:
    """The bytes are what tells files apart, so one that lies there twice is one picture."""

    def also(image: Image) -> None:
        if source.tags:
            ledger.write(image.id, {"tags": [*source.tags, "original"]}, Writer(WriterKind.IMPORT, owner.user_id, program="Folder"))
        if not _change(item, ItemState.SENT, None, image_id=image.id):
            raise _Settled
        ImportBatch.update(created_count=ImportBatch.created_count + 1).where(ImportBatch.id == batch_id).execute()

    project = projects.name_of(source.project_id) if source.project_id else None
    try:
        path = folders.file_at(str(source.path), item.words["path"])
        result = folder.bring(owner, path, batch_id, project, publish=not source.moderated, also=also)
    except Invalid as error:
        _settle(item, ItemState.FAILED, error.message, batch_id)
    except _Settled:
        pass
    else:
        if result.outcome == folder.Outcome.REFUSED:
            _settle(item, ItemState.FAILED, str(result.error), batch_id)
        elif result.outcome != folder.Outcome.ADDED:
            there = TRASHED if result.outcome == folder.Outcome.TRASHED else THERE
            _settle(item, ItemState.SKIPPED, there, batch_id, image_id=result.image_id)


def _slug(source: Source) -> list[str]:
    """What tells the boards of Pinterest apart among tags; none where the name is an address or of other letters."""
    name = str(source.name)
    slug = projects.plain_slug(name) if source.kind == SourceKind.PINTEREST and "/" not in name else ""
    return [slug] if slug else []


def _candidate(source: Source, batch_id: str, item: SourceItem, url: str) -> Candidate:
    kind = kinds.KINDS[SourceKind(source.kind)]
    tags = list(dict.fromkeys([*kind.tags, *_slug(source), *source.tags, *item.words.get("tags", [])]))[:MAX_TAGS]
    words = {
        "title": item.title,
        "description": item.words.get("description"),
        "tags": tags,
        "project": projects.name_of(source.project_id) if source.project_id else None,
        "source": source.name,
        **_as_of_discord(source, item),
    }
    return Candidate(
        url,
        words,
        external_id=_external_id(source, item, url),
        source_url=item.page_url or source.url,
        origin=kind.origin,
        import_batch_id=batch_id,
        moderated=source.moderated,
    )


def _external_id(source: Source, item: SourceItem, url: str) -> str:
    if source.kind == SourceKind.DISCORD:
        return discord_channel.external_id(source.user_id, str(source.url), url)
    return f"{source.kind}:{source.id}:{item.external_id}"


def _as_of_discord(source: Source, item: SourceItem) -> dict[str, str | None]:
    """What an emoji on the message would have said as well."""
    if source.kind != SourceKind.DISCORD:
        return {}
    channel = discord_channel.place_of(str(source.url))[1]
    project = projects.name_of(source.project_id) if source.project_id else threads.project_of(channel)
    return {"sref": item.words.get("sref"), "category": config.current().discord_ingest_default_category, "project": project}


def _put_off(item: SourceItem, reason: str, batch_id: str) -> None:
    """Leave an item to the next run, or give it up."""
    tries = item.tries + 1
    if tries >= MOST_TRIES:
        _settle(item, ItemState.FAILED, reason, batch_id, tries=tries)
        return
    is_new = (SourceItem.id == item.id) & (SourceItem.state == ItemState.NEW)
    SourceItem.update(reason=reason[:500], tries=tries, updated_at=db.now_ms()).where(is_new).execute()


def _settle(item: SourceItem, state: ItemState, reason: str, batch_id: str, **more: str | int | None) -> None:
    """An item that becomes no picture, counted with its run."""
    counter = ImportBatch.failed_count if state == ItemState.FAILED else ImportBatch.skipped_count
    with db.writing():
        if _change(item, state, reason, **more):
            ImportBatch.update({counter: counter + 1}).where(ImportBatch.id == batch_id).execute()


def _change(item: SourceItem, state: ItemState, reason: str | None, **more: str | int | None) -> bool:
    """Inside a transaction: False when it is not new any more."""
    changed = SourceItem.update(state=state, reason=reason and reason[:500], updated_at=db.now_ms(), **more)
    return bool(changed.where((SourceItem.id == item.id) & SourceItem.state.in_(states_before(state))).execute())
