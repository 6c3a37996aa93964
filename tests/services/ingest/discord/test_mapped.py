"""Permission by person: who linked an account acts as that account, beside those who hold the role."""

import pytest

from pindeck.models import Action, DiscordThread, Generation, Image, Job, Project, User
from pindeck.services.actions import shown
from pindeck.services.clients import discord_people
from pindeck.services.images import moving
from pindeck.services.ingest.discord import events, interactions
from pindeck.states import ImageStatus, PersistStatus, Role
from tests.factories import fresh, make_active, make_row
from tests.services.ingest.discord.asking import MESSAGE, SAM, command, press

BOTH = {**SAM, "roles": ["7"]}
PERSON = {"user": {"id": "42", "username": "ava"}, "roles": ["7"]}


@pytest.fixture
def environ():
    return {"DISCORD_MODERATOR_ROLE": "7", "DISCORD_TOKEN": "x"}


@pytest.fixture(autouse=True)
def accounts(olga, sam, mo, change_settings):
    change_settings(pindeck_user_id=olga.user_id)
    discord_people.link(mo, "43000", "sam@example.org", name="sam")


def ask(body, member=SAM, **more):
    return interactions.answer({"guild_id": "1", "channel_id": "2", "application_id": "900", "token": "t", "member": member, **body, **more})


def said(answer):
    return answer["data"].get("content") or answer["data"]["embeds"][0]["footer"]["text"]


def waiting(actor, **more):
    return make_row(actor, status="pending", origin="discord", ai_status="queued", **more)


def test_a_person_decides_about_their_own_pictures_alone(olga, sam):
    mine, theirs = waiting(sam), waiting(olga)
    assert "approved. (sam)" in said(ask(press(f"pindeck_mod:approve:{mine.id}"), message={"embeds": [], "components": []}))
    assert "failed" in said(ask(press(f"pindeck_mod:approve:{theirs.id}")))
    assert "no such" in said(ask(command("reject", image_id=theirs.id))).lower() and fresh(theirs).status == "pending"
    action = Action.get(Action.verb == "image.approve")
    assert (action.user_id, action.detail["discord"]) == (sam.user_id, {"id": "43000", "name": "sam"})
    assert [each.who for each in shown.list_actions(sam)[0]] == ["Sam, by sam in Discord"]
    private = ask(command("approve", image_id=waiting(sam).id), member=None, user=SAM["user"])  # in a private chat
    assert "APPROVE OK" in said(private)


def test_with_the_role_too_each_picture_is_decided_by_whose_it_is(olga, sam):
    mine, theirs = waiting(sam, title="Mine"), waiting(olga, title="Theirs")
    cards = ask(command("review"), BOTH)["data"]["embeds"]
    assert {each["title"] for each in cards} == {"Mine", "Theirs"}
    for image in (mine, theirs):
        assert "APPROVE OK" in said(ask(command("approve", image_id=image.id), BOTH))
    assert {(row.user_id, row.total) for row in Action.select()} == {(sam.user_id, 1), (olga.user_id, 1)}
    assert [each["title"] for each in ask(command("review", image_id=mine.id), BOTH)["data"].get("embeds", [])] == []


def test_pictures_are_posted_from_a_menu_and_by_name(change_settings):
    change_settings(discord_images_json='[{"id": "rain", "label": "Rain", "url": "https://x.example/r.png"}]')
    (row,) = ask(command("menu"))["data"]["components"]
    (menu,) = row["components"]
    assert menu["options"] == [{"label": "Rain", "value": "rain"}]
    chosen = ask({"type": 3, "data": {"custom_id": menu["custom_id"], "values": ["rain"]}, "message": {}})
    for answer in (chosen, ask(command("send", preset="rain"))):
        (embed,) = answer["data"]["embeds"]
        assert (embed["title"], embed["image"], embed["footer"]) == ("Rain", {"url": "https://x.example/r.png"}, {"text": "Requested by sam"})
    assert "no longer" in said(ask({"type": 3, "data": {"custom_id": menu["custom_id"], "values": ["snow"]}, "message": {}}))


def test_an_account_that_ended_or_lost_its_rights_opens_nothing(sam):
    image = waiting(sam)
    User.update(disabled_at=1).where(User.id == sam.user_id).execute()
    assert "You may not" in said(ask(command("approve", image_id=image.id)))
    User.update(disabled_at=None, role=Role.GUEST).where(User.id == sam.user_id).execute()
    assert "You may not" in said(ask(command("approve", image_id=image.id)))
    assert fresh(image).status == "pending"


def test_what_is_saved_in_a_bound_thread_is_the_persons_and_of_the_project(sam, mo):
    assert "Name the project" in said(ask(command("bind", project=" ")))
    assert "of a server" in said(ask(command("bind", project="Night"), guild_id=None))
    assert "“Night”" in said(ask(command("bind", project="Night"), channel={"name": "alleys"}))
    saving = {"type": 2, "data": {"name": "Save to Pindeck", "target_id": "3", "resolved": {"messages": {"3": MESSAGE}}}}
    assert "waits for approval" in said(ask(saving))
    image = Image.get()
    assert image.user_id == sam.user_id and Project.get_by_id(image.project_id).name == "Night"
    ask(command("bind", project="Day"))
    assert DiscordThread.get().project.name == "Day" and DiscordThread.select().count() == 1
    moving.remove_empty([DiscordThread.get().project_id])
    assert DiscordThread.select().count() == 1  # a project that a thread belongs to is in use
    assert "no project" in said(ask(command("unbind"))) and "belongs to no project" in said(ask(command("unbind")))
    assert "You may not" in said(ask(command("bind", project="Theirs"), member={"user": {"id": "9"}, "roles": []}))
    assert not Project.select().where(Project.name == "Theirs").exists()


def test_keep_and_publish_is_one_step_or_none(olga, sam):
    stored, not_yet = (make_active(sam) for _ in range(2))
    for image, state in ((stored, PersistStatus.SUCCEEDED), (not_yet, PersistStatus.PENDING)):
        Image.update(status="pending", origin="discord", ai_status="queued", persist_status=state).where(Image.seq == image.seq).execute()
    assert "published. (sam)" in said(ask(press(f"pindeck_mod:publish:{stored.id}"), message={}))
    last = shown.list_actions(sam)[0][0]  # one press, one action
    assert (last.what, last.who, last.about) == ("Published", "Sam, by sam in Discord", stored.title)
    assert not Action.select().where(Action.verb == "image.approve").exists()
    assert "active already" in said(ask(press(f"pindeck_mod:publish:{stored.id}"), message={}))
    assert "still being stored" in said(ask(press(f"pindeck_mod:publish:{not_yet.id}"), message={}))
    assert (fresh(stored).status, fresh(not_yet).status) == (ImageStatus.ACTIVE, ImageStatus.PENDING)


def test_variations_are_ordered_once_a_picture_is_approved(sam):
    image = make_active(sam)
    Image.update(status="pending", origin="discord", ai_status="queued").where(Image.seq == image.seq).execute()
    assert "not approved yet" in said(ask(press(f"pindeck_mod:generate:{image.id}")))
    Image.update(status="draft", ai_status="completed").where(Image.seq == image.seq).execute()
    shown = {"components": [{"type": 1, "components": [{"type": 2, "custom_id": f"pindeck_mod:generate:{image.id}", "label": "2 Generate"}]}]}
    told = ask(press(f"pindeck_mod:generate:{image.id}"), message=shown)
    assert "2 variations are started. (sam)" in told["data"]["content"]
    ended = {each["label"]: each.get("disabled", False) for each in told["data"]["components"][0]["components"]}
    assert ended == {"1 Approve": True, "1 Publish": False, "1 Deny": True, "1 Generate": True}
    assert "at work" in said(ask(command("generate", image_id=image.id, count=99, mode="coverage", detail="rain")))
    assert "failed" in said(ask(press("pindeck_var:coverage:none"))) and "earlier bot" in said(ask(press(f"pindeck_var:opera:{image.id}")))


@pytest.mark.parametrize("how", ["command", "press"])
def test_an_order_that_is_delivered_again_orders_nothing(sam, run_jobs, how):
    image = make_active(sam)
    Image.update(status="draft", ai_status="completed").where(Image.seq == image.seq).execute()
    asked = command("generate", image_id=image.id, count=2) if how == "command" else press(f"pindeck_mod:generate:{image.id}")
    answers = []
    for event_id in ("777", "777", "778"):
        answers.append(said(ask(asked, id=event_id)))
        run_jobs(include_later=True)  # the first order has ended, and another one would be taken
    assert all("2 variations are started" in each for each in answers)
    assert Generation.select().count() == 4, "The second delivery of 777 ordered nothing, the press after it did."


def test_more_cards_than_a_message_takes_follow(sam):
    for _ in range(7):
        waiting(sam)
    shown = ask(command("review", limit=10))["data"]
    following = Job.get(Job.kind == "say_in_discord").payload
    assert (len(shown["embeds"]), len(following["body"]["embeds"])) == (5, 2) and following["reply"] == {"application": "900", "token": "t"}


def test_only_emojis_that_mean_something_of_people_who_may_ask_for_work():
    event = {"user_id": "42", "channel_id": "2", "message_id": "3", "guild_id": "1", "member": PERSON, "emoji": {"id": None, "name": "📌"}}
    for odd in ({}, {"emoji": 5}, {**event, "emoji": {"name": "👍"}}, {**event, "member": {**PERSON, "roles": []}}, {**event, "member": None}):
        events.reacted(odd)
    events.reacted({**event, "member": {**PERSON, "user": {**PERSON["user"], "bot": True}}})
    assert not Job.select().where(Job.kind.contains("discord")).exists()
    for _ in range(2):
        events.reacted(event)
    events.reacted({**event, "emoji": {"name": "🌲"}})
    assert [job.kind for job in Job.select().order_by(Job.id)] == ["save_from_discord", "say_in_discord"]


def test_what_is_delivered_again_is_said_once(sam, change_settings):
    change_settings(discord_images_json='[{"id": "rain", "label": "Rain", "url": "https://x.example/r.png", "emoji": "\U0001f327"}]')
    for _ in range(7):
        waiting(sam)
    for asked, what in ((command("panel"), "panel"), (command("review", limit=10), "follow")):
        for event_id in ("881", "881", "882") if what == "panel" else ("883", "883", "884"):
            assert ask(asked, id=event_id)["type"] == 4
            Job.update(status="completed").where(Job.kind == "say_in_discord").execute()  # what was asked for first is said by now
        assert [job.payload["what"] for job in Job.select().where(Job.kind == "say_in_discord")].count(what) == 2


def test_messages_of_strangers_get_no_buttons(sam, change_settings):
    change_settings(discord_status_webhook_url="https://discord.com/api/webhooks/77/secret")
    image, other = make_row(sam, status="draft", origin="discord"), make_row(sam, status="draft")
    heard = {"id": "3", "channel_id": "2", "webhook_id": "77", "content": f"Event: approved\nImage ID: {image.id}"}
    for odd in ({}, {**heard, "webhook_id": "78"}, {**heard, "content": "Event: approved"}, {**heard, "content": heard["content"].replace("approved", "queued")}):
        events.heard(odd)
    events.heard({**heard, "content": f"Event: approved\nImage ID: {other.id}"})
    assert not Job.select().exists()
    for _ in range(2):
        events.heard(heard)
        Job.update(status="completed").execute()  # two bots may be connected, and one of them be quicker
    assert Job.get().payload["image_id"] == image.id and Job.select().count() == 1
