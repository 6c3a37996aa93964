"""A call that is sent again under its Idempotency-Key, at every operation that makes something."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import TestResponse

from pindeck import db
from pindeck.access import Actor
from pindeck.api.repeats import Repeats
from pindeck.config import Settings
from pindeck.models import (
    Action,
    ApiKey,
    Board,
    BoardSection,
    CanvasObject,
    Client,
    Deck,
    DeckBlock,
    Export,
    Flow,
    Idempotency,
    Image,
    ImportBatch,
    Job,
    Like,
    Project,
    SavedSearch,
    Source,
    StoredFile,
    Storyboard,
    UploadTicket,
    WebhookDelivery,
)
from pindeck.services.boards import boards
from pindeck.services.boards.decks import blocks, decks
from pindeck.services.boards.storyboards import storyboards
from pindeck.services.clients import idempotency
from pindeck.services.clients.webhooks import registry
from pindeck.services.clients.webhooks.events import Event
from pindeck.services.images import ledger, undoing
from pindeck.services.ingest.sources import sources
from pindeck.states import Role
from tests.api.extending import as_data_url
from tests.api.gallery import HOSTED, store
from tests.api.test_leaks import endpoints
from tests.conftest import ChangeSettings, add_person
from tests.factories import make_active, make_row, new_photo, objects
from tests.programs import Program, ProgramFor, new_key, refused

API = "/api/v1"
PHOTOS = [new_photo(), new_photo()]
# Of the operations that are asked for with POST, those whose second call changes nothing that the first did not.
HARMLESS = {
    "restore_image", "approve_image", "reject_image", "increment_views", "backfill_generations", "backfill_persistence",
    "clear_stale_processing", "finalize_uploads", "delete_images", "delete_many", "upload", "ingest",
    "queue", "test_source", "accept_proposal", "accept_proposals",
    "refuse_proposal", "refuse_proposals", "send_webhook_delivery_again",
    "accept_many", "refuse_many", "count_proposals", "plan_analysis", "stop_analysis", "cancel", "retry", "backfill_storage",
    "quarantine_broken", "add_board_images", "freeze_board", "part_copies", "put_into_row",
    "merge_projects", "change_many", "tend_tag", "tend_field", "find_about_tags", "look_at_news",
}  # fmt: skip
REFUSED = {
    "create_client", "create_key", "create_webhook", "renew_webhook_secret", "share_board", "share_storyboard", "share_deck", "generate_upload_url", "ask_upload_url", "rotate_url", "sign_in",
}  # fmt: skip
MADE = (
    Action, ApiKey, Board, BoardSection, CanvasObject, Client, Deck, DeckBlock, Export, Flow, Image, ImportBatch, Job, Like, Project, SavedSearch, Source, StoredFile, Storyboard, UploadTicket, WebhookDelivery,
)  # fmt: skip


@dataclass
class Scene:
    """Callers and what their calls name. `of` gives the address and the options of the first or another call."""

    program: Program
    extension: Program
    twin: Program
    picture: str
    stored: list[str]
    webhooks: list[str]
    board: str
    storyboard: str
    deck: str
    blocks: list[str]
    done: list[str]
    undone: list[str]
    copies: list[str]
    person: str
    bot: Program
    sources: list[str]

    def of(self, name: str, another: int = 0) -> tuple[Program, str, dict[str, Any]]:
        number = f" {another}"
        photo = PHOTOS[another]
        form: Callable[..., dict[str, Any]] = lambda **more: {  # noqa: E731
            "data": {**more}, "content_type": "multipart/form-data",
        }  # fmt: skip
        pictures = f"{API}/extension/images"
        calls: dict[str, tuple[Program, str, dict[str, Any]]] = {
            "create_flow": (self.program, f"{API}/flows", {"query_string": "project=library"} if another else {}),
            "images.upload": (self.program, f"{API}/images/upload", form(file=(BytesIO(photo), "a.jpg"), alias="@hero")),
            "create_project": (self.program, f"{API}/projects", {"json": {"name": "New" + number}}),
            "create_image": (
                self.program, f"{API}/library/images",
                {"json": {"title": "A" + number, "imageUrl": HOSTED, "tags": [], "category": "Film"}},
            ),
            "create_external_image": (
                self.program, f"{API}/library/images/external", {"json": {"title": "B" + number, "imageUrl": HOSTED + "x"}},
            ),
            "upload_multiple": (
                self.program, f"{API}/library/uploads",
                {"json": {"uploads": [{"storageId": self.stored[another], "title": "A", "category": "Film", "tags": []}]}},
            ),
            "toggle_like": (
                self.program, f"{API}/library/images/{self.picture}/like", {"query_string": "x=1"} if another else {}
            ),
            "create_batch": (
                self.program, f"{API}/library/batches", {"json": {"sourceType": ("pinterest", "discord")[another]}}
            ),
            "create_analysis": (
                self.program, f"{API}/library/analyses", {"json": ({"ids": [self.picture]}, {"all": True})[another]}
            ),
            "create_source": (self.program, f"{API}/sources", {"json": {"kind": "links", "name": "C" + number, "links": [HOSTED]}}),
            "create_board": (self.program, f"{API}/boards", {"json": {"name": "B" + number}}),
            "create_storyboard": (self.program, f"{API}/storyboards", {"json": {"boardId": self.board, "title": "B" + number}}),
            "duplicate_storyboard": (self.program, f"{API}/storyboards/{self.storyboard}/duplicate", {"json": {"title": "B" + number}}),
            "create_deck": (self.program, f"{API}/decks", {"json": {"title": "B" + number}}),
            "duplicate_deck": (self.program, f"{API}/decks/{self.deck}/duplicate", {"json": {"title": "B" + number}}),
            "add_deck_block": (self.program, f"{API}/decks/{self.deck}/blocks", {"json": {"kind": "tone", "title": "B" + number}}),
            "duplicate_deck_block": (self.program, f"{API}/decks/{self.deck}/blocks/{self.blocks[another]}/duplicate", {}),
            "create_export": (self.program, f"{API}/exports", {"json": {"of": {"board": self.board}, "kind": "contact", "columns": 2 + another}}),
            "duplicate_board": (self.program, f"{API}/boards/{self.board}/duplicate", {"json": {"name": "B" + number}}),
            "add_board_section": (self.program, f"{API}/boards/{self.board}/sections", {"json": {"name": "B" + number}}),
            "add_canvas_object": (self.program, f"{API}/boards/{self.board}/objects", {"json": {"kind": "note", "text": "N" + number}}),
            "save_search": (self.program, f"{API}/searches", {"json": {"name": "S" + number, "query": "rain"}}),
            "undo_action": (self.program, f"{API}/actions/{self.done[another]}/undo", {}),
            "redo_action": (self.program, f"{API}/actions/{self.undone[another]}/redo", {}),
            "merge_copies": (self.program, f"{API}/library/merge", {"json": {"keep": self.picture, "ids": [self.copies[another]]}}),
            "test_webhook": (self.program, f"{API}/webhooks/{self.webhooks[another]}/test", {}),
            "order_variations": (
                self.program, f"{API}/generations", {"json": {"imageId": self.picture, "variationCount": 1 + another}}
            ),
            "moderate": (
                self.bot, "/discordModerate",
                {"json": {"userId": self.person, "imageId": self.picture, "action": "generate", "variationCount": 1 + another}},
            ),
            "analyse": (
                self.bot, "/smartAnalyzeImage", {"json": {"userId": self.person, "imageId": self.picture, "imageUrl": HOSTED, "variationCount": 1 + another}},
            ),
            "run_source": (self.program, f"{API}/sources/{self.sources[another]}/run", {}),
            "extension.upload": (self.extension, pictures, {"data": photo, "content_type": "image/jpeg"}),
            "upload_batch": (self.extension, f"{pictures}/batch", form(data=[(BytesIO(photo), "a.jpg"), (BytesIO(photo), "b.jpg")])),
            "upload_data_url": (self.extension, f"{pictures}/data-url", {"json": {"dataUrl": as_data_url(photo)}}),
            "store": (self.program, f"{API}/storage", {"data": b"file" + number.encode()}),
            "fetch": (self.program, f"{API}/storage/fetch", {"json": {"url": HOSTED + str(another)}}),
            "sweep": (self.program, f"{API}/admin/sweeps", {"json": {"names": ["trash", "blobs"][: another + 1]}}),
        }  # fmt: skip
        return calls[name]

    def call(self, name: str, key: str = "one", another: int = 0, by: Program | None = None) -> TestResponse:
        caller, path, options = self.of(name, another)
        headers = {**options.pop("headers", {}), "Idempotency-Key": key}
        return (by or caller).post(path, headers=headers, **options)


CREATING = (
    "create_flow", "images.upload", "create_project", "create_image", "create_external_image", "upload_multiple",
    "toggle_like", "create_batch", "create_analysis", "create_source", "create_board", "duplicate_board",
    "create_storyboard", "duplicate_storyboard", "create_deck", "duplicate_deck", "add_deck_block", "duplicate_deck_block",
    "create_export", "moderate", "analyse", "run_source",
    "add_board_section", "add_canvas_object", "save_search", "undo_action", "redo_action", "merge_copies", "test_webhook", "order_variations", "extension.upload", "upload_batch", "upload_data_url", "store",
    "fetch", "sweep",
)  # fmt: skip


@pytest.fixture
def scene(program_for: ProgramFor, settings: Settings, olga: Actor, change_settings: ChangeSettings) -> Scene:
    admin = add_person(settings, Role.ADMIN, "Anna")
    program, twin = (program_for(new_key("master", actor=admin)) for _ in range(2))
    extension = program_for(new_key("extension", identifier="x", install_scope="user", actor=olga))
    picture = make_active(olga).id
    change_settings(vision_base_url="http://127.0.0.1:9/v1")
    webhooks = [registry.create(admin, url=f"https://a.example/{n}", events=list(Event))[0].webhook.id for n in (1, 2)]
    board = boards.create(admin, name="A board")[0].id
    storyboard = storyboards.create(admin, board)[0].id
    deck = decks.create(admin, ids=[picture])[0].id
    done, undone = ([str(ledger.set_many(admin, [make_row(olga).id], {"genre": "Noir"})) for _ in range(2)] for _ in range(2))
    for action_id in undone:
        undoing.undo(admin, action_id)
    copies = [make_active(olga).id for _ in range(2)]
    bot = program_for(new_key("master", actor=olga, scopes=["ingest", "moderate"]))
    links = [sources.create(admin, "links", links=[HOSTED]).source.id for _ in range(2)]
    return Scene(program, extension, twin, picture, [store(program), store(program)], webhooks, board, storyboard, deck, [block.id for block in blocks.read(deck)], done, undone, copies, str(olga.user_id), bot, links)


def made() -> list[int]:
    return [model.select().count() for model in MADE] + [len(objects())]


def test_every_operation_says_what_a_repeat_does() -> None:
    found = {endpoint.operation.name: endpoint.operation for endpoint in endpoints() if endpoint.method == "post"}
    assert {name for name, about in found.items() if about.repeats == Repeats.HARMLESS} == HARMLESS
    assert {name for name, about in found.items() if about.repeats == Repeats.REFUSED} == REFUSED
    heeding = {name for name, about in found.items() if about.repeats in (Repeats.WHOLE, Repeats.BYTES)}
    assert heeding == {name.replace("images.upload", "upload_image").replace("extension.upload", "upload_image") for name in CREATING}


@pytest.mark.parametrize("name", CREATING)
def test_a_key_stands_for_one_request_and_its_first_answer(scene: Scene, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was done and its answer are one transaction: a call that dies with its answer leaves nothing and may be sent again."""
    before = made()
    with monkeypatch.context() as dying:
        dying.setattr(idempotency.Request, "keep", die)
        with pytest.raises(KeyboardInterrupt):
            scene.call(name)
    assert (made()[:-1], Idempotency.select().count()) == (before[:-1], 0)

    first = scene.call(name)
    assert first.status_code in (200, 201, 202), first.text
    then = made()
    assert then[:-1] != before[:-1]
    for _ in range(2):
        again = scene.call(name)
        assert (again.status_code, again.data) == (first.status_code, first.data)
        for header in ("Content-Type", "ETag", "Location", "Cache-Control"):
            assert again.headers.get(header) == first.headers.get(header)
    assert made() == then

    other = scene.call(name, another=1)
    if name == "upload_batch":  # each part is refused by itself
        assert [list(item) for item in other.json] == [["error"], ["error"]]
    else:
        refused(other, 409, "IDEMPOTENCY_KEY_REUSED")
    assert made() == then
    if name not in ("upload_multiple", "order_variations", "create_analysis", "moderate", "analyse"):  # what they name is used now
        assert scene.call(name, key="two", another=1).status_code in (200, 201, 202)


def die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_keys_of_two_clients_never_meet(scene: Scene) -> None:
    first, other = (scene.call("create_flow", by=by).json["data"]["id"] for by in (scene.program, scene.twin))
    assert first != other
    assert scene.call("create_flow", by=scene.twin).json["data"]["id"] == other


def test_after_its_time_a_key_is_new(scene: Scene) -> None:
    first = scene.call("create_flow").json["data"]["id"]
    Idempotency.update(created_at=db.now_ms() - idempotency.HOURS * db.HOUR_MS).execute()
    assert scene.call("create_flow").json["data"]["id"] != first


def test_an_error_is_not_kept(scene: Scene) -> None:
    taken = {"json": {"name": "Taken"}, "headers": {"Idempotency-Key": "one"}}
    holder = Project.get(Project.id == scene.program.post(f"{API}/projects", json=taken["json"]).json["data"]["id"])
    refused(scene.program.post(f"{API}/projects", **taken), 409, "CONFLICT")
    Project.update(name="Other", slug="other", name_key="other").where(Project.id == holder.id).execute()
    assert scene.program.post(f"{API}/projects", **taken).status_code == 201


def test_a_key_that_is_none_is_refused(scene: Scene) -> None:
    before = made()
    for name in CREATING:
        assert "Idempotency-Key" in refused(scene.call(name, key="x" * 256), 400, "VALIDATION_ERROR"), name
    assert made() == before


def test_what_answers_a_secret_refuses_a_key(scene: Scene, program_for: ProgramFor) -> None:
    before = made()
    client_id = Client.select().first().id
    for path, options in (
        ("storage/upload-url", {}),
        ("library/upload-url", {}),
        (f"storage/{scene.stored[0]}/rotate-url", {}),
        ("admin/clients", {"json": {"kind": "master"}}),
        (f"admin/clients/{client_id}/keys", {}),
    ):
        answer = scene.program.post(f"{API}/{path}", headers={"Idempotency-Key": "one"}, **options)
        refused(answer, 400, "IDEMPOTENCY_KEY_NOT_HEEDED")
    assert made() == before
