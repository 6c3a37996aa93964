"""Nothing invisible leaks: every operation, asked by everybody who may not, about something they may not see.

Each is refused in the documented way, learns no word of it, and changes nothing.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from pindeck import db
from pindeck.access import Actor
from pindeck.api import openapi
from pindeck.api.openapi import Endpoint
from pindeck.exports import asking, requests
from pindeck.models import (
    AnalysisRound,
    ApiKey,
    Flow,
    Image,
    ImportBatch,
    Job,
    Proposal,
    Source,
    SourceItem,
    StoredFile,
    TagRule,
    Twin,
    Webhook,
    WebhookDelivery,
)
from pindeck.services.blobs import signed_urls
from pindeck.services.boards import boards, pictures, searches, sections
from pindeck.services.boards.decks import blocks, decks
from pindeck.services.boards.storyboards import storyboards
from pindeck.services.clients import api_keys
from pindeck.services.derivatives import crop_urls, delivery
from pindeck.services.files import intake, records
from pindeck.services.images import aliases, generations, ledger, moderation, projects, proposals, trash
from pindeck.storage import keys as object_keys
from tests.api.scenes import ALIAS, Scene, ask, endpoints, state
from tests.conftest import ClientFor
from tests.factories import make_active, new_photo
from tests.programs import Program, ProgramFor, new_key

TITLE = "Nobody else may read this"
GENRE = "A genre of the secret"
READ_ONLY = ("images:read", "storage:read")


@pytest.fixture
def environ(store_of_pair: dict[str, str]) -> dict[str, str]:
    return {**store_of_pair, "RATE_READ": "0", "RATE_WRITE": "0", "RATE_UPLOAD": "0", "SIGN_IN_RATE": "0"}


@pytest.fixture
def scene(app: Flask, olga: Actor) -> Scene:
    data = new_photo()
    image = make_active(olga, data, name="secret-still.jpg")
    ledger.write(image.id, {"title": TITLE, "project": "Secret project", "genre": GENRE}, ledger.person(olga))
    public_token = str(Image.get(Image.id == image.id).public_token)
    moderation.update(olga, image.id, {}, visibility="private")
    project = projects.find_or_create("Secret project")
    now = db.now_ms()
    flow = Flow.create(id=db.new_id(), project=project.id, created_at=now, updated_at=now)
    aliases.add(olga, ALIAS, image.id, project_id=project.id)
    aliases.add(olga, "inflow", image.id, flow_id=flow.id)
    Image.update(subject_character="c1", subject_chat="t1", flow_id=flow.id).where(Image.id == image.id).execute()
    client, key, text = api_keys.create(api_keys.NewClient("master"))
    file = StoredFile.get(StoredFile.id == Image.get(Image.id == image.id).file_id)
    # As one has it that a key of the project brought, before the owner made it private.
    StoredFile.update(project=project.id).where(StoredFile.id == file.id).execute()
    beside = records.get(intake.store(intake.Owner(None, client.id, project.id), b"The secret project's notes"))
    assert beside is not None
    with db.writing():
        run = generations.add(
            [image.id], project_id=project.id, user_id=olga.user_id, status="completed", prompt="", output_image_id=image.id
        )
    batch = ImportBatch.create(
        id=db.new_id(), user=olga.user_id, origin="upload", source_url="https://secret.example", created_at=now
    )
    board, made = boards.create(olga, name="The secret project's board", description=TITLE)
    pictures.add(olga, board.id, [image.id])
    section, _ = sections.add(olga, board.id, "The secret project's section")
    storyboard, _ = storyboards.create(olga, board.id, title=TITLE, is_quick=True)
    deck, _ = decks.create(olga, board_id=board.id, title=TITLE)
    export = requests.ask(olga, asking.checked({"board": board.id}, "contact"))
    search, _ = searches.keep(olga, name=TITLE, query="secret-still")
    group = db.new_id()
    Twin.create(seq=image.seq, group_id=group)
    rule = TagRule.create(id=db.new_id(), tag="a", kind="imply", means="b", user_id=olga.user_id, created_at=now)
    source = Source.create(
        id=db.new_id(), kind="feed", name=TITLE, url="https://secret.example/feed", user=olga.user_id, project_id=project.id,
        created_at=now, updated_at=now,
    )  # fmt: skip
    SourceItem.create(
        id=db.new_id(), source=source, external_id="1", title=TITLE, image_id=image.id, state="sent", created_at=now, updated_at=now
    )
    job = Job.create(
        id=db.new_id(),
        kind="fetch_file",
        queue="io",
        client_id=client.id,
        due_at=now,
        created_at=now,
        status="completed",
    )
    webhook = Webhook.create(id=db.new_id(), name=TITLE, url="https://secret.example/", secret="x", events=["image.published"], created_at=now, updated_at=now)
    message = WebhookDelivery.create(id=db.new_id(), webhook=webhook, event="image.published", image_id=image.id, body=TITLE, next_at=now, created_at=now)
    proposals.make(Image.get_by_id(image.seq), {"title": f"{TITLE} again"}, "eye", "1", db.new_id())
    proposal = Proposal.get(Proposal.image_id == image.id)
    asked = AnalysisRound.create(id=db.new_id(), user_id=olga.user_id, choice={"query": TITLE}, total=1, created_at=now)
    return Scene(
        {
            "ref": image.id,
            "image_id": image.id,
            "storage_id": file.id,
            "file_key": file.file_key,
            "flow_id": flow.id,
            "alias": "@inflow",
            "project": project.slug,
            "name": ALIAS,
            "generation_id": run.id,
            "batch_id": batch.id,
            "source_id": source.id,
            "board_id": board.id,
            "section_id": section,
            "storyboard_id": storyboard.id,
            "deck_id": deck.id,
            "block_id": blocks.read(deck.id)[1].id,
            "export_id": export.id,
            "search_id": search.id,
            "action_id": made,
            "group_id": group,
            "rule_id": rule.id,
            "proposal_id": proposal.id,
            "webhook_id": webhook.id,
            "delivery_id": message.id,
            "round_id": asked.id,
            "job_id": job.id,
            "client_id": client.id,
            "key_id": key.id,
            "kind": "character",
            "field": "genre",
            "subject_id": "c1",
        },
        [TITLE, GENRE, "secret-still", file.file_key, hashlib.sha256(data).hexdigest(), file.blob.object_key, text],
        beside.id,
        [beside.id, beside.file_key, beside.blob.sha256, "secret project's notes"],
        object_keys.public_keys(public_token),
    )


@dataclass
class Callers:
    """Everybody who may not, by what they are called."""

    bad_keys: dict[str, Any]
    stranger: Any
    guest: Any
    curator: Any
    reader: Any  # may read what is the secret project's, and change nothing
    other_keys: dict[str, Any]
    extension: Any

    def everybody(self) -> dict[str, Any]:
        """With a credential that is good, or with none."""
        return {
            "stranger": self.stranger, "guest": self.guest, "another curator": self.curator,
            "read-only key": self.reader, "another user's extension": self.extension, **self.other_keys,
        }  # fmt: skip


@pytest.fixture
def callers(
    scene: Scene, program_for: ProgramFor, client_for: ClientFor, olga: Actor, sam: Actor, gus: Actor
) -> Callers:
    revoked, expired = new_key("master"), new_key("master", expires_in_days=1)
    api_keys.revoke(revoked)
    ApiKey.update(expires_at=db.now_ms() - 1).where(ApiKey.hash == api_keys._hash(expired)).execute()
    other = new_key("project", project="Another project", actor=sam)
    unbound = new_key("project", project="Another project")
    reader = new_key("project", project="Secret project", scopes=READ_ONLY)
    extension = new_key("extension", identifier="other", install_scope="user", actor=sam)

    def keyed(key: str) -> Keyed:
        return Keyed(program_for(key))

    return Callers(
        {"wrong key": keyed("pd_m_wrong"), "revoked key": keyed(revoked), "expired key": keyed(expired)},
        program_for(None).client,
        client_for(gus),
        client_for(sam),
        keyed(reader),
        {"another project's key": keyed(other), "an unbound key of another project": keyed(unbound)},
        keyed(extension),
    )


class Keyed:
    """A program as something with the same call as a browser."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def open(self, path: str, *, method: str, **options: Any) -> TestResponse:
        return self.program.call(method, path, **options)


def check(answer: TestResponse, endpoint: Endpoint, scene: Scene, who: str, refusals: tuple[int, ...]) -> None:
    where = f"{who}: {endpoint.method} {endpoint.path} → {answer.status_code} {answer.text[:300]}"
    for word in scene.words:
        assert word not in answer.text, where
    if answer.status_code < 400:
        # Lists without it, and what the library says of the missing: null.
        assert endpoint.method == "get" and scene.parameters["image_id"] not in answer.text, where
        return
    assert answer.status_code in refusals, where
    documented = {fault.status for fault in openapi.faults_of(endpoint)}
    assert answer.status_code in documented, where
    body = json.loads(answer.text)
    assert body["success"] is False and body["error"]["code"], where


def is_about_something(endpoint: Endpoint) -> bool:
    return "{" in endpoint.path


OPEN = ("/api/v1/session", "/api/v1/openapi.json", "/storage/upload")


def areas() -> dict[str, list[Endpoint]]:
    """By what follows the version in its path, as `boards`. A refused call changes nothing, so one scene serves a whole area."""
    found: dict[str, list[Endpoint]] = {}
    for endpoint in endpoints():
        found.setdefault(endpoint.path.removeprefix("/api/v1").split("/")[1], []).append(endpoint)
    return found


@pytest.mark.parametrize("area", areas())
def test_nobody_who_may_not_learns_or_changes_anything(area: str, scene: Scene, callers: Callers) -> None:
    before = state()
    for endpoint in areas()[area]:
        check_refused_to_all(endpoint, scene, callers)
    assert state() == before


def check_refused_to_all(endpoint: Endpoint, scene: Scene, callers: Callers) -> None:
    def asked(caller: Any, who: str, *refusals: int, outside: bool = True) -> None:
        for turn in scene.turns(endpoint, outside=outside):
            check(ask(caller, endpoint, turn), endpoint, turn, who, refusals)

    if endpoint.path.startswith(OPEN):
        if endpoint.method != "delete":  # signing out without a session is no secret
            asked(callers.stranger, "stranger", 400, 401)
        return
    for who, caller in callers.bad_keys.items():
        asked(caller, who, 401)
    needs_nobody = endpoint.operation.action in ("library.view", "public", "image.view")
    asked(callers.stranger, "stranger", *((401, 403, 404) if needs_nobody else (401,)))
    asked(callers.guest, "guest", 401, 403, 404)
    asked(callers.reader, "read-only key", *((403, 404) if endpoint.method == "get" else (403,)), outside=False)
    if is_about_something(endpoint) or endpoint.method == "get":
        for who, caller in callers.other_keys.items():
            asked(caller, who, 403, 404)
        if "/owners/" in endpoint.path:  # speaks of one's own images alone, and there are none
            assert ask(callers.extension, endpoint, scene).json == {"cleared": 0}
        else:
            asked(callers.extension, "another user's extension", 401, 403, 404)
        if not re.search("/flows/|/tags/", endpoint.path):  # a flow is its project's, and so every curator's, as rules of tags are
            asked(callers.curator, "another curator", 401, 403, 404)


def byte_addresses(scene: Scene) -> list[str]:
    """Where the owner of the picture finds its bytes."""
    file = StoredFile.get_by_id(scene.parameters["storage_id"])
    refs = (scene.parameters["ref"], f"{scene.parameters['project']}/@{ALIAS}")
    sizes = ("", "?download=1", *(f"?size={size}" for size in ("full", *delivery.SIZES)))
    return [
        *(f"/i/{ref}{size}" for ref in refs for size in sizes),
        *(crop_urls.signed_path(ref, w=20, h=20) for ref in refs),
        *(f"/i/{ref}?crop={name}" for ref in refs for name in crop_urls.presets()),
        signed_urls.lasting(file),
        signed_urls.signed(file, seconds=600),
    ]


def test_nobody_who_may_not_gets_bytes(scene: Scene, callers: Callers, client_for: ClientFor, olga: Actor) -> None:
    """Nor hears, by a condition or a range, that there are any."""
    owner, addresses = client_for(olga), byte_addresses(scene)
    tags = {}
    for address in addresses:
        answer = owner.get(address)
        assert answer.status_code == 200 and answer.cache_control.private, address
        tags[address] = answer.headers["ETag"]
    assert len(scene.published) == 5
    addresses += [f"/media/{key}" for key in scene.published]
    before = state()

    def check_refused(caller: Any, who: str, address: str, status: int) -> None:
        for headers in ({}, {"If-None-Match": tags.get(address, "*")}, {"Range": "bytes=0-9"}):
            for method in ("GET", "HEAD"):
                answer = caller.open(address, method=method, headers=headers)
                where = f"{who}: {method} {address} {headers} → {answer.status_code} {answer.text[:300]}"
                assert answer.status_code == status, where
                assert "ETag" not in answer.headers and "X-Image-Id" not in answer.headers, where
                assert not any(word in answer.text for word in scene.words), where

    for address in addresses:
        for who, caller in callers.everybody().items():
            check_refused(caller, who, address, 404)
        for who, caller in callers.bad_keys.items():  # where no credential is looked at, a bad one does not count
            check_refused(caller, who, address, 404 if address.startswith("/media/") else 401)
    assert state() == before


def test_ids_in_a_body_lead_to_nothing_of_somebody_else(scene: Scene, callers: Callers) -> None:
    """Operations that take ids in their body have no path that could be refused: they pass over what is hidden."""
    image_id, storage_id = scene.parameters["image_id"], scene.parameters["storage_id"]
    before = state()
    for who, caller in {**callers.other_keys, "curator": callers.curator, "extension": callers.extension}.items():
        for path, body in (
            ("/api/v1/library/uploads/finalize", {"imageIds": [image_id]}),
            ("/api/v1/extension/images/delete", {"ids": [image_id]}),
            ("/api/v1/storage/delete", {"storageIds": [storage_id]}),
        ):
            answer = caller.open(path, method="POST", json=body)
            assert answer.status_code in (200, 204, 401, 403, 404), (who, path, answer.text)
            assert not any(word in answer.text for word in scene.words if word not in (image_id, storage_id)), (
                who,
                path,
            )
    assert state() == before


def test_writes_that_name_what_is_hidden_leave_it_as_it_was(scene: Scene, callers: Callers) -> None:
    """They may make something of the caller's own, and be noted; no row that was there is another one afterwards."""
    ids = scene.parameters
    before = state()
    for who, caller in {**callers.other_keys, "extension": callers.extension, "guest": callers.guest}.items():
        words = {"title": "Taken over", "category": "Film", "tags": []}
        for method, path, options in (
            ("PUT", "library/projects/row-order", {"json": {"projectName": "Another project", "imageIds": [ids["ref"]]}}),
            ("POST", "library/uploads", {"json": {"uploads": [{"storageId": ids["storage_id"], **words}]}}),
            ("POST", "library/images/external", {
                "json": {**words, "imageUrl": "https://pictures.example.org/a.jpg", "importBatchId": ids["batch_id"]}
            }),
            ("POST", "images/upload", {"data": {"file": (BytesIO(new_photo()), "a.jpg"), "flowId": ids["flow_id"]}}),
        ):  # fmt: skip
            answer = caller.open(f"/api/v1/{path}", method=method, **options)
            where = f"{who}: {method} {path} → {answer.status_code} {answer.text[:300]}"
            assert answer.status_code in (400, 401, 403, 404) or path == "library/projects/row-order", where
            assert answer.status_code < 500 and not any(word in answer.text for word in (TITLE, "secret-still")), where
    after = state()
    assert {name: [row for row in rows if row not in after[name]] for name, rows in before.items()} == dict.fromkeys(before, [])


LISTS = [
    "/", "/?q=velvetorch", "/?tag=velvetorchid", "/?category=Obsidian", "/images/tags?q=velvet",
    "/api/v1/images?limit=20", "/api/v1/images?limit=20&includeDeleted=true", "/api/v1/library/images",
    "/api/v1/library/images/search?searchTerm=velvetorch",
    "/api/v1/library/images/drafts", "/api/v1/library/images/pending", "/api/v1/library/images/processing",
    "/api/v1/library/categories", "/api/v1/library/groups", "/api/v1/projects", "/api/v1/extension/images", "/review/", "/trash/",
]  # fmt: skip
VARIES = re.compile(r'content="[^"]+"|value="[^"]+"|_csrf=[^"&]+|nonce-[^"]+|(?<=\d) (?:m?s|minutes?) ago|"requestId":"[^"]+"')


def test_names_counts_and_completions_are_what_they_are_without_the_hidden_picture(
    scene: Scene, callers: Callers, client_for: ClientFor, olga: Actor
) -> None:
    """Whoever may not see a picture gets the same answers, letter by letter, whether there is one or not."""
    image_id, owner = scene.parameters["image_id"], client_for(olga)
    ledger.write(image_id, {"tags": ["velvetorchid"], "category": "Obsidian"}, ledger.person(olga))
    assert "velvetorchid" in owner.get("/images/tags?q=velvet").text

    def answers() -> dict[tuple[str, str], tuple[int, str]]:
        found = {}
        for who, caller in callers.everybody().items():
            for address in LISTS:
                answer = caller.open(address, method="GET")
                found[who, address] = (answer.status_code, VARIES.sub("", answer.text))
        return found

    there = answers()
    assert all(any(there[who, address][0] == 200 for who in callers.everybody()) for address in LISTS)
    trash.trash(olga, image_id)
    trashed = answers()
    trash.purge(olga, image_id)
    gone = answers()
    for case in there:
        assert there[case] == trashed[case] == gone[case], case
