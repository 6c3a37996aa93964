"""Emojis, presets and links as people write them in settings and messages."""

import json

import pytest

from pindeck.discord import cards, commands, emojis, messages, pictures, presets
from pindeck.errors import SettingError
from pindeck.setting_types import presets_of
from tests.conftest import load_settings


@pytest.fixture
def engine():
    return "sqlite"


@pytest.mark.parametrize(
    ("text", "emoji", "same"),
    [
        ("📌", {"name": "📌"}, True), (":pushpin:", {"name": "📌", "id": None}, True), ("push pin", {"name": "📌"}, True),
        ("inbox_tray", {"name": "📥"}, True), ("📌", {"name": "📥"}, False), ("🏞️", {"name": "🏞"}, True),
        ("<:keep:123>", {"name": "keep", "id": "123"}, True), ("<a:keep:123>", {"name": "other", "id": "123"}, True),
        ("<:keep:123>", {"name": "keep", "id": "9"}, False), ("123", {"name": "keep", "id": "123"}, True), (":keep:", {"name": "keep", "id": "9"}, True),
        ("", {"name": ""}, False), ("📌", {}, False), ("📌", {"name": 5}, False),
    ],
)  # fmt: skip
def test_an_emoji_is_known_however_it_is_written(text, emoji, same):
    assert emojis.is_same(text, emoji) is same


def test_the_emojis_that_save_are_those_of_the_settings(database, change_settings):
    change_settings(discord_ingest_emojis=" :inbox_tray: , <:keep:123>,")
    assert emojis.saves({"name": "📥"}) and emojis.saves({"name": "x", "id": "123"})
    assert not emojis.saves({"name": "📌"}) and not emojis.saves({"name": ""}) and not emojis.saves({})


def test_presets_are_read_whole_or_refused_in_a_sentence(tmp_path):
    found = presets_of('[{"name": "Wet  Alley!", "url": "https://x.example/a.jpg"}, {"id": "B 2", "label": "%s", "url": "http://x", "emoji": "🌧"}]' % ("l" * 300))
    assert [each["id"] for each in found] == ["wet-alley", "b-2"] and len(found[1]["label"]) == 100
    for wrong in ("{", "{}", "[]", "5", "[5]", '[{"label": "a"}]', '[{"label": "a", "url": "ftp://x"}]', '[{"label": "a", "url": "http://x"}, {"label": "A", "url": "http://y"}]'):
        with pytest.raises(SettingError, match="DISCORD_IMAGES_JSON"):
            load_settings(tmp_path, DISCORD_IMAGES_JSON=wrong)
    with pytest.raises(SettingError) as error:
        load_settings(tmp_path, DISCORD_TOKEN="a secret ü")
    assert "secret" not in str(error.value)
    taken = load_settings(tmp_path, DISCORD_APP_ID="5", DISCORD_DEFAULT_PINDECK_USER_ID="u")
    assert (taken.discord_client_id, taken.pindeck_user_id) == ("5", "u")


def test_what_is_posted_and_offered_is_within_what_discord_takes(database, change_settings):
    assert len(presets.all_of_them()) == 3 and presets.find("forest") and presets.find("none") is None
    many = [{"label": f"{n} {'l' * 200}", "url": f"https://x/{n}", "emoji": f"e{n}"} for n in range(25)]
    change_settings(discord_images_json=json.dumps(many))
    assert len(presets.with_emojis()) == 20
    assert len(cards.panel(presets.with_emojis())["content"]) <= 2000
    choices = next(each for each in commands.all_of_them()[0]["options"] if each["name"] == "send")["options"][0]["choices"]
    assert len(choices) == 25 and all(len(each["name"]) <= 100 for each in choices)
    for command in commands.all_of_them()[0]["options"]:
        assert len(command["description"]) <= 100 and all(len(option["description"]) <= 100 for option in command["options"])
        wanted = [option["required"] for option in command["options"]]
        assert wanted == sorted(wanted, reverse=True)  # Discord refuses a required one behind others
    assert cards.is_panel(cards.panel([])) and not cards.is_panel({"content": "Pindeck panel"}) and not cards.is_panel({})


def test_links_of_messages_and_pages_that_only_a_mirror_shows():
    assert messages.link_of(" https://discord.com/channels/1/2/3 ") == ("1", "2", "3")
    assert messages.link_of("<https://ptb.discordapp.com/channels/@me/2/3/>") == ("@me", "2", "3")
    for wrong in ("", "https://discord.com/channels/1/2", "https://evil.example/channels/1/2/3", "https://discord.com/channels/a/2/3"):
        assert messages.link_of(wrong) is None
    assert pictures.page_to_read("https://x.com/ava/status/1?s=20") == "https://fxtwitter.com/ava/status/1"
    assert pictures.page_to_read("https://mobile.twitter.com/a") == "https://fxtwitter.com/a"
    assert pictures.page_to_read("https://netflix.com/a") == "https://netflix.com/a"
