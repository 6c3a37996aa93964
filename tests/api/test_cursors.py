"""Lists by cursor: while pictures arrive and go, nothing is repeated and nothing is left out."""

import base64
import re
from collections.abc import Callable
from typing import Any

import pytest

from pindeck import cursors, db
from pindeck.access import Actor
from pindeck.models import Flow, Image, Project
from pindeck.services.images import projects
from pindeck.services.library import own
from pindeck.states import AiStatus, ImageStatus
from tests.api.extending import key_x
from tests.conftest import ClientFor
from tests.factories import make_row
from tests.programs import Program, ProgramFor, new_key, refused

FLOW = "0198c5a0-8f00-7b11-8a52-6d1f3e0c9b27"
IMAGES, FLOWS, PROJECTS = "/api/v1/images", "/api/v1/flows", "/api/v1/projects"
LIBRARY = "/api/v1/library/images"
OFFSETS = [IMAGES, f"{IMAGES}?includeDeleted=true", f"{FLOWS}/{FLOW}/images", FLOWS, PROJECTS, LIBRARY, "/api/v1/extension/images"]
OWN = [f"{LIBRARY}/drafts", f"{LIBRARY}/pending", f"{LIBRARY}/processing"]


@pytest.fixture
def callers(program_for: ProgramFor, client_for: ClientFor, olga: Actor) -> Callable[[str], Any]:
    """Who asks for a list."""
    master, x, person = program_for(new_key("master")), program_for(key_x(olga)), client_for(olga)
    return lambda path: x if "extension" in path else person if path in OWN else master


def make(path: str, olga: Actor, at: int) -> str:
    """Something that the list shows, from that time; its id."""
    new = db.new_id()
    if path == FLOWS:
        return str(Flow.create(id=new, project=projects.DEFAULT_ID, created_at=at, updated_at=at).id)
    if path == PROJECTS:
        name = f"project {at:04} {new}"
        return str(Project.create(id=new, slug=new, name=name, name_key=name, created_at=at).id)
    image = make_row(olga)
    columns: dict[str, Any] = {"created_at": at, "flow_id": FLOW if FLOW in path else None}
    if path in OWN:
        columns["status"] = {"drafts": ImageStatus.DRAFT, "pending": ImageStatus.PENDING}.get(path.split("/")[-1], ImageStatus.ACTIVE)
    if path.endswith("processing"):
        columns |= {"ai_status": AiStatus.PROCESSING, "ai_started_at": db.now_ms()}
    if "includeDeleted" in path and at % 2:
        columns |= {"deleted_at": db.now_ms(), "deleted_by": olga.user_id}
    Image.update(**columns).where(Image.id == image.id).execute()
    return image.id


def ids(body: Any) -> list[str]:
    return [each.get("id") or each["_id"] for each in (body if isinstance(body, list) else body["data"])]


def next_of(answer: Any) -> str | None:
    """The path that the header names."""
    link = answer.headers.get("Link")
    if link is None:
        return None
    found = re.fullmatch(r'<https?://[^/]+(/[^>]+)>; rel="next"', link)
    assert found, link
    return found[1]


@pytest.mark.parametrize("path", [*OFFSETS, *OWN])
def test_nothing_is_repeated_and_nothing_left_out(
    path: str, callers: Callable[[str], Any], olga: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "MOST", 2)  # of the lists that take no limit
    Flow.create(id=FLOW, project=projects.DEFAULT_ID, created_at=1, updated_at=1)
    caller = callers(path)
    made = [make(path, olga, at) for at in (10, 11, 11, 12, 13, 13, 14)]
    everything = ids(caller.get(path if path in OWN else f"{path}{'&' if '?' in path else '?'}limit=100").get_json())
    if path in OWN:
        everything = made[::-1]
    assert set(made) <= set(everything)
    page: str | None = path if path in OWN else f"{path}{'&' if '?' in path else '?'}limit=2"
    seen: list[str] = []
    while page:
        answer = caller.get(page)
        assert answer.status_code == 200, answer.text
        seen += ids(answer.get_json())
        page = next_of(answer)
        body = answer.get_json()
        if "pagination" in body:
            assert body["pagination"]["hasMore"] == (page is not None)
        if len(seen) == 2:
            make(path, olga, 1 if path == PROJECTS else 99)  # before all that was seen
            if path == FLOWS:
                Flow.delete().where(Flow.id == seen[1]).execute()
            elif path != PROJECTS:
                Image.delete().where(Image.id == seen[1]).execute()
    assert seen == everything


@pytest.mark.parametrize("path", [*OFFSETS, *OWN])
def test_a_cursor_that_no_list_gave_is_refused(path: str, callers: Callable[[str], Any]) -> None:
    Flow.create(id=FLOW, project=projects.DEFAULT_ID, created_at=1, updated_at=1)
    mark = "&" if "?" in path else "?"
    for wrong in ("", "x", "é", "AAAA", base64.urlsafe_b64encode(b"1:2").decode(), "x" * 5000):
        assert "cursor" in refused(callers(path).get(f"{path}{mark}cursor={wrong}"), 400, "VALIDATION_ERROR")
    if path not in OWN:
        both = f"{path}{mark}offset=1&cursor={cursors.write(1, FLOW)}"
        assert "cursor" in refused(callers(path).get(both), 400, "VALIDATION_ERROR")


def test_a_project_that_is_gone_is_no_place(callers: Callable[[str], Any]) -> None:
    answer = callers(PROJECTS).get(f"{PROJECTS}?cursor={cursors.write(1, db.new_id())}")
    assert "cursor" in refused(answer, 400, "VALIDATION_ERROR")


def test_filters_and_limits_go_along(program_for: ProgramFor, olga: Actor) -> None:
    for category in ("Film", "Noir") * 3:
        make_row(olga, category=category)
    visitor: Program = program_for(None)
    first = visitor.get(f"{LIBRARY}?category=Film&limit=2")
    second = visitor.get(str(next_of(first)))
    assert [image["category"] for image in [*first.get_json(), *second.get_json()]] == ["Film"] * 3
    assert next_of(second) is None


def test_the_document_says_so(program_for: ProgramFor) -> None:
    paths = program_for(None).get("/api/v1/openapi.json").get_json()["paths"]
    lists = {
        path: {each["name"]: each["description"] for each in methods["get"]["parameters"]}
        for path, methods in paths.items()
        if any(each["name"] == "offset" for each in methods.get("get", {}).get("parameters", []))
    }
    assert len(lists) >= 6
    for path, parameters in lists.items():
        assert "may repeat" in parameters["offset"] and "Link" in parameters["cursor"], path
        assert "Link" in paths[path]["get"]["responses"]["200"]["headers"], path
