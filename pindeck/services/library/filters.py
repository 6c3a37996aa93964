"""Every filter of every list of pictures. A new one is declared here and joins the lists that offer it."""

from dataclasses import replace
from typing import Any, Literal

from peewee import SQL

from pindeck import search as search_box
from pindeck.access import Actor
from pindeck.db import Param
from pindeck.models import Alias, Flow, Image, Project
from pindeck.services.images import aliases, colours, projects, search
from pindeck.services.images.fields import tag_of
from pindeck.services.library import facets, grammar, narrowing, srefs
from pindeck.services.library.query import Filter, Rows, Wanted
from pindeck.states import AiStatus, Origin
from pindeck.terms import CRAFT, TermField

# Words

WORDS = Filter(
    "q",
    "A search in the grammar of the search box: words, phrases, fields such as `tag:rain`, `-`, `or` and brackets.",
    grammar.narrow_now,
    label="Search",
    fill=grammar.fill,
    chip=lambda text: f"“{text}”",
    parts=search_box.parts,
    style="search",
    instead=grammar.spelt,
)
WHOLE_WORDS = replace(WORDS, fill=grammar.fill_whole)  # for what is done with all that is found
TITLE = Filter(
    "title",
    "Words of the title; the last one may be a beginning.",
    lambda rows, words: narrowing.with_words(rows, words, titles_only=True),
    param="searchTerm",
    default=...,
    example="neon al",
    fill=lambda text, _: search.query(text, titles_only=True),
)

# What a picture shows

GROUP = Filter(
    "group",
    "Exactly this type.",
    narrowing.exactly(Image.group),
    label="Type",
    example="Film",
    clean=lambda text: text or None,
    choices=facets.groups,
    counted=Image.group,
    style="list",
)
CATEGORY = Filter(
    "category",
    "Exactly this category.",
    narrowing.exactly(Image.category),
    label="Category",
    example="Cinematic",
    clean=lambda text: text or None,
    choices=facets.categories,
    counted=Image.category,
    style="list",
)


TAG = Filter(
    "tag",
    "Exactly this tag.",
    narrowing.TAGGED.narrow,
    label="Tag",
    read=lambda text: tag_of(text) or None,
    chip=lambda tag: f"#{tag}",
    instead=lambda tag: RARE_TAG if narrowing.TAGGED.are_few(tag) else None,
)
RARE_TAG: Filter = narrowing.TAGGED.lead(TAG)
GENRE = Filter("genre", "Exactly this genre.", narrowing.exactly(Image.genre), label="Genre")
SHOT = Filter("shot", "Exactly this kind of shot.", narrowing.exactly(Image.shot), label="Shot")
STYLE = Filter("style", "Exactly this style.", narrowing.exactly(Image.style), label="Style")
SREF = Filter(
    "sref",
    "This style reference: its number, or the whole text.",
    lambda rows, texts: rows.where(narrowing.names_sref(Image, texts)),
    label="Style reference",
    fill=lambda text, _: srefs.texts_for(text),
)


COLOUR = Filter(
    "color",
    "A colour as #rrggbb: images whose palette has one like it.",
    narrowing.with_colour,
    label="Colour",
    fill=lambda code, _: colours.wanted_cell(code),
    read=lambda text: text.lower() or None,
    chip=lambda code: colours.name_of(code) if colours.is_colour(code) else f"“{code}”",
    swatch=lambda code: code if colours.is_colour(code) else None,
    style="swatch",
)


# The craft of the frame


def _of_craft(field: TermField) -> Filter:
    def standard(text: str) -> str | None:
        term = field.read(text)
        return term.name if term else text or None

    return Filter(
        field.name,
        f"{field.says}: this term, in any spelling that is known.",
        narrowing.with_term(field.name),
        label=field.label,
        param=field.member,
        example=field.terms[0].name,
        read=standard,
        clean=standard,
        chip=lambda term: f"{field.label}: {term}",
        style="facet",
    )


OF_CRAFT: tuple[Filter, ...] = tuple(_of_craft(field) for field in CRAFT.values())


# What people like

LIKED = Filter(
    "liked",
    "Only what the asker likes.",
    narrowing.LIKED.narrow,
    label="Liked by you",
    type=bool,
    needs_person=True,
    fill=lambda _, actor: actor.user_id,
    read=lambda text: True if text == "1" else None,
    write=lambda _: "1",
    chip=lambda _: "Liked by you",
    style="toggle",
    instead=lambda user_id: FEW_LIKED if narrowing.LIKED.are_few(user_id) else None,
)
FEW_LIKED: Filter = narrowing.LIKED.lead(LIKED)

# Where it was found

FOUND_AT = Filter(
    "source",
    "Only what this source brought.",
    narrowing.FOUND.narrow,
    label="Source",
    needs_person=True,
    instead=lambda source_id: FEW_FOUND_AT if narrowing.FOUND.are_few(source_id) else None,
)
FEW_FOUND_AT: Filter = narrowing.FOUND.lead(FOUND_AT)

# Where it lies


def _project_named(name: str, _: Actor) -> str | None:
    key = projects.name_key(name)
    return Project.select(Project.id).where(Project.name_key == key).scalar()  # type: ignore[no-any-return]


PROJECT = Filter(
    "project",
    "Only images of the project of this name; capitals make no difference.",
    narrowing.exactly(Image.project),
    label="Project",
    param="projectName",
    example="Blade Runner",
    fill=_project_named,
)


def _in_project(rows: Rows, project_id: Any) -> Rows:
    """A flow's images are of its project, as a foreign key sees to. Asked by the flow alone, SQLite reads the few
    images of the flow and not all of the project in their order."""
    return rows if "flow" in rows.given else rows.where(Image.project == project_id)


IN_PROJECT = Filter("in_project", "Images of this project.", _in_project)


def _of_flow(rows: Rows, flow_id: Any) -> Rows:
    mine = (Flow.id == flow_id) & (Flow.project == Param(IN_PROJECT.name))
    return rows.where(Image.flow_id == Flow.select(Flow.id).where(mine))


FLOW = Filter("flow", "Only images of this flow.", _of_flow, param="flowId")


def _made(rows: Rows, source: str) -> Rows:
    # Literal, because only then does either engine know that the index of one source serves.
    made_by_machine = SQL(f"'{Origin.AI}'")
    return rows.where(Image.origin == made_by_machine if source == "generated" else Image.origin != made_by_machine)


SOURCE = Filter(
    "source", "Only images of this source.", _made, type=Literal["generated", "uploaded"], is_literal=True
)  # fmt: skip


def _named(rows: Rows, name_key: Any) -> Rows:
    held = (Alias.image_id == Image.id) & (Alias.project_id == Image.project)
    query = rows.query.switch(Image).join(Alias, on=held).where(Alias.name_key == name_key)
    return replace(rows, query=query)


ALIAS = Filter(
    "alias",
    "Only the image that has this project alias.",
    _named,
    example="@hero",
    fill=lambda name, _: aliases.key_of(aliases.check(name)),
)
TRASHED = Filter(
    "trashed", "Also images in the trash.", lambda rows, _: rows, param="includeDeleted", type=bool, default=False
)

# In which state it is

STATUS = Filter("status", "In this state.", narrowing.exactly(Image.status))
PERSIST_STATUS = Filter(
    "persist_status", "Stored, being stored, or not to be stored.", narrowing.exactly(Image.persist_status)
)


def _described_since(rows: Rows, since: Any) -> Rows:
    began = (Image.ai_started_at > since) | (Image.ai_started_at.is_null() & (Image.uploaded_at > since))
    return rows.where(Image.ai_status == AiStatus.PROCESSING, began)


DESCRIBED_SINCE = Filter("described_since", "Being described by a machine since this moment.", _described_since)

# Who made it, and for whom


PERSON = Filter("by", "Only what this person added.", narrowing.by_person, label="By", chip=lambda user_id: f"By {facets.person(user_id)}")


def _own(rows: Rows, client_id: Any) -> Rows:
    return rows.where(Image.client == client_id)


OWNED = Filter(
    "owned",
    "Only what this extension made.",
    _own,
    param="onlyOwned",
    type=bool,
    default=False,
    fill=lambda _, actor: actor.client_id,
)
CHARACTER = Filter(
    "character",
    "Only images of this character.",
    narrowing.exactly(Image.subject_character),
    param="characterId",
    example="c1",
)
CHAT = Filter("chat", "Only images of this chat.", narrowing.exactly(Image.subject_chat), param="chatId", example="chat-7")
ONE = Filter("id", "This image.", narrowing.exactly(Image.id))

# What the lists offer, in the order of chips and addresses

OF_GALLERY: tuple[Filter, ...] = (
    WORDS, TAG, PROJECT, GROUP, CATEGORY, GENRE, SHOT, STYLE, SREF, PERSON, COLOUR, *OF_CRAFT, LIKED,
)  # fmt: skip
OF_LIBRARY: tuple[Filter, ...] = (CATEGORY, GROUP, PROJECT, *OF_CRAFT)
OF_SEARCH: tuple[Filter, ...] = (*OF_LIBRARY, TITLE)
OF_FLOW: tuple[Filter, ...] = (SOURCE, ALIAS, TRASHED)
OF_MANAGED: tuple[Filter, ...] = (*OF_FLOW, FLOW)
OF_EXTENSION: tuple[Filter, ...] = (OWNED, CHARACTER, CHAT)


def wanted(**values: Any) -> Wanted:
    """Filters by their names, for code that asks. Raises KeyError for one that there is not."""
    return {NAMED[name]: value for name, value in values.items()}


NAMED = {
    filter.name: filter
    for filter in (*OF_GALLERY, *OF_SEARCH, IN_PROJECT, *OF_MANAGED, *OF_EXTENSION, STATUS, ONE)
}  # fmt: skip
