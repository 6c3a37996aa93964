"""What a message says about its pictures: attachment, embed, link; the best first, each once."""

import pytest

from pindeck.discord import messages, pictures

CDN = "https://cdn.discordapp.com/attachments/1/2/a.png?ex=1"


def read(most=10, **message):
    return messages.read({"id": "3", "channel_id": "2", **message}, guild_id="1", most=most)


def test_links_are_found_in_text_as_people_write_it():
    text = "see <https://a.example/x.jpg>, (https://b.example/y.png). https://a.example/x.jpg! https://c.example/?a=1&amp;b=2"
    assert pictures.links_in(text) == ["https://a.example/x.jpg", "https://b.example/y.png", "https://c.example/?a=1&b=2"]


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://a.example/x.JPG", True),
        ("https://a.example/x?format=webp", True),
        ("https://a.example/x.html", False),
        ("https://a.example/icons/x.png", False),
        ("https://a.example/avatar/x.png", False),
        ("https://a.example/favicon.png", False),
        ("https://pbs.twimg.com/media/AbC?format=jpg&name=large", True),
        ("https://pbs.twimg.com/profile_images/1/x.jpg", False),
        ("https://pbs.twimg.com/card_img/1/x.jpg", False),
        ("https://abs.twimg.com/media/x.png", False),
        ("https://[broken/x.png", False),
        ("", False),
    ],
)
def test_icons_and_faces_are_no_pictures(url, good):
    assert pictures.is_picture(url) is good


def test_the_same_picture_counts_once_and_the_best_comes_first():
    media = "https://pbs.twimg.com/media/AbC"
    found = pictures.best_of(
        [
            "https://a.example/thumb/x.jpg", "https://a.example/x.jpg", f"{media}.jpg:small", CDN,
            f"{media}?format=jpg&name=large", f"{media}?format=jpg&name=orig", "https://A.example/x.jpg?again",
        ],
        10,
    )  # fmt: skip
    assert found == [f"{media}?format=jpg&name=orig", CDN, "https://a.example/x.jpg", "https://a.example/thumb/x.jpg"]


def test_attachments_embeds_and_links_are_looked_at():
    found = read(
        content="look https://a.example/x.jpg",
        attachments=[{"url": CDN, "content_type": "image/png"}, {"url": "https://a.example/b.mp4", "content_type": "video/mp4"}],
        embeds=[{"image": {"url": "https://a.example/y.webp"}, "url": "https://page.example/post", "title": "An alley"}],
    )
    assert found.images == [CDN, "https://a.example/y.webp", "https://a.example/x.jpg"]
    assert (found.title, found.source_url) == ("An alley", "https://page.example/post")
    assert len(read(most=1, content="https://a.example/x.jpg https://a.example/y.jpg").images) == 1


def test_words_come_from_the_message():
    found = read(content="\n Rain at night \nmore", embeds=[{"description": "By ava"}, {"description": "more"}])
    assert (found.title, found.description) == ("Rain at night", "Rain at night \nmore\nBy ava")
    assert found.source_url == "https://discord.com/channels/1/2/3"
    other = read(content="https://discord.com/channels/1/2/9 https://page.example/a https://a.example/x.jpg")
    assert other.source_url == "https://page.example/a"
    assert read().title.startswith("Discord import 20") and read(content="x" * 999).title == "x" * 120
    assert len(read(content="x" * 5000).description) == 1000


@pytest.mark.parametrize(
    ("text", "sref"),
    [
        ("--sref 12345", "12345"), ("sref: 77", "77"), ("sref number #99", "99"), ("#sref-1234", "1234"), ("sref_42", "42"),
        ("SREF#555", "555"), ("sref 7", ""), ("nothing", ""),
    ],
)  # fmt: skip
def test_style_references_are_recognised(text, sref):
    assert read(content=text).sref == sref
    assert read(embeds=[{"author": {"name": text}}]).sref == sref


@pytest.mark.parametrize("odd", [None, 5, "x", [], {}, [5], [None], [{"url": 5}], [{"image": 5, "author": []}]])
def test_an_odd_message_is_read_all_the_same(odd):
    assert messages.read({"content": odd, "attachments": odd, "embeds": odd, "id": odd}, guild_id=None).images == []


def test_an_external_id_is_the_same_for_the_same_picture_of_a_server():
    one = messages.external_id("olga", "1", CDN)
    assert one == messages.external_id("olga", "1", CDN.replace("?ex=1", "?ex=2")) and one.startswith("discord:url:olga:1:")
    assert len({one, messages.external_id("sam", "1", CDN), messages.external_id("olga", None, CDN), messages.external_id("olga", "1", "https://a.example/x.jpg")}) == 4
