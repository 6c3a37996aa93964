"""The bookmarklet of one person: a script as the address of a bookmark."""

import json
import re
from functools import cache
from urllib.parse import quote

from pindeck import resources


def address(base: str, mark: str) -> str:
    """`javascript:…` for this installation at `base`. `mark` tells it from other pages that lead to the form."""
    script = _script().replace("{base}", json.dumps(base)[1:-1]).replace("{mark}", mark)
    return f"javascript:{quote(script, safe='()[]{}=>,;:!?&|$*+/`.-')}"


@cache
def _script() -> str:
    """Without the comment and what only makes it readable: a bookmark is one line."""
    text = (resources.ROOT / "static" / "bookmarklet.js").read_text()
    lines = (line.strip() for line in text.splitlines() if not line.startswith("//"))
    return re.sub(r";$", "", " ".join(line for line in lines if line))
