"""What the settings of a model change, for the test that each setting is followed."""

from unittest import mock

from pindeck import config
from pindeck.jobs import crew
from pindeck.vision.chat import Chat


def sent_to_a_model() -> str:
    """Where a request goes, with which headers, how long it may take, and what is in it."""
    chat = Chat(config.current())
    request = chat._request("Look.", b"", "plain", 1)
    return str((chat._url, chat._client.headers.multi_items(), chat._client.timeout, request))


def at_once() -> int:
    with mock.patch.object(crew.threading, "Thread") as hand:
        crew.run("none")
    return hand.call_count
