"""Commands on a page of the documentation, and whether an answer is the one that the page shows.

A fenced `sh` block is a command. A block of another kind that follows it is its answer: `json`, `http` (from
`curl -i`: status, some of the headers, body) or `text`. A command without an answer prints nothing.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
VARYING = re.compile(f"({UUID}|{TIME}|…)")
MOMENTS = (range(10**12, 10**13), range(17 * 10**8, 10**10))  # since the epoch, milliseconds and seconds
REST = "…"


@dataclass(frozen=True)
class Block:
    """A command at a line of a page, and the answer that stands below it."""

    where: str
    command: str
    kind: str | None = None
    answer: str = ""


def blocks(page: Path) -> list[Block]:
    found: list[Block] = []
    text = page.read_text()
    fences = list(FENCE.finditer(text))
    for n, fence in enumerate(fences):
        if fence[1] != "sh":
            continue
        where = f"{page.name}:{text.count(chr(10), 0, fence.start()) + 1}"
        after = fences[n + 1] if n + 1 < len(fences) and fences[n + 1][1] != "sh" else None
        found.append(Block(where, fence[2], after[1] if after else None, after[2] if after else ""))
    return found


@dataclass(frozen=True)
class Expected:
    """The answer on a page. `here` puts the real addresses in place of the documented ones.

    Ids and times differ from run to run: any id stands for one on the page, but always the same one (`same_ids`),
    any time for a time, and `…` for any text. Everything else is compared to the letter.
    """

    block: Block
    here: Callable[[str], str]
    same_ids: dict[str, str]

    def differs(self, answer: str) -> str | None:
        """What is different, in words; None when nothing is."""
        match self.block.kind:
            case None:
                return "It should print nothing." if answer.strip() else None
            case "text":
                return self._text(_lines(self.block.answer), _lines(answer), "the text")
            case "json":
                return self._json(self.block.answer, answer)
            case "http":
                return self._http(answer.replace("\r\n", "\n"))
        raise ValueError(f"{self.block.where}: a block of kind {self.block.kind} is no answer")

    def _http(self, answer: str) -> str | None:
        shown_head, _, shown_body = self.block.answer.partition("\n\n")
        real_head, _, real_body = answer.partition("\n\n")
        shown, real = shown_head.splitlines(), real_head.splitlines()
        if shown[0].split()[1] != real[0].split()[1]:
            return f"The status is {real[0]}."
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in real[1:])}
        for line in filter(None, shown[1:]):
            name, _, value = line.partition(": ")
            if name.lower() not in headers:
                return f"It has no header {name}."
            if wrong := self._text(value, headers[name.lower()], name):
                return wrong
        return self._json(shown_body, real_body) if shown_body.strip() else None

    def _json(self, shown: str, answer: str) -> str | None:
        try:
            real = json.loads(answer)
        except ValueError:
            return "It is not JSON."
        return self._value(json.loads(shown), real, "")

    def _value(self, shown: Any, real: Any, at: str) -> str | None:
        if isinstance(shown, dict) and isinstance(real, dict):
            return self._object(shown, real, at)
        if isinstance(shown, list) and isinstance(real, list):
            if len(shown) != len(real) and REST not in shown:
                return f"{at or 'the list'} has {len(real)} entries, the page shows {len(shown)}."
            pairs = zip([entry for entry in shown if entry != REST], real, strict=False)
            return next(filter(None, (self._value(a, b, f"{at}[{n}]") for n, (a, b) in enumerate(pairs))), None)
        if isinstance(shown, str) and isinstance(real, str):
            return self._text(shown, real, at)
        same = type(shown) is type(real) and (shown == real or _is_time(shown, real))
        return None if same else f"{at} is {real!r}, not {shown!r}."

    def _object(self, shown: dict[str, Any], real: dict[str, Any], at: str) -> str | None:
        names = shown.keys() - {REST}
        if missing := names - real.keys():
            return f"{at} lacks {', '.join(sorted(missing))}."
        if REST not in shown and (more := real.keys() - names):
            return f"{at} also has {', '.join(sorted(more))}."
        return next(filter(None, (self._value(shown[name], real[name], f"{at}.{name}") for name in names)), None)

    def _text(self, shown: str, real: str, at: str) -> str | None:
        parts = VARYING.split(self.here(shown))
        pattern = "".join(_pattern(part) if n % 2 else re.escape(part) for n, part in enumerate(parts))
        found = re.fullmatch(pattern, real, re.S)
        if not found:
            return f"{at} is {real!r}, not {shown!r}."
        for told, is_really in zip(parts[1::2], found.groups(), strict=True):
            if re.fullmatch(UUID, told) and self.same_ids.setdefault(told, is_really) != is_really:
                return f"{at} names {is_really}; what the page calls {told} is {self.same_ids[told]}."
        return None


def _lines(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if line)


def _is_time(shown: Any, real: Any) -> bool:
    return type(shown) is int and any(shown in moments and real in moments for moments in MOMENTS)


def _pattern(varying: str) -> str:
    return "(.*?)" if varying == REST else f"({UUID})" if re.fullmatch(UUID, varying) else f"({TIME})"
