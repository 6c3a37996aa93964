"""Keys that order what people arrange. Between any two there is room for another one, so moving a thing changes its key alone.

A key is six digits of base 36 that count, and behind them the digits of a fraction, which never end in 0. Keys sort by
their bytes. What is put at either end is counted on, so keys of long boards stay short.
"""

from pindeck.errors import Conflict

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
BASE, WIDTH = len(DIGITS), 6
MIDDLE = BASE**WIDTH // 2
LONGEST = 500  # what is put into one gap again and again makes keys longer, by a digit in five times; no index takes more than 2,600


def between(before: str | None, after: str | None, count: int = 1) -> list[str]:
    """So many keys in order between two keys, the first of them smaller; None is the end of the list.

    Raises Conflict where they would be too long.
    """
    if after is None:
        start = MIDDLE if before is None else _number(before) + 1
        return [_head(start + n) for n in range(count)]
    if before is None:
        start = _number(after) - count
        return [_head(start + n) for n in range(count)]
    found: list[str] = []
    _fill(before, after, count, found)
    if any(len(key) > LONGEST for key in found):
        raise Conflict("There is no room left at this place. Move what follows it to the end first, and then back.", code="NO_ROOM")
    return found


def _fill(low: str, high: str, count: int, found: list[str]) -> None:
    """The middle first, so that keys grow with the logarithm of how many they are."""
    if not count:
        return
    middle, left = _middle(low, high), count // 2
    _fill(low, middle, left, found)
    found.append(middle)
    _fill(middle, high, count - left - 1, found)


def _middle(low: str, high: str) -> str:
    first, last = _number(low), _number(high)
    if last - first > 1:
        return _head((first + last) // 2)
    return low[:WIDTH] + _fraction(low[WIDTH:], high[WIDTH:] if first == last else "")


def _fraction(low: str, high: str) -> str:
    """The digits of a fraction between two others; nothing is 0 as the lower one, and 1 as the higher one."""
    shared = 0
    while shared < len(high) and low[shared : shared + 1].ljust(1, "0") == high[shared]:
        shared += 1
    if shared:
        return high[:shared] + _fraction(low[shared:], high[shared:])
    first = DIGITS.index(low[0]) if low else 0
    last = DIGITS.index(high[0]) if high else BASE
    if last - first > 1:
        return DIGITS[(first + last) // 2]
    if len(high) > 1:
        return high[0]
    return DIGITS[first] + _fraction(low[1:], "")


def _number(key: str) -> int:
    return int(key[:WIDTH], BASE)


def _head(number: int) -> str:
    digits = ""
    for _ in range(WIDTH):
        number, rest = divmod(number, BASE)
        digits = DIGITS[rest] + digits
    return digits
