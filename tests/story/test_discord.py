"""A bot of ours in Discord: real processes, discord.py on a gateway of ours, and a machine that looks at pictures."""

import json
import signal
from collections.abc import Iterator

import pytest

from pindeck.access import Actor
from pindeck.models import Action, Activity, Image, Job, Project
from pindeck.services.accounts import accounts
from pindeck.services.clients import discord_people
from pindeck.services.maintenance import workers
from tests.factories import new_photo
from tests.servers.discord_gateway import APPLICATION, CHANNEL, GUILD, TOKEN, Discord, serving
from tests.servers.vision import VisionServer
from tests.stack import Stack, kill_group, wait_for

ROLE = ("7",)


@pytest.fixture(scope="module")
def discord() -> Iterator[Discord]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def vision() -> Iterator[VisionServer]:
    server = VisionServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, discord: Discord, vision: VisionServer) -> Iterator[Stack]:
    host = discord.base.removeprefix("http://")
    made = Stack(
        tmp_path_factory.mktemp("discord"),
        {
            "DISCORD_TOKEN": TOKEN, "DISCORD_API_BASE_URL": discord.api, "DISCORD_GUILD_ID": GUILD, "DISCORD_MODERATOR_ROLE": ROLE[0],
            "DISCORD_STATUS_WEBHOOK_URL": discord.webhook, "FETCH_ALLOW_HOSTS": host, "VISION_BASE_URL": vision.base,
            "VISION_MODEL": "good", "GENERATION_BACKEND": "simulated", "LOG_LEVEL": "info",
        },
    )  # fmt: skip
    with made.bound():
        olga = accounts.create("olga@example.org", "a long enough password", name="Olga")
    made.environ["PINDECK_USER_ID"] = olga.id
    made.start_worker()
    made.start_bot()
    wait_for(lambda: discord.identified, 60, "the bot to identify itself", made.log)
    yield made
    made.stop()


def answer(stack: Stack, discord: Discord, interaction_id: str) -> dict:
    wait_for(lambda: interaction_id in discord.callbacks, 60, "an answer", stack.log)
    return discord.callbacks[interaction_id]


def command(name: str, **options: object) -> dict:
    given = [{"name": each, "value": value, "type": 3} for each, value in options.items()]
    return {"id": "5", "name": "images", "type": 1, "guild_id": GUILD, "options": [{"name": name, "type": 1, "options": given}]}


def press(custom_id: str) -> dict:
    return {"custom_id": custom_id, "component_type": 2, "id": 1}


def test_01_the_bot_tells_its_commands_and_its_heart_beats(stack: Stack, discord: Discord) -> None:
    told = discord.commands[f"/applications/{APPLICATION}/guilds/{GUILD}/commands"]
    assert [each["name"] for each in told] == ["images", "Save to Pindeck"]
    before = discord.heartbeats
    wait_for(lambda: discord.heartbeats > before + 1, 60, "two heartbeats", stack.log)
    with stack.bound():
        wait_for(lambda: workers.judge_bot().is_well, 60, "the bot to say that it is connected", stack.log)


def test_02_an_emoji_saves_a_message_and_the_channel_is_told(stack: Stack, discord: Discord) -> None:
    discord.pictures["rain.jpg"] = new_photo()
    attachment = {"id": "1", "filename": "rain.jpg", "size": 1, "url": f"{discord.base}/attachments/rain.jpg", "content_type": "image/jpeg"}
    message = discord.write("A wet alley sref 1234", attachments=[attachment])
    discord.react(message, roles=())  # somebody who may not
    discord.react(message, roles=ROLE, bot=True)
    discord.react(message, roles=ROLE, emoji="👍")
    discord.impatient = 1
    discord.react(message, roles=ROLE)
    wait_for(lambda: any("saved for <@42>" in each["content"] for each in discord.in_channel()), 60, "the confirmation", stack.log)
    discord.react(message, roles=ROLE)  # again
    wait_for(lambda: sum("saved for <@42>" in each["content"] for each in discord.in_channel()) == 2, 60, "the second one", stack.log)
    with stack.bound():
        image = Image.get()
        assert (image.status, image.origin, image.sref) == ("pending", "discord", "1234")
        assert Job.select().where(Job.kind == "save_from_discord").count() == 2
        wait_for(lambda: Image.get().persist_status == "succeeded", 60, "the picture to be stored", stack.log)
    confirmed = next(each for each in discord.in_channel() if "saved for" in each["content"])
    assert confirmed["content"] == f"1 picture of message {message['id']} saved for <@42>, sref 1234."
    assert confirmed["allowed_mentions"] == {"parse": [], "users": ["42"]}
    wait_for(lambda: any("Event: queued" in each["content"] for each in discord.in_channel()), 60, "the webhook", stack.log)


def test_03_a_card_is_kept_described_and_published_after_a_connection_that_broke(stack: Stack, discord: Discord, vision: VisionServer) -> None:
    discord.cut()
    wait_for(lambda: discord.resumed, 60, "the bot to resume", stack.log)
    shown = answer(stack, discord, discord.interact(command("review"), roles=ROLE))["data"]
    approve = shown["components"][0]["components"][0]["custom_id"]
    image_id = approve.rpartition(":")[2]
    refused = answer(stack, discord, discord.interact(press(approve), kind=3, user="99", name="eve", message=_message(shown)))
    assert refused["data"]["flags"] == 64 and "You may not" in refused["data"]["content"]
    kept = answer(stack, discord, discord.interact(press(approve), kind=3, roles=ROLE, message=_message(shown)))
    assert kept["type"] == 7 and "approved. (ava)" in kept["data"]["embeds"][0]["footer"]["text"]
    with stack.bound():
        wait_for(lambda: Image.get(Image.id == image_id).ai_status == "completed", 60, "the description", stack.log)
        image = Image.get(Image.id == image_id)
        assert image.status == "draft" and image.description == "A wet alley sref 1234" and vision.requests
        noted = Activity.get(Activity.verb == "image.approve")
        assert noted.detail["discord"] == {"id": "42", "name": "ava"}
        assert Action.get(Action.verb == "image.approve").detail["discord"]["name"] == "ava"
    publish = next(each for each in kept["data"]["components"][0]["components"] if ":publish:" in each["custom_id"])
    done = answer(stack, discord, discord.interact(press(publish["custom_id"]), kind=3, roles=ROLE, message=_message(kept["data"])))
    assert "published. (ava)" in done["data"]["embeds"][0]["footer"]["text"]
    with stack.bound():
        assert Image.get(Image.id == image_id).status == "active"


def _message(data: dict) -> dict:
    return {
        "id": "555", "channel_id": CHANNEL, "content": data.get("content", ""), "embeds": data.get("embeds", []), "components": data["components"],
        "author": {"id": "901", "username": "pindeck", "discriminator": "0", "avatar": None, "bot": True}, "attachments": [], "mentions": [],
        "mention_roles": [], "mention_everyone": False, "pinned": False, "tts": False, "type": 0, "edited_timestamp": None,
        "timestamp": "2026-11-01T00:00:00+00:00",
    }  # fmt: skip


def test_04_buttons_below_the_message_of_an_approved_picture_make_variations(stack: Stack, discord: Discord) -> None:
    wait_for(lambda: any(_buttons(each) for each in discord.in_channel()), 60, "the buttons", stack.log)
    message = next(each for each in discord.in_channel() if _buttons(each))
    assert [button["label"] for button in _buttons(message)] == ["Shot", "Action", "Coverage", "B-Roll", "Style", "Subtle"]
    told = answer(stack, discord, discord.interact(press(_buttons(message)[0]["custom_id"]), kind=3, roles=ROLE, message=message))
    assert "2 variations are started. (ava)" in told["data"]["content"]
    assert [each.get("disabled", False) for each in _buttons(told["data"])] == [True, False, False, False, False, False]
    wait_for(lambda: sum("Event: generated" in each["content"] for each in discord.in_channel()) == 2, 60, "two variations", stack.log)
    assert any("Event: generation_started" in each["content"] and "User: ava" in each["content"] for each in discord.in_channel())


def _buttons(message: dict) -> list[dict]:
    buttons = [button for row in message.get("components") or [] for button in row["components"]]
    return [each for each in buttons if str(each.get("custom_id")).startswith("pindeck_var:")]


def test_05_whoever_links_their_account_saves_for_themselves_and_a_thread_belongs_to_a_project(stack: Stack, discord: Discord) -> None:
    with stack.bound():
        sam = accounts.create("sam@example.org", "a long enough password", name="Sam")
        code = discord_people.make_code(Actor(sam.id, sam.role))
    wrong = answer(stack, discord, discord.interact(command("link", code="AAAAAAAAAA"), user="43000", name="sam"))
    assert "not known" in wrong["data"]["content"]
    linked = answer(stack, discord, discord.interact(command("link", code=code), user="43000", name="sam"))
    assert "You are Sam" in linked["data"]["content"]
    bound = answer(stack, discord, discord.interact(command("bind", project="Night"), user="43000", name="sam"))
    assert "“Night”" in bound["data"]["content"]
    discord.pictures["fog.jpg"] = new_photo(size=(320, 200))
    discord.write(attachments=[{"id": "2", "filename": "fog.jpg", "size": 1, "url": f"{discord.base}/attachments/fog.jpg", "content_type": "image/jpeg"}])
    waits = discord.interact(command("import"), user="43000", name="sam")
    assert answer(stack, discord, waits)["type"] == 5
    wait_for(lambda: f"token-{waits}" in discord.edits, 60, "the answer that comes later", stack.log)
    assert "waits for approval" in discord.edits[f"token-{waits}"]["content"]
    with stack.bound():
        image = Image.get(Image.user == sam.id)
        assert image.status == "pending" and Project.get_by_id(image.project_id).name == "Night"


def test_06_a_panel_posts_pictures_by_emojis(stack: Stack, discord: Discord) -> None:
    assert "moment" in answer(stack, discord, discord.interact(command("panel"), roles=ROLE))["data"]["content"]
    wait_for(lambda: len(discord.reactions) == 3, 60, "the emojis", stack.log)
    panel = next(each for each in discord.in_channel() if "Pindeck panel" in each["content"])
    discord.react(panel, emoji="🌲", roles=ROLE)
    wait_for(lambda: any(each["embeds"] and each["embeds"][0].get("title") == "Forest" for each in discord.in_channel()), 60, "it", stack.log)


def test_07_administrators_and_the_doctor_hear_that_the_bot_is_gone(stack: Stack, discord: Discord) -> None:
    def said() -> dict[str, str]:
        return {each["part"]: each["message"] for each in json.loads(stack.run("doctor", "--json", check=False))}

    assert said()["discord"] == "The bot is connected to Discord."
    bot = stack.workers[-1]
    bot.send_signal(signal.SIGTERM)
    assert bot.wait(30) == 0
    assert "No bot is connected" in said()["discord"]
    killed, before = stack.start_bot(), len(discord.identified)
    with stack.bound():
        wait_for(lambda: workers.judge_bot().is_well, 60, "another bot", stack.log)
        assert len(discord.identified) == before + 1
        kill_group(killed)
        wait_for(lambda: not workers.judge_bot().is_well, 60, "the workers to see that it has died", stack.log)
