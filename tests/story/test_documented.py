"""What runs the pages of `docs/api/` tells a right answer from a wrong one."""

from pathlib import Path

import pytest

from tests.story.documented import Block, Expected, blocks

ONE = "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a11"
TWO = "0198c5a0-7d1e-7a63-9c55-3f0d8f0b6a22"


def differs(kind: str | None, shown: str, answer: str, same_ids: dict[str, str] | None = None) -> str | None:
    return Expected(Block("page:1", "curl", kind, shown), str, {} if same_ids is None else same_ids).differs(answer)


@pytest.mark.parametrize(
    ("shown", "answer"),
    [
        ('{"a": 1, "b": [true, null]}', '{"b": [true, null], "a": 1}'),
        ('{"url": "https://x/…"}', '{"url": "https://x/y"}'),
        ('{"a": 1, "…": "…"}', '{"a": 1, "b": 2}'),
        ('["a", "…"]', '["a", "b", "c"]'),
        ('{"at": 1795568400125}', '{"at": 1801234567890}'),
        ('{"at": 1795568400}', '{"at": 1801234567}'),
        ('{"at": "2026-03-01T09:30:00.125Z"}', '{"at": "2027-12-31T23:59:59.000Z"}'),
        (f'["{ONE}", "/i/{ONE}"]', f'["{TWO}", "/i/{TWO}"]'),
    ],
)
def test_a_right_answer(shown: str, answer: str) -> None:
    assert differs("json", shown, answer) is None


@pytest.mark.parametrize(
    ("shown", "answer"),
    [
        ('{"a": 1}', '{"a": 2}'),
        ('{"a": 1}', '{"a": 1.0}'),
        ('{"a": 1}', '{"a": true}'),
        ('{"a": "1"}', '{"a": 1}'),
        ('{"a": null}', '{"a": {}}'),
        ('{"a": 1}', '{"a": 1, "b": 2}'),
        ('{"a": 1, "…": "…"}', '{"b": 1}'),
        ('{"a": "x…"}', '{"a": "yx"}'),
        ('{"a": "…"}', '{"a": 1}'),
        ('["a"]', '["a", "b"]'),
        ('["a", "b"]', '["a"]'),
        ('{"at": 1795568400125}', '{"at": 1795568400}'),
        ('{"at": "2026-03-01T09:30:00.125Z"}', '{"at": "2026-03-01"}'),
        (f'{{"id": "{ONE}"}}', '{"id": "none"}'),
        (f'["{ONE}", "{ONE}"]', f'["{ONE}", "{TWO}"]'),
        ("{}", "<html>"),
    ],
)
def test_a_wrong_answer(shown: str, answer: str) -> None:
    assert differs("json", shown, answer)


def test_an_id_means_the_same_on_the_whole_page() -> None:
    same_ids: dict[str, str] = {}
    assert differs("text", ONE, TWO, same_ids) is None
    assert differs("text", f"again {ONE}", f"again {TWO}", same_ids) is None
    assert differs("text", f"again {ONE}", f"again {ONE}", same_ids)


def test_an_answer_with_its_head() -> None:
    answer = 'HTTP/1.1 200 OK\r\nETag: "abc"\r\nServer: x\r\n\r\n{"a": 1}'
    assert differs("http", 'HTTP/1.1 200 OK\netag: "…"\n\n{"a": 1}\n', answer) is None
    assert differs("http", 'HTTP/1.1 200 OK\nETag: "…"\n', answer) is None
    assert differs("http", 'HTTP/1.1 201 CREATED\n\n{"a": 1}\n', answer)
    assert differs("http", 'HTTP/1.1 200 OK\nDigest: …\n\n{"a": 1}\n', answer)
    assert differs("http", 'HTTP/1.1 200 OK\n\n{"a": 2}\n', answer)


def test_a_command_without_an_answer_is_silent() -> None:
    assert differs(None, "", "\n") is None
    assert differs(None, "", "{}")


def test_a_page_becomes_commands_with_answers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# T\n\n```sh\nA=1\n```\n\nThen:\n\n```sh\necho $A\n```\n\n```text\n1\n```\n")
    assert blocks(page) == [
        Block("page.md:3", "A=1\n"),
        Block("page.md:9", "echo $A\n", "text", "1\n"),
    ]
