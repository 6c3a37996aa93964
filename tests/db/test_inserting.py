"""Many rows in few statements, on both engines."""

import pytest

from pindeck import db
from pindeck.access import Actor
from pindeck.config import Settings
from pindeck.models import ActionStep, ImageTag
from pindeck.services.actions import log
from pindeck.services.images import ledger
from tests.factories import make_row


def test_rows_are_kept_as_a_model_keeps_them(database: Settings, olga: Actor) -> None:
    image = make_row(olga)
    action_id = log.record(olga, ledger.SET, [], images=0)
    step = dict(action_id=action_id, image_id=image.id, kind="status", key="", before={"é": [1, None]}, after=None)
    made = db.insert_rows(ActionStep, [step, {**step, "kind": "other"}], (ActionStep.id, ActionStep.kind))
    assert [kind for _, kind in made] == ["status", "other"]
    kept = ActionStep.get_by_id(made[0][0])
    assert (kept.before, kept.after, kept.undone_at) == ({"é": [1, None]}, None, None)
    assert db.insert_rows(ActionStep, []) == []


def test_more_rows_than_a_statement_takes_come_in_several(database: Settings, olga: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    image = make_row(olga)
    monkeypatch.setattr("pindeck.db.inserting.VALUES", 6)
    db.insert_rows(ImageTag, [dict(image_id=image.id, tag=f"t{n}", position=n) for n in range(5)])
    assert [row.tag for row in ImageTag.select().order_by(ImageTag.position)] == ["t0", "t1", "t2", "t3", "t4"]
