"""SQL that is written by hand says the same on both engines."""

import pytest

from pindeck import db
from pindeck.config import Settings
from pindeck.db import connection


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_values_stand_where_they_are_named_as_often_as_they_are(database: Settings) -> None:
    found = db.sql("SELECT :a || :b || :a", b="it's 5 %", a=":b ?%s").fetchone()
    assert found == (":b ?%sit's 5 %:b ?%s",)


def test_a_text_may_hold_the_marks_of_both_drivers(database: Settings) -> None:
    assert db.sql("SELECT CAST(:n AS integer) % 4 WHERE 'a' LIKE '%'", n=7).fetchone() == (3,)
    assert db.sql("SELECT 1 WHERE 'abc' LIKE 'a%'").fetchone() == (1,)


def test_a_name_without_a_value_is_an_error_and_a_cast_is_no_name(database: Settings) -> None:
    with pytest.raises(KeyError):
        db.sql("SELECT :missing", other=1)
    if db.is_postgres():
        assert db.sql("SELECT :n::text || 'a'::text", n="5").fetchone() == ("5a",)


def test_rows_that_were_changed_are_counted(database: Settings) -> None:
    keep = "INSERT INTO setup (name, value) VALUES (:name, :value) ON CONFLICT DO NOTHING"
    assert db.sql(keep, name="any", value="1").rowcount == 1
    assert db.sql(keep, name="any", value="2").rowcount == 0


def test_what_is_kept_for_an_engine_is_made_once_for_each_set_of_arguments(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    @db.per_engine
    def build(count: int) -> str:
        made.append(count)
        return f"{connection.is_postgres()} {count}"

    here = db.is_postgres()
    assert [build(1), build(1), build(2)] == [f"{here} 1", f"{here} 1", f"{here} 2"]
    with monkeypatch.context() as patch:
        patch.setattr(connection, "is_postgres", lambda: not here)
        assert build(1) == f"{not here} 1"
    assert made == [1, 2, 1]
