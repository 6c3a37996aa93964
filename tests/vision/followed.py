"""What the settings of a model change, for the test that each setting is followed."""

from unittest import mock

from pindeck import config
from pindeck.jobs import crew
from pindeck.vision.chat import Chat
from pindeck.vision.embeddings import Embedder
from pindeck.vision.endpoint import Endpoint


def sent_to_a_model() -> str:
    """Where a request goes, with which headers, how long it may take, and what is in it."""
    chat = Chat(config.current())
    return str((_sent(chat.endpoint), chat._request("Look.", b"", "plain", 1)))


def sent_to_embeddings() -> str:
    embedder = Embedder(config.current())
    with mock.patch.object(Endpoint, "post", return_value={"data": [{"index": 0, "embedding": [1.0]}]}) as post:
        embedder.embeddings_of(["Fog"])
    return str((_sent(embedder.endpoint), post.call_args))


def _sent(endpoint: Endpoint) -> str:
    return str((endpoint.url, endpoint.client.headers.multi_items(), endpoint.client.timeout))


def at_once() -> int:
    with mock.patch.object(crew.threading, "Thread") as hand:
        crew.run("none")
    return hand.call_count
