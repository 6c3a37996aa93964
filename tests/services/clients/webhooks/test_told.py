"""What programs are told: each event once, with its cause, signed, and nothing of what is hidden."""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.models import Image, Job, Webhook, WebhookDelivery
from pindeck.services.clients.webhooks import registry
from pindeck.services.clients.webhooks.events import Event
from pindeck.services.images import moderation, publishing, review, trash, undoing
from pindeck.services.ingest import external
from pindeck.services.ingest.external import Candidate
from pindeck.states import AiStatus, ImageStatus, Origin, Visibility
from tests.conftest import count_queries
from tests.factories import make_active, make_row
from tests.servers.receiver import Receiver

URL = "https://pictures.example/a.jpg"
Work = Callable[[], None]


def draft(actor: Actor, **columns: object) -> Image:
    return make_row(actor, status=ImageStatus.DRAFT, **columns)


def test_each_event_is_told_once_with_its_picture_and_who_did_it(
    olga: Actor, webhook: Webhook, receiver: Receiver, work: Work
) -> None:
    image = make_active(olga, title="Wet street", tags=["rain"])
    assert receiver.told == ["image.described", "image.published"]
    published = receiver.messages[1]
    assert published.path == "/hook?for=pindeck" and published.headers["content-type"] == "application/json"
    assert published.json["data"] == {
        "image": {
            "id": image.id, "status": "active", "title": "Wet street", "description": "", "tags": ["rain"],
            "category": "General", "group": None, "project": None, "sourceType": "upload",
            "pageUrl": f"https://pins.example/images/{image.id}",
            "imageUrl": f"https://pins.example/i/{image.id}?size=large",
        },
        "by": {"id": olga.user_id, "name": "Olga"},
    }  # fmt: skip
    assert receiver.messages[0].json["data"]["by"] is None
    waiting = external.create_external(olga, Candidate(URL, {}, origin=Origin.DISCORD))
    Job.update(status="completed").where(Job.kind == "fetch_image").execute()
    for _ in range(2):
        moderation.approve(olga, waiting)
    trash.trash(olga, waiting)
    work()
    assert receiver.told[2:] == ["image.approved", "image.discarded"]
    assert receiver.messages[2].json["data"]["image"]["status"] == "draft"
    trash.trash(olga, image.id)  # it was in the library, so nobody discards it
    trash.purge(olga, waiting)
    work()
    assert len(receiver.told) == 4
    approved = external.create_external(olga, Candidate(URL, {}, origin=Origin.PINTEREST, moderated=True))
    Image.update(ai_status=AiStatus.COMPLETED).where(Image.id == approved).execute()
    Job.update(status="completed").where(Job.kind != "tell_program").execute()
    moderation.approve(olga, approved)
    external.create(olga, Candidate("https://pictures.example/b.jpg", {}))
    Job.update(status="completed").where(Job.kind != "tell_program").execute()
    work()
    assert sorted(receiver.told[4:]) == ["image.approved", "image.published", "image.published"]
    assert len({message.id for message in receiver.messages}) == len(receiver.messages)


def test_what_is_kept_and_published_in_one_press_is_told_as_both(
    olga: Actor, webhook: Webhook, receiver: Receiver, work: Work
) -> None:
    waiting = make_row(olga, status=ImageStatus.PENDING, origin=Origin.DISCORD, ai_status=AiStatus.COMPLETED)
    review.publish(olga, [waiting.id, draft(olga).id])
    work()
    assert sorted(receiver.told) == ["image.approved", "image.published", "image.published"]
    assert {message.json["data"]["image"]["status"] for message in receiver.messages} == {"active"}


def test_a_receiver_can_check_that_a_message_is_ours(olga: Actor, mo: Actor, receiver: Receiver, work: Work) -> None:
    view, secret = registry.create(mo, url=receiver.url, events=["image.published"])
    for is_new in (False, True):
        told = registry.renew(mo, view.webhook.id)[1] if is_new else secret
        publishing.publish(olga, draft(olga).id)
        work()
        message = receiver.messages[-1]
        signed = f"{message.id}.{message.headers['webhook-timestamp']}.".encode() + message.body
        made = hmac.new(base64.b64decode(told.removeprefix("whsec_")), signed, hashlib.sha256).digest()
        assert message.headers["webhook-signature"] == f"v1,{base64.b64encode(made).decode()}"
        assert abs(int(message.headers["webhook-timestamp"]) - time.time()) < 60
        assert told not in Webhook.get().secret and len(base64.b64decode(told.removeprefix("whsec_"))) == 32
    assert receiver.messages[0].headers["webhook-signature"] != receiver.messages[1].headers["webhook-signature"]


def test_only_what_is_asked_for_is_told_and_only_after_its_cause(
    olga: Actor, mo: Actor, webhook: Webhook, receiver: Receiver, work: Work
) -> None:
    registry.update(mo, webhook.id, events=["image.discarded"])
    publishing.publish(olga, draft(olga).id)
    with pytest.raises(RuntimeError), db.writing():
        trash.put_in(olga, [draft(olga).id])
        raise RuntimeError
    work()
    assert receiver.messages == [] and WebhookDelivery.select().count() == 0
    registry.update(mo, webhook.id, disabled=True)
    trash.trash(olga, draft(olga).id)
    work()
    assert receiver.messages == []


def test_nothing_is_told_of_hidden_pictures(olga: Actor, webhook: Webhook, receiver: Receiver, work: Work) -> None:
    for visibility in (Visibility.PRIVATE, Visibility.UNLISTED):
        publishing.publish(olga, draft(olga, visibility=visibility).id)
        trash.trash(olga, draft(olga, visibility=visibility).id)
    assert WebhookDelivery.select().count() == 0
    shy = make_row(olga, title="Secret", visibility=Visibility.PRIVATE)
    moderation.update(olga, shy.id, {}, visibility="library")
    work()
    assert receiver.told == ["image.published"]
    hidden = draft(olga, title="Hidden")
    publishing.publish(olga, hidden.id)
    moderation.update(olga, hidden.id, {}, visibility="private")  # before a worker came to it
    work()
    assert receiver.told == ["image.published"]
    assert WebhookDelivery.get(WebhookDelivery.image_id == hidden.id).state == "withheld"


def test_many_pictures_are_told_in_as_many_statements_and_none_without_a_webhook(olga: Actor, webhook: Webhook) -> None:
    def statements(count: int) -> int:
        ids = [draft(olga, persist_status="pending").id for _ in range(count)]
        with count_queries() as seen:
            publishing.publish_many(olga, ids)
        return len(seen)

    statements(1)  # the job that sends is asked for once
    few = statements(2)
    assert statements(40) == few and WebhookDelivery.select().count() == 43
    Webhook.update(events=[Event.DISCARDED]).execute()
    assert statements(2) < few and WebhookDelivery.select().count() == 43


def test_what_is_taken_back_is_not_told_again(olga: Actor, webhook: Webhook, receiver: Receiver, work: Work) -> None:
    found = publishing.publish(olga, draft(olga).id)
    undoing.undo(olga, str(found.action_id))
    work()
    assert receiver.told == ["image.published"]
