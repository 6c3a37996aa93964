"""Sign-in before several web processes: what strangers who come together may take, and what they are told."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import urllib3

from pindeck.models import Attempt
from pindeck.services.accounts import accounts
from tests.stack import Stack, on_either_pair

EMAIL = "ines@example.org"
PASSWORD = "a long pass phrase"
MIB = 1024 * 1024


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    # Addresses as a proxy would tell them, so that strangers can come from many networks.
    name = f"sign_in_{request.param}"
    with on_either_pair(request, tmp_path_factory, name, TRUSTED_PROXIES="1") as started:
        with started.bound():
            accounts.create(EMAIL, PASSWORD)
        yield started


def sign_in(stack: Stack, email: str, password: str, address: str) -> urllib3.BaseHTTPResponse:
    return urllib3.request(
        "POST",
        f"{stack.base}/api/v1/session",
        json={"email": email, "password": password},
        headers={"X-Forwarded-For": address},
        timeout=60,
        retries=False,
    )


def all_at_once(count: int, work) -> list[urllib3.BaseHTTPResponse]:
    ready = threading.Barrier(count)

    def one(number: int) -> urllib3.BaseHTTPResponse:
        ready.wait(60)
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def peaks(stack: Stack) -> dict[int, int]:
    """The most memory each web process has held since `forget_peaks`, in bytes."""
    assert stack.web
    found = {}
    for process in psutil.Process(stack.web.pid).children(recursive=True):
        status = Path(f"/proc/{process.pid}/status").read_text()
        found[process.pid] = int(status.split("VmHWM:")[1].split()[0]) * 1024
    return found


def forget_peaks(stack: Stack) -> None:
    for pid in peaks(stack):
        Path(f"/proc/{pid}/clear_refs").write_text("5")


def test_strangers_who_sign_in_together_take_little_memory(stack: Stack) -> None:
    for number in range(12):  # every process has answered before
        sign_in(stack, "nonsense", "x", f"10.1.{number}.1")
    forget_peaks(stack)
    before = peaks(stack)
    answers = []
    for turn in range(3):
        answers += all_at_once(
            24, lambda n, turn=turn: sign_in(stack, f"p{n % 8}@example.org", "x" * 20, f"10.{turn}.{n}.1")
        )
    assert {answer.status for answer in answers} <= {401, 429, 503}
    assert all(int(a.headers["Retry-After"]) > 0 for a in answers if a.status == 503)
    grown = {pid: (peak - before[pid]) / MIB for pid, peak in peaks(stack).items()}
    assert len(grown) == 3
    assert max(grown.values()) < 60, grown


def test_a_hundred_guesses_at_once_get_ten_answers(stack: Stack) -> None:
    told: Counter[int] = Counter()
    for _ in range(4):
        told.update(a.status for a in all_at_once(25, lambda n: sign_in(stack, EMAIL, f"wrong {n}", "192.0.2.1")))
    assert told[401] <= 10
    for _ in range(10):  # those who found no place had not used up a guess
        told[sign_in(stack, EMAIL, "wrong", "192.0.2.1").status] += 1
    assert told[401] == 10
    assert set(told) <= {401, 429, 503}
    refused = sign_in(stack, EMAIL, PASSWORD, "192.0.2.1")
    assert refused.status == 429 and 3000 < int(refused.headers["Retry-After"]) <= 3600
    assert sign_in(stack, EMAIL, PASSWORD, "198.51.100.1").status == 200
    with stack.bound():
        assert Attempt.select().where(Attempt.subject == f"from:192.0.2.1:{EMAIL}").count() == 10
