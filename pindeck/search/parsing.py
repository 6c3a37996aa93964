"""Tokens to a tree, by recursive descent: a space means and, and binds before `or`. Never raises for a text.

What could be understood counts, and what could not is a problem: an address that somebody shortened still shows pictures.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from pindeck.search.colours import NAMED
from pindeck.search.reading import read
from pindeck.search.tokens import Sign, Token, tokens
from pindeck.search.tree import All, Node, Not, Phrase, Problem, Some, Words

MOST_CHARACTERS = 500
MOST_CONDITIONS = 32
DEEPEST = 8


@dataclass(frozen=True)
class Parsed:
    """`tree` is None where nothing narrows."""

    text: str
    tree: Node | None
    problems: tuple[Problem, ...]


def parse(text: str, *, today: date | None = None) -> Parsed:
    """`today` is the day that `today` means, in UTC if it is not given."""
    return _parse(text, today or datetime.now(UTC).date())


@lru_cache(maxsize=256)
def _parse(text: str, today: date) -> Parsed:
    problems: list[Problem] = []
    if len(text) > MOST_CHARACTERS:
        says = f"A search has at most {MOST_CHARACTERS} characters; what follows is left out."
        problems.append(Problem(MOST_CHARACTERS, len(text), says))
        text = text[:MOST_CHARACTERS]
    found, wrong = tokens(text)
    descent = _Descent(found, [*wrong, *problems], today)
    tree = descent.whole()
    return Parsed(text, tree, tuple(sorted(descent.problems, key=lambda problem: (problem.at, problem.end))))


class _Descent:
    def __init__(self, found: list[Token], problems: list[Problem], today: date) -> None:
        self.tokens, self.problems, self.today = found, problems, today
        self.here, self.conditions = 0, 0
        self.is_full = False

    def whole(self) -> Node | None:
        parts: list[Node] = []
        while self.here < len(self.tokens):
            if part := self._some(0):
                parts.append(part)
            if self.here < len(self.tokens):  # only a bracket that closes nothing ends it before
                at = self.tokens[self.here].at
                self._wrong(at, at + 1, f"“)” at character {at + 1} closes nothing.")
                self.here += 1
        return _all(parts)

    def _some(self, depth: int) -> Node | None:
        """Up to the bracket that closes this depth, or to the end."""
        ways: list[Node] = []
        open_or: Token | None = None
        while True:
            way = self._every(depth)
            token = self._token()
            if way is not None:
                ways.append(way)
            elif lone := open_or or (token if token and token.sign == Sign.OR else None):
                self._wrong(lone.at, lone.end, f"“{lone.text}” at character {lone.at + 1} needs a word or a field on both sides.")
            if token is None or token.sign != Sign.OR:
                break
            open_or = token
            self.here += 1
        return ways[0] if len(ways) == 1 else Some(tuple(ways), at=ways[0].at, end=ways[-1].end) if ways else None

    def _every(self, depth: int) -> Node | None:
        parts: list[Node] = []
        words: list[Token] = []
        ignored = 0  # brackets deeper than a search has

        def flush() -> None:
            parts.extend(self._worded(words))
            words.clear()

        while (token := self._token()) and token.sign != Sign.OR:
            if token.sign == Sign.CLOSE:
                if not ignored:
                    break
                ignored -= 1
                self.here += 1
            elif token.sign == Sign.OPEN and depth >= DEEPEST:
                if not ignored:
                    self._wrong(token.at, token.end, f"Brackets stand at most {DEEPEST} deep; that at character {token.at + 1} is left out.")
                ignored += 1
                self.here += 1
            elif token.sign == Sign.WORD:
                words.append(token)
                self.here += 1
            else:
                flush()
                if part := self._one(depth):
                    parts.append(part)
        flush()
        return _all(parts)

    def _one(self, depth: int) -> Node | None:
        """A group, a phrase or a field, or the opposite of one or of a word."""
        begin, turns = self._token(), 0
        while (token := self._token()) and token.sign == Sign.NOT:
            turns += 1
            self.here += 1
        if token is None or token.sign in (Sign.OR, Sign.CLOSE):
            return None
        self.here += 1
        if token.sign == Sign.OPEN:
            node = self._group(token, depth)
        elif token.sign == Sign.WORD:
            node = next(iter(self._worded([token])), None)
        else:
            node = self._leaf(token)
        if node is not None and turns % 2:
            assert begin is not None
            return node.of if isinstance(node, Not) else Not(node, at=begin.at, end=node.end)
        return node

    def _group(self, token: Token, depth: int) -> Node | None:
        inside = self._some(depth + 1)
        if self._token() is None:
            self._wrong(token.at, token.end, f"“(” at character {token.at + 1} is never closed.")
            return inside
        end = self.tokens[self.here].end
        self.here += 1
        if inside is None:
            return None
        # With its brackets, so that the text of a part is whole.
        return All((inside,), at=token.at, end=end)

    def _leaf(self, token: Token) -> Node | None:
        if not self._may_add(token):
            return None
        if token.sign == Sign.PHRASE:
            return Phrase(token.text, at=token.at, end=token.end)
        node, problems = read(token, self.today)
        self.problems += problems
        return node

    def _worded(self, words: list[Token]) -> list[Node]:
        """Words beside each other are one condition, but for the names of colours."""
        found: list[Node] = []
        run: list[Token] = []
        n = 0

        def flush() -> None:
            if run and self._may_add(run[0]):
                text = " ".join(token.text for token in run)
                found.append(Words(text, self._is_last(run[-1]), at=run[0].at, end=run[-1].end))
            run.clear()

        while n < len(words):
            pair = words[n : n + 2]
            name = " ".join(token.text.lower() for token in pair)
            if name not in NAMED:
                pair, name = pair[:1], words[n].text.lower()
            if name in NAMED:
                flush()
                if self._may_add(pair[0]):
                    found.append(Words(name, self._is_last(pair[-1]), NAMED[name], at=pair[0].at, end=pair[-1].end))
            else:
                run += pair
            n += len(pair)
        flush()
        return found

    def _is_last(self, token: Token) -> bool:
        """Whether it ends the text: then it may still be typed."""
        is_denied = self.here >= 2 and self.tokens[self.here - 2].sign == Sign.NOT
        return token is self.tokens[-1] and not is_denied

    def _may_add(self, token: Token) -> bool:
        self.conditions += 1
        if self.conditions > MOST_CONDITIONS and not self.is_full:
            self.is_full = True
            says = f"A search has at most {MOST_CONDITIONS} conditions; those from character {token.at + 1} on are left out."
            self._wrong(token.at, token.end, says)
        return self.conditions <= MOST_CONDITIONS

    def _token(self) -> Token | None:
        return self.tokens[self.here] if self.here < len(self.tokens) else None

    def _wrong(self, at: int, end: int, says: str) -> None:
        self.problems.append(Problem(at, end, says))


def _all(parts: list[Node]) -> Node | None:
    if not parts:
        return None
    if len(parts) == 1:
        return parts[0]
    return All(tuple(parts), at=parts[0].at, end=parts[-1].end)
