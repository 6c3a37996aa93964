"""The operations of places: projects with their rows, and people."""

from typing import Annotated, Any

from flask import Blueprint, g
from pydantic import ConfigDict, Field

from pindeck.api.curation.schemas import ACTED, ACTED_OR_RUNNING, IMAGE_ID, RELEASES, Acted, Places, acted, runs
from pindeck.api.images.schemas import PROJECT, ProjectShape, project_shape
from pindeck.api.operations import Answer, Fault, JsonBody, operation
from pindeck.api.prefix import PREFIX
from pindeck.api.schemas import (
    IMAGE_NOT_FOUND,
    PROJECT_NOT_FOUND,
    USER_REQUIRED,
    Data,
    cursor_page,
    cursor_pages,
    data,
)
from pindeck.api.types import Input, Output, Text, Uuid
from pindeck.services.images import arranging, large, project_words
from pindeck.services.library import places, seen

bp = Blueprint("api_places", __name__, url_prefix=PREFIX)

PLACE = {"id": PROJECT, "slug": "blade-runner", "name": "Blade Runner", "imageCount": 214, "cover": IMAGE_ID}
PLACED = {"imageId": IMAGE_ID, "title": "Alley", "width": 1920, "height": 804}
PATH = {"project": "The project's slug"}


class ProjectPlace(Output):
    id: str
    slug: str
    name: str
    imageCount: int = Field(description="Images that the caller finds there.")
    cover: str | None = Field(description="The first image of its row.")


class PersonPlace(Output):
    id: str
    name: str
    imageCount: int


class Placed(Output):
    imageId: str
    title: str
    width: int | None
    height: int | None


class PutInput(Input):
    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[Uuid], Field(min_length=1, max_length=500, description="In the order in which they are to stand.")]
    before: Uuid | None = Field(None, description="The image of the row that they stand before; the end of the row without one.")
    after: Uuid | None = Field(None, description="The image of the row that they stand after, where `before` names none.")
    confirmed: bool = Field(False, description="Go on where aliases are let go.")


class NewName(Input):
    model_config = ConfigDict(extra="forbid")

    name: Text = Field(description="At most 120 characters; unique, whatever its case.")


class Into(Input):
    model_config = ConfigDict(extra="forbid")

    into: Text = Field(max_length=100, description="The slug or id of the project that they go to.")
    confirmed: bool = Field(False, description="Go on where aliases are let go.")


class SeenInput(Input):
    model_config = ConfigDict(extra="forbid")

    imageId: Uuid = Field(description="The newest image that was looked at.")


class News(Output):
    count: int = Field(description="Images of others that came since; exact to 1,000.")
    isMore: bool
    newest: str | None = Field(description="The newest of them, or of all where nobody has looked yet; null where nothing is new.")


NEWS = {"count": 4, "isMore": False, "newest": IMAGE_ID}


def _news() -> dict[str, Any]:
    found = seen.since(g.actor)
    return {"count": found.count.number, "isMore": found.count.is_more, "newest": found.newest} if found else {"count": 0, "isMore": False, "newest": None}


@bp.get("/library/seen")
@operation("news.view", surface="curation", summary="Count what is new since the caller looked", answers=Answer(News, example=NEWS), faults=(USER_REQUIRED,))
def count_news() -> dict[str, Any]:
    """Only a look moves the mark, and never a question."""
    return _news()


@bp.post("/library/seen")
@operation(
    "news.look",
    surface="curation",
    summary="Say what the caller has looked at",
    body=JsonBody(SeenInput, example={"imageId": IMAGE_ID}),
    answers=Answer(News, example={**NEWS, "count": 0, "newest": None}),
    faults=(IMAGE_NOT_FOUND, USER_REQUIRED),
    bucket="write",
)
def look_at_news(body: SeenInput) -> dict[str, Any]:
    """Moves the mark up to this image, and never back. Answers what is new after it."""
    seen.look(g.actor, body.imageId.lower())
    return _news()


@bp.get("/library/projects")
@operation(
    "library.view",
    surface="curation",
    summary="List projects with their counts",
    query=Places,
    answers=cursor_pages(ProjectPlace, PLACE),
)
def list_project_places(query: Places) -> dict[str, Any]:
    """By name, those with an image that the caller finds in the gallery; images without a project come last, as one."""
    found, more = places.list_projects(g.actor, after=query.cursor, limit=query.limit)
    told = [
        {"id": place.id, "slug": place.slug, "name": place.name, "imageCount": place.count, "cover": place.shown[0].id if place.shown else None}
        for place in found
    ]
    return cursor_page(told, more)


@bp.get("/library/people")
@operation(
    "library.view",
    surface="curation",
    summary="List people with their counts",
    query=Places,
    answers=cursor_pages(PersonPlace, {"id": IMAGE_ID, "name": "Olga", "imageCount": 214}),
)
def list_people(query: Places) -> dict[str, Any]:
    """By name, those of whom the caller finds an image in the gallery."""
    found, more = places.list_people(g.actor, after=query.cursor, limit=query.limit)
    return cursor_page([{"id": each.id, "name": each.name, "imageCount": each.count} for each, _ in found], more)


@bp.get("/library/projects/<project>/images")
@operation(
    "library.view",
    surface="curation",
    summary="List a project's row",
    path=PATH,
    query=Places,
    answers=cursor_pages(Placed, PLACED),
    faults=(PROJECT_NOT_FOUND,),
)
def list_row(project: str, query: Places) -> dict[str, Any]:
    """Its images in the order of the row: by their places, then by title."""
    page = places.row_page(g.actor, places.find(g.actor, project), after=query.cursor, limit=query.limit)
    told = [{"imageId": each.id, "title": each.title, "width": each.width, "height": each.height} for each in page.images]
    return cursor_page(told, page.next_after)


@bp.post("/library/projects/<project>/images")
@operation(
    "library.change",
    surface="curation",
    summary="Put images into a row",
    path=PATH,
    body=JsonBody(PutInput, example={"ids": [IMAGE_ID], "before": None}),
    answers=Answer(Acted, example=ACTED),
    faults=(
        PROJECT_NOT_FOUND, IMAGE_NOT_FOUND, USER_REQUIRED, RELEASES,
        Fault(409, "ROW_TOO_LONG", "More than 500 places would change."),
    ),
    bucket="write",
)  # fmt: skip
def put_into_row(project: str, body: PutInput) -> dict[str, Any]:
    """In this order, before or after another image, or at the end. Images of other projects move here, and lose their aliases there."""
    ids = [each.lower() for each in body.ids]
    before, after = (each.lower() if each else None for each in (body.before, body.after))
    result = arranging.put(g.actor, project, ids, before=before, after=after, confirmed=body.confirmed)
    return acted(result.action_id, released=result.released)


@bp.patch("/projects/<project>")
@operation(
    "project.edit",
    surface="curation",
    summary="Rename a project",
    path={"project": "The project's slug or id"},
    body=JsonBody(NewName, example={"name": "Blade Runner 2049"}),
    answers=Answer(Data[ProjectShape], example=data({"id": PROJECT, "name": "Blade Runner 2049", "slug": "blade-runner"})),
    faults=(PROJECT_NOT_FOUND, Fault(409, "CONFLICT", "Another project has this name; or these are the images without a project.")),
    bucket="write",
)
def rename_project(project: str, body: NewName) -> Any:
    """Its slug stays, and with it all addresses."""
    return data(project_shape(project_words.rename(g.actor, project, body.name)[0]))


@bp.post("/projects/<project>/merge")
@operation(
    "project.edit",
    surface="curation",
    summary="Merge a project into another",
    path={"project": "The project's slug or id"},
    body=JsonBody(Into, example={"into": "blade-runner", "confirmed": True}),
    answers=ACTED_OR_RUNNING,
    faults=(PROJECT_NOT_FOUND, RELEASES, Fault(409, "CONFLICT", "It holds no image that the caller may move.")),
    bucket="write",
)
def merge_projects(project: str, body: Into) -> Any:
    """All of its images that the caller may move go there, as one action. Aliases do not go along."""
    released = large.released_by_merge(g.actor, project, body.into, confirmed=body.confirmed)
    action_id, running = large.merge_projects(g.actor, project, body.into)
    return runs(running, released=released) if running else acted(action_id, released=released)
