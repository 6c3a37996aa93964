"""The operations of projects."""

from typing import Any

from flask import Blueprint, g

from pindeck.api.images.schemas import PROJECT, Pages, ProjectInput, ProjectShape, project_shape
from pindeck.api.operations import Answer, Fault, JsonBody, operation
from pindeck.api.paging import asked, paged
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.schemas import PROJECT_NOT_FOUND, Data, DataPage, data, page
from pindeck.cursors import Place
from pindeck.services.images import projects

bp = Blueprint("api_projects", __name__, url_prefix=f"{PREFIX}/projects")

EXAMPLE = {"id": PROJECT, "name": "Blade Runner", "slug": "blade-runner"}


@bp.post("")
@operation(
    "admin",
    surface="images",
    summary="Make a project",
    body=JsonBody(ProjectInput, example={"name": "Blade Runner", "slug": "blade-runner"}),
    answers=Answer(Data[ProjectShape], status=201, says="The new project.", example=data(EXAMPLE)),
    faults=(Fault(409, "CONFLICT", "Another project has this name or slug; `details` says which."),),
    bucket="write",
    repeats=Repeats.WHOLE,
)
def create_project(body: ProjectInput) -> Any:
    """For master keys with the scope `admin`, and for administrators."""
    return data(project_shape(projects.create(g.actor, body.name, body.slug)))


@bp.get("")
@operation(
    "image.list",
    surface="images",
    summary="List projects",
    query=Pages,
    answers=Answer(DataPage[ProjectShape], example=page([EXAMPLE], total=1, limit=20, offset=0), headers=("Link",)),
)
def list_projects(query: Pages) -> Any:
    """By name: those with a picture that the caller sees; a project key its own one, administrators all."""
    found = projects.list_projects(g.actor, **asked(query))
    return paged(query, found, lambda rows: [project_shape(each) for each in rows], lambda row: Place(row.created_at, row.id))


@bp.get("/<project>")
@operation(
    "image.list",
    surface="images",
    summary="Read a project",
    answers=Answer(Data[ProjectShape], example=data(EXAMPLE)),
    path={"project": "The project's slug or id"},
    faults=(PROJECT_NOT_FOUND,),
)
def read_project(project: str) -> Any:
    """By its slug or id. A project of which the caller sees no picture is not there for it."""
    return data(project_shape(projects.get(g.actor, project)))
