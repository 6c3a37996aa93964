"""Save the pictures of a message: now where it shows them, by a job where Discord or a page has to be asked."""

from dataclasses import dataclass
from typing import Any

from pindeck import config
from pindeck.access import Actor
from pindeck.discord import messages, pictures
from pindeck.discord.messages import Found
from pindeck.errors import PindeckError
from pindeck.fetching import urls
from pindeck.services.images.fields import spec_of
from pindeck.services.ingest import external
from pindeck.services.ingest.discord import threads
from pindeck.services.ingest.external import Candidate
from pindeck.services.ingest.sources import pages
from pindeck.states import Origin

NO_PICTURE = "This message has no picture."


@dataclass(frozen=True)
class Saved:
    """What became of the pictures of a message: ids of new ones and of known ones, and sentences of those that failed."""

    new: list[str]
    known: list[str]
    failed: list[str]
    sref: str

    @property
    def said(self) -> str:
        """For whoever asked."""
        found = len(self.new) + len(self.known) + len(self.failed)
        if not found:
            return NO_PICTURE
        lines = [] if found == 1 else [f"{len(self.new) + len(self.known)} of {found} pictures are saved."]
        lines += [f"It waits for approval. Image ID: {image_id}" for image_id in self.new]
        lines += [f"It was there already. Image ID: {image_id}" for image_id in self.known]
        lines += [f"One was not saved: {sentence}" for sentence in self.failed]
        return "\n".join([*lines, *([f"sref {self.sref}"] if self.sref else [])])


def read(message: dict[str, Any], guild_id: str | None) -> Found:
    return messages.read(message, guild_id=guild_id, most=config.current().discord_ingest_max_images_per_post)


def may_look_at_page(found: Found) -> bool:
    """Whether the page of a message is to be asked for a picture."""
    settings = config.current()
    return settings.discord_ingest_fetch_external and found.page is not None and len(found.images) < settings.discord_ingest_max_images_per_post


def with_page(found: Found) -> list[str]:
    """The pictures of a message, and the one of the page that it is about. In a job alone: another site is asked."""
    if not may_look_at_page(found) or found.page is None:
        return found.images
    try:
        more = pages.picture_at(pictures.page_to_read(found.page))
    except PindeckError:  # a page that does not answer takes nothing from the message
        return found.images
    known = {pictures.key_of(url) for url in found.images}
    is_new = more is not None and not pictures.is_blocked(more) and pictures.key_of(more) not in known
    return [*found.images, more] if more and is_new else found.images


def save(actor: Actor, found: Found, images: list[str], *, guild_id: str | None, channel_id: str) -> Saved:
    """Bring the pictures in, each once. What is refused of one does not hold up the others."""
    saved = Saved([], [], [], found.sref)
    for url in images:
        try:
            made = external.bring_in(actor, _candidate(actor, found, url, guild_id, channel_id), only_own=True)
        except PindeckError as error:
            saved.failed.append(error.message)
        else:
            (saved.known if made.is_duplicate else saved.new).append(made.image_id)
    return saved


def _candidate(actor: Actor, found: Found, url: str, guild_id: str | None, channel_id: str) -> Candidate:
    urls.parse(url)  # what is no address is refused before anything is written
    settings = config.current()
    words = {
        "title": found.title if found.has_title else None,
        "description": found.description,
        "source": "Discord",
        "sref": found.sref,
        "category": settings.discord_ingest_default_category,
        "project": threads.project_of(channel_id),
        "tags": [*settings.discord_ingest_default_tags.split(","), *([f"sref:{found.sref}"] if found.sref else [])],
    }
    return Candidate(
        url,
        {name: spec_of(name).clean(value) for name, value in words.items() if value},
        external_id=messages.external_id(str(actor.user_id), guild_id, url),
        source_url=_page(found.source_url),
        origin=Origin.DISCORD,
        untitled=str(spec_of("title").clean(found.title)),
    )


def _page(url: str) -> str | None:
    try:
        return urls.parse(url).url
    except PindeckError:
        return None
