"""The trail: who decided what, why and from where; kept when the picture is gone, and written out without end in memory."""

import csv
import json
import re
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from pindeck import db, resources
from pindeck.access import VISITOR, Actor, Asker
from pindeck.cli.base import operator
from pindeck.errors import Invalid, NotFound, PindeckError
from pindeck.models import Activity, Image
from pindeck.services import activity
from pindeck.services.clients import api_keys
from pindeck.services.images import keeping, proposals, publishing, trash, vocabulary
from pindeck.services.images.trash import SYSTEM
from pindeck.services.ingest import deciding, folder
from pindeck.services.maintenance import audit, audit_files
from pindeck.services.maintenance.audit import Filters
from pindeck.services.maintenance.audit_words import WORDS
from pindeck.states import TermState, Way
from tests.conftest import count_queries
from tests.factories import make_row, make_stored_draft


def told(mo: Actor, **filters: object) -> list[audit.Line]:
    return audit.look(mo, Filters(**filters))[0]  # type: ignore[arg-type]


def test_a_line_says_who_decided_what_why_and_from_where_and_outlives_the_picture(olga: Actor, mo: Actor) -> None:
    draft = make_stored_draft(olga)
    waiting = make_row(olga, title="Harbour", status="pending", origin="discord")
    publishing.publish(olga, draft.id)
    presser = replace(olga, asked_by=Asker("42", "ava"))
    deciding.reject(presser, waiting.id, reason="blurred")
    trash.purge(olga, waiting.id)
    assert not Image.select().where(Image.id == waiting.id).exists()
    lines = told(mo)
    assert [(line.verb, line.who, line.way) for line in lines[:3]] == [
        ("image.purge", "Olga", "Page"),
        ("image.trash", "Olga", "Discord"),
        ("image.reject", "Olga", "Discord"),
    ]
    rejected = lines[2]
    assert (rejected.why, rejected.asker, rejected.email) == ("blurred", "ava", "olga@example.org")
    assert (rejected.title, rejected.is_there, rejected.image_id) == ("Harbour", False, waiting.id)
    published = told(mo, verb="image.publish")[0]
    assert (published.title, published.is_there, published.what) == (draft.title, True, "Published a picture")
    for stranger in (olga, VISITOR):
        with pytest.raises(PindeckError):
            audit.look(stranger, Filters())
        with pytest.raises(PindeckError):
            audit.export(stranger, Filters())


def test_each_way_is_told_and_a_program_by_its_key(olga: Actor, mo: Actor) -> None:
    client, key, text = api_keys.create(
        api_keys.NewClient("master", name="Robot", user_email="olga@example.org"), by=operator()
    )
    robot = api_keys.actor_of(text)
    assert robot
    image = make_row(olga)
    by = {
        Way.API: robot,
        Way.DISCORD: replace(robot, asked_by=Asker("7", "kim")),
        Way.COMMAND: folder.actor_for("olga@example.org"),
        Way.PAGE: olga,
        Way.SOURCE: replace(olga, comes_by=Way.SOURCE),
        Way.ITSELF: SYSTEM,
    }
    for way, actor in by.items():
        activity.note(actor, "image.alias", image.id)
        activity.note_many(actor, "image.restore", [image.id])
        assert {line.verb for line in told(mo, way=way, image_id=image.id)} == {"image.alias", "image.restore"}, way
    for way, asker in ((Way.API, ""), (Way.DISCORD, "kim")):
        line = told(mo, way=way)[0]
        assert (line.program, line.key, line.asker, line.who) == ("Robot", key.prefix, asker, "Olga")
    made = told(mo, verb="key.create")[0]
    assert (made.way, made.who) == ("Command line", "")
    activity.note(None, "store.compare")
    assert (told(mo)[0].who, told(mo)[0].way) == ("", "Pindeck itself")
    Activity.update(way=None).execute()
    assert told(mo)[0].way == "Not recorded"


def test_what_is_decided_about_suggestions_and_words_is_in_the_trail(olga: Actor, mo: Actor) -> None:
    image = make_row(olga, title="Rain")
    with db.writing():
        proposals.make(image, {"title": "Snow", "genre": "Noir-ish"}, "model", "1", db.new_id())
    open_ones = {view.field: view.id for view in proposals.list_open(olga, image.id)}
    proposals.accept(olga, image.id, [open_ones["genre"]])
    proposals.refuse(olga, image.id, [open_ones["title"]])
    assert [(line.verb, line.detail["fields"]) for line in told(mo)[:2]] == [
        ("proposals.refuse", ["Title"]),
        ("proposals.accept", ["Genre"]),
    ]
    word = vocabulary.list_page(mo, limit=9)[0][0]
    vocabulary.decide(mo, word.id, TermState.REFUSED)
    assert told(mo)[0].detail == {"word": "Noir-ish", "field": "genre", "to": "refused", "term": None}


def test_pages_follow_one_another_in_three_statements(olga: Actor, mo: Actor) -> None:
    rows = [make_row(olga) for _ in range(3)]
    now = db.now_ms()
    many = [
        dict(at=now + number // 3, user_id=olga.user_id, verb="image.alias", image_id=rows[number % 3].id, detail={}, way="page")
        for number in range(130)
    ]
    for begin in range(0, 130, 50):
        Activity.insert_many(many[begin : begin + 50]).execute()
    seen: list[int] = []
    after: str | None = None
    for expected in (50, 50, 30):
        with count_queries() as statements:
            lines, after = audit.look(mo, Filters(user_id=olga.user_id), after=after)
        assert len(statements) <= 3 and len(lines) == expected
        seen += [line.id for line in lines]
    assert after is None and len(set(seen)) == 130 and seen == sorted(seen, reverse=True)
    for wrong in ("x", "1-", "-1", "1-1-1", "9" * 40 + "-1"):
        with pytest.raises(Invalid):
            audit.look(mo, Filters(), after=wrong)


def test_an_export_reads_in_parts_and_no_filter_walks_the_whole_trail(olga: Actor, mo: Actor, engine: str, monkeypatch) -> None:
    monkeypatch.setattr(audit, "PART", 7)
    for _ in range(30):
        activity.note(olga, "image.alias")
    begun = audit.export(mo, Filters(verb="image.alias"))
    with count_queries() as statements:
        first = next(begun)
    assert len(statements) == 1 and " LIMIT " in statements[0]
    lines = [first, *begun]
    assert len(lines) == 30 and [line.id for line in lines] == sorted(line.id for line in lines)
    Activity.insert_many(
        [
            dict(at=at, user_id=None, verb=f"v{at % 50}", image_id=None, detail={}, way="page")
            for at in range(3000)
        ]
    ).execute() if engine == "sqlite" else None
    if engine == "sqlite":
        for filters, index in (
            (Filters(), "activity_at"),
            (Filters(user_id="u"), "activity_of_user"),
            (Filters(verb="v"), "activity_of_verb"),
            (Filters(way=Way.DISCORD), "activity_of_way"),
            (Filters(image_id="i"), "activity_image"),
        ):
            with count_queries() as statements:
                audit.look(mo, filters, after="99-99")
            sql = statements[0]
            plan = [row[3] for row in db.database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", [None] * sql.count("?")).fetchall()]
            assert index in plan[0] and "SCAN t1" not in plan[0], plan


def test_a_file_holds_no_formula_and_reads_back(olga: Actor, mo: Actor) -> None:
    titles = ["=HYPERLINK(\"http://x\")", "+1", "-1", "@sum", "\tx", "＝1", "plain, “quoted”\nline", "é"]
    for title in titles:
        activity.note(olga, "image.purge", db.new_id(), title=title, reason=title)
    lines = list(audit.export(mo, Filters(verb="image.purge")))
    rows = list(csv.DictReader(StringIO("".join(audit_files.written(lines, "csv")), newline="")))
    assert tuple(rows[0]) == audit_files.COLUMNS
    assert [row["title"].removeprefix("'") for row in rows] == titles
    for row in rows:
        assert not any(value.startswith(audit_files.FORMULA) for value in row.values()), row
    assert [row["title"][0] == "'" for row in rows] == [True] * 6 + [False] * 2
    told_again = [json.loads(text) for text in "".join(audit_files.written(lines, "jsonl")).splitlines()]
    assert [row["title"] for row in told_again] == titles
    assert [row["from"] for row in told_again] == ["Page"] * len(titles)
    assert list(audit_files.written([], "jsonl")) == []
    with pytest.raises(Invalid):
        audit_files.written(lines, "xml")


def test_filters_are_read_from_words(olga: Actor) -> None:
    read = audit.filters_of(who="olga@example.org", verb="image.trash", way="api", since="2026-11-07", until="2026-11-07")
    assert (read.user_id, read.way, (read.until or 0) - (read.since or 0)) == (olga.user_id, Way.API, db.DAY_MS)
    assert audit.filters_of() == Filters()
    for wrong in ({"verb": "x"}, {"way": "x"}, {"since": "x"}, {"until": "9999-12-31"}):
        with pytest.raises(Invalid):
            audit.filters_of(**wrong)
    with pytest.raises(NotFound):
        audit.filters_of(who="nobody@example.org")


def test_every_deed_that_the_code_notes_has_words(engine: str) -> None:
    if engine != "sqlite":
        return
    noted = {keeping.HOLD.name, keeping.RELEASE.name}
    for path in (resources.ROOT / "pindeck" / "services").rglob("*.py"):
        noted |= set(re.findall(r'note(?:_many)?\(\s*[\w.()]+, "([a-z_.]+)"', Path(path).read_text()))
    assert len(noted) > 30
    assert noted - WORDS.keys() == set()
