"""The bot's process when something is wrong: it says it in one line and waits, so that no line of the Procfile ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pindeck.runtime.up import read_procfile
from tests.servers.discord_gateway import APPLICATION, TOKEN, Discord, serving
from tests.stack import PROGRAMS, ROOT, wait_for

Start = Callable[..., tuple["subprocess.Popen[bytes]", Callable[[], str]]]


@pytest.fixture(scope="module")
def discord() -> Iterator[Discord]:
    with serving() as server:
        yield server


@pytest.fixture
def start(tmp_path: Path, discord: Discord) -> Iterator[Start]:
    """`start(DISCORD_TOKEN=…)` is the process, and what it has said."""
    started = []

    def begin(**environ: str) -> tuple["subprocess.Popen[bytes]", Callable[[], str]]:
        said = tmp_path / f"bot-{len(started)}.log"
        base = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "DISCORD_API_BASE_URL": discord.api}
        with said.open("wb") as output:
            process = subprocess.Popen([str(PROGRAMS / "pindeck"), "discord"], cwd=ROOT, env={**base, **environ}, stdout=output, stderr=output)
        started.append(process)
        return process, said.read_text

    yield begin
    for process in started:
        process.kill()
        process.wait()


def ends_well(process: "subprocess.Popen[bytes]") -> None:
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0


def test_what_no_new_try_mends_is_said_once_and_waited_with(start: Start, discord: Discord) -> None:
    idle, told = start()
    wait_for(lambda: "DISCORD_TOKEN is not set" in told(), 60, "the sentence", told)
    ends_well(idle)
    wrong, told = start(DISCORD_TOKEN="a-wrong-token")
    wait_for(lambda: "does not know this token" in told(), 60, "the sentence", told)
    assert "a-wrong-token" not in told() and not discord.identified
    ends_well(wrong)
    discord.knows_intents = False
    blind, told = start(DISCORD_TOKEN=TOKEN)
    wait_for(lambda: "Message Content Intent" in told(), 60, "the sentence", told)
    discord.knows_intents = True
    assert discord.commands.keys() == {f"/applications/{APPLICATION}/commands"}  # all servers
    ends_well(blind)


def test_a_dry_run_tells_the_commands_and_ends(start: Start, discord: Discord) -> None:
    discord.commands.clear()
    before = len(discord.identified)
    process, told = start(DISCORD_TOKEN=TOKEN, DISCORD_DRY_RUN="1", DISCORD_GUILD_ID="1")
    assert process.wait(30) == 0, told()
    assert discord.commands and len(discord.identified) == before
    assert "Bot: pindeck" in told() and TOKEN not in told()


def test_a_discord_that_is_away_is_tried_again(start: Start) -> None:
    process, told = start(DISCORD_TOKEN=TOKEN, DISCORD_API_BASE_URL="http://127.0.0.1:9/api")
    wait_for(lambda: "It is tried again" in told(), 60, "the sentence", told)
    assert "Traceback" not in told()
    ends_well(process)


def test_only_the_bot_loads_what_speaks_to_the_gateway() -> None:
    assert read_procfile(ROOT / "Procfile", "bot")["bot"] == "pindeck discord" and "bot" not in read_procfile(ROOT / "Procfile")
    code = (
        "import sys, pindeck.worker, pindeck.cli.discord, pindeck.jobs.discord, pindeck.public.discord;"
        "print([name for name in ('discord', 'aiohttp', 'yarl') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert out.stdout.strip() == "[]", out.stderr
