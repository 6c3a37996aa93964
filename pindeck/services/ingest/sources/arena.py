"""A channel of Are.na, read page by page over its public API."""

import json
from typing import Any
from urllib.parse import quote

from pindeck import config, fetching
from pindeck.errors import Invalid
from pindeck.services.ingest.sources.found import Found, address, found

PER_PAGE = 100
MOST_PAGES = 100
MAX_BYTES = 5 * 2**20  # of one page


def read(channel: str) -> list[Found]:
    """The blocks with a picture, or with a page where one can be looked for, in the order of the channel. Raises Invalid for an answer that is none of Are.na's."""
    every: dict[str, Found] = {}
    for number in range(1, MOST_PAGES + 1):
        blocks = _page(channel, number)
        for block in blocks:
            if (each := _of_block(block)) and each.external_id not in every:
                every[each.external_id] = each
        if len(blocks) < PER_PAGE:
            break
    return list(every.values())


def _page(channel: str, number: int) -> list[Any]:
    url = f"{config.current().arena_base_url}/channels/{quote(channel, safe='')}/contents?page={number}&per={PER_PAGE}"
    with fetching.fetch(url, max_bytes=MAX_BYTES) as fetched:
        body = b"".join(fetched.chunks)
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    blocks = told.get("contents") if isinstance(told, dict) else None
    if not isinstance(blocks, list):
        raise Invalid("Are.na answered something that Pindeck cannot read.")
    return blocks


def _of_block(block: Any) -> Found | None:
    if not isinstance(block, dict) or not isinstance(block.get("id"), int):
        return None
    image = block.get("image")
    original = image.get("original") if isinstance(image, dict) else None
    url = address(original.get("url"), "") if isinstance(original, dict) else None
    source = block.get("source")
    page = address(source.get("url"), "") if isinstance(source, dict) and url is None else None
    if url is None and page is None:  # texts, and channels inside the channel
        return None
    title, description = block.get("title"), block.get("description")
    return found(
        str(block["id"]),
        url=url,
        page_url=page or f"https://www.are.na/block/{block['id']}",
        title=title if isinstance(title, str) else None,
        description=description if isinstance(description, str) else None,
    )
