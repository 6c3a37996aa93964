"""The operations of flows."""

from typing import Any

from flask import Blueprint, g

from pindeck.api.images.routes import listing
from pindeck.api.images.schemas import (
    FLOW,
    ID,
    IMAGE,
    Deleted,
    FlowAliases,
    FlowImagesQuery,
    FlowShape,
    InProject,
    ManagedImage,
    ProjectPages,
    flow_shape,
)
from pindeck.api.operations import Answer, Fault, JsonBody, operation
from pindeck.api.paging import asked, paged
from pindeck.api.prefix import PREFIX
from pindeck.api.repeats import Repeats
from pindeck.api.schemas import (
    ALIAS_NOT_FOUND,
    FLOW_NOT_FOUND,
    IMAGE_NOT_FOUND,
    PROJECT_NOT_FOUND,
    Data,
    DataPage,
    data,
    page,
)
from pindeck.api.types import check_uuid
from pindeck.cursors import Place
from pindeck.services.images import flows, projects
from pindeck.services.images.flows import FlowView
from pindeck.services.library import filters

bp = Blueprint("api_flows", __name__, url_prefix=f"{PREFIX}/flows")

PATH = {"flow_id": "UUID of the flow."}
ONE = Answer(Data[FlowShape], example=data(FLOW))


@bp.post("")
@operation(
    "flow.edit",
    surface="images",
    summary="Make a flow",
    query=InProject,
    answers=Answer(Data[FlowShape], status=201, says="The new flow.", example=data({**FLOW, "aliases": {}})),
    faults=(PROJECT_NOT_FOUND,),
    bucket="write",
    repeats=Repeats.WHOLE,
)
def create_flow(query: InProject) -> Any:
    """An empty flow of a project."""
    return data(flow_shape(flows.create(g.actor, projects.chosen(g.actor, query.project))))


@bp.get("")
@operation(
    "flow.view",
    surface="images",
    summary="List flows",
    query=ProjectPages,
    answers=Answer(DataPage[FlowShape], example=page([FLOW], total=1, limit=20, offset=0), headers=("Link",)),
    faults=(PROJECT_NOT_FOUND,),
)
def list_flows(query: ProjectPages) -> Any:
    """The flows of a project, newest first. Counts leave the trash out."""
    project_id = projects.chosen(g.actor, query.project)
    found = flows.list_flows(g.actor, project_id, **asked(query))
    return paged(query, found, lambda views: [flow_shape(view) for view in views], _place)


def _place(view: FlowView) -> Place:
    return Place(view.flow.created_at, view.flow.id)


@bp.get("/<flow_id>")
@operation("flow.view", surface="images", summary="Get a flow", path=PATH, answers=ONE, faults=(FLOW_NOT_FOUND,))
def get_flow(flow_id: str) -> Any:
    """One flow with its aliases. Counts leave the trash out."""
    return data(flow_shape(flows.get(g.actor, check_uuid(flow_id, "flow_id"))))


@bp.get("/<flow_id>/images")
@operation(
    "image.list",
    surface="images",
    summary="List the images of a flow",
    query=FlowImagesQuery,
    path=PATH,
    answers=Answer(DataPage[ManagedImage], example=page([IMAGE], total=1, limit=20, offset=0), headers=("Link",)),
    faults=(FLOW_NOT_FOUND,),
)
def list_flow_images(flow_id: str, query: FlowImagesQuery) -> Any:
    """As the list of images, restricted to one flow."""
    flow = flows.find(g.actor, check_uuid(flow_id, "flow_id"))
    return listing(flow.project_id, query, {**query.wanted, filters.FLOW: flow.id})


@bp.put("/<flow_id>/aliases")
@operation(
    "flow.edit",
    surface="images",
    summary="Set aliases of a flow",
    body=JsonBody(FlowAliases, example={"aliases": {"@hero": ID}}),
    path=PATH,
    answers=ONE,
    faults=(FLOW_NOT_FOUND, IMAGE_NOT_FOUND),
    bucket="write",
)
def set_flow_aliases(flow_id: str, body: FlowAliases) -> Any:
    """The names are merged with those there are. Every image must be of the flow's project; one bad entry refuses
    all."""
    return data(flow_shape(flows.set_aliases(g.actor, check_uuid(flow_id, "flow_id"), body.aliases)))


@bp.delete("/<flow_id>/aliases/<alias>")
@operation(
    "flow.edit",
    surface="images",
    summary="Remove an alias of a flow",
    path={**PATH, "alias": "The name with its @."},
    answers=ONE,
    faults=(FLOW_NOT_FOUND, ALIAS_NOT_FOUND),
    bucket="write",
)
def remove_flow_alias(flow_id: str, alias: str) -> Any:
    """The image stays."""
    return data(flow_shape(flows.remove_alias(g.actor, check_uuid(flow_id, "flow_id"), alias)))


@bp.delete("/<flow_id>")
@operation(
    "flow.edit",
    surface="images",
    summary="Delete a flow",
    path=PATH,
    answers=Answer(Deleted, example={"success": True, "deleted": True, "data": {"id": FLOW["id"]}}),
    faults=(FLOW_NOT_FOUND, Fault(403, "FORBIDDEN", "The caller may not delete one of the images that would go.")),
    bucket="write",
)
def delete_flow(flow_id: str) -> Any:
    """The flow goes, its generations, and its images that have no project alias; those with one stay without a
    flow. Needs the right to delete each image that goes."""
    flow_id = check_uuid(flow_id, "flow_id")
    flows.delete(g.actor, flow_id)
    return {"success": True, "deleted": True, "data": {"id": flow_id}}
