"""One small picture for the model: what is told of it, and that it counts."""

import pytest

from pindeck.models import MachineCall
from pindeck.services.maintenance import vision_trial
from tests.conftest import ChangeSettings
from tests.servers.vision import serving_vision


def test_what_came_back_how_long_it_took_and_what_it_cost(database: object, change_settings: ChangeSettings) -> None:
    with serving_vision() as server:
        change_settings(vision_base_url=server.base, vision_model="good")
        found = vision_trial.show()
    assert found.ok, found
    assert found.message.startswith("good answered after ")
    assert found.message.endswith(" s, with 1280 tokens for $0.0002: “Neon Alley”.")
    (picture,) = server.pictures
    assert (picture.format, picture.size, dict(picture.getexif())) == ("JPEG", (320, 180), {})
    (row,) = MachineCall.select()
    assert (row.outcome, row.answer, row.cost_micro) == ("answered", None, 213)


@pytest.mark.parametrize(
    ("model", "said"), [("trouble", "trouble at http"), ("blank", "described nothing"), ("keyless", "keyless at http")]
)
def test_what_went_wrong_is_said_with_what_to_do(
    database: object, change_settings: ChangeSettings, model: str, said: str
) -> None:
    with serving_vision() as server:
        change_settings(vision_base_url=server.base, vision_model=model, vision_timeout_s=5.0)
        found = vision_trial.show()
    assert not found.ok and said in found.message and "VISION_MODEL" in found.mend


def test_without_a_model_it_is_said_how_to_get_one(database: object) -> None:
    found = vision_trial.show()
    assert not found.ok and "VISION_API_KEY" in found.mend
    assert not MachineCall.select().exists()
