"""The setting of the tests of images: two projects, their keys, three images."""

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from werkzeug.test import TestResponse

from pindeck.models import Image
from pindeck.services.images import generations, projects
from tests.factories import new_photo
from tests.programs import Program, ProgramFor, new_key

IMAGES = "/api/v1/images"
FLOWS = "/api/v1/flows"
FIELDS = {
    "id", "projectId", "flowId", "storageUrl", "mimeType", "fileSize", "width", "height", "source", "alias",
    "focalPoint", "meta", "credit", "rights", "createdAt", "updatedAt",
}  # fmt: skip


def send(program: Program, data: bytes | None = None, name: str = "alley.jpg", **fields: Any) -> TestResponse:
    """An upload over HTTP. `query` is the query string; the other fields are those of the form."""
    query = fields.pop("query", "")
    form = {**fields, "file": (BytesIO(new_photo() if data is None else data), name)}
    return program.post(f"{IMAGES}/upload{query}", data=form, content_type="multipart/form-data")


def upload(program: Program, data: bytes | None = None, **fields: Any) -> dict[str, Any]:
    answer = send(program, data, **fields)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.get_json()["data"]
    return found


def get(program: Program, ref: str, query: str = "") -> dict[str, Any]:
    answer = program.get(f"{IMAGES}/{ref}{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()["data"]
    return found


def listed(program: Program, query: str = "") -> list[str]:
    """The ids on a page."""
    answer = program.get(f"{IMAGES}{query}")
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.get_json()["data"]]


def name(program: Program, ref: str, alias: str | None, **more: Any) -> dict[str, Any]:
    answer = program.put(f"{IMAGES}/{ref}/alias", json={"alias": alias, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()["data"]
    return found


def new_flow(program: Program) -> str:
    answer = program.post(FLOWS)
    assert answer.status_code == 201, answer.text
    found: str = answer.get_json()["data"]["id"]
    return found


def generated(image_id: str, flow_id: str | None = None, inputs: tuple[str, ...] = ()) -> str:
    """Make an image one that a machine made; the id of the run."""
    image = Image.get(Image.id == image_id)
    run = generations.add(
        [*inputs], project_id=image.project_id, flow_id=flow_id or image.flow_id, status="completed",
        output_image_id=image_id,
    )  # fmt: skip
    Image.update(origin="ai", generation_id=run.id).where(Image.id == image_id).execute()
    return run.id


@dataclass
class World:
    """P with key `k`, Q with key `l`. Images are uploaded when a test asks for them."""

    program_for: ProgramFor
    p: str = field(init=False)
    k: Program = field(init=False)
    l: Program = field(init=False)  # noqa: E741 — beside `k`, the key of the other project

    def __post_init__(self) -> None:
        self.p = projects.find_or_create("P").id
        self.k = self.program_for(new_key(project="P"))
        self.l = self.program_for(new_key(project="Q"))

    def images(self, count: int = 3) -> list[str]:
        return [upload(self.k)["id"] for _ in range(count)]
