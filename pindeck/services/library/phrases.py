"""Words that stand one after the other. The index knows words and not their order, so texts are read."""

import json
from collections.abc import Iterable

from pindeck.models import Image, ImageTag
from pindeck.services.images import craft, projects, search, search_words

READ = 2000  # the newest pictures with all of the words


def seqs_with(text: str) -> str:
    """The places of the newest pictures that have these words in this order in one of their texts, as JSON; empty for none.

    One word is looked up in the index alone. At most four statements.
    """
    words = search_words.tokens(text)
    query = search.query(text, is_start=False)
    if query is None:
        return ""
    found, newest = search.matching(Image.select(), query)
    images = list(found.order_by(newest.desc()).limit(READ))
    tags: dict[str, list[str]] = {image.id: [] for image in images}
    for row in ImageTag.select().where(ImageTag.image_id.in_(list(tags))):
        tags[row.image_id].append(row.tag)
    terms = craft.words_of(images)
    names = projects.names_of({image.project_id for image in images})
    return _json(
        image.seq
        for image in images
        if any(
            _has(search_words.tokens(each), words)
            for each in search.texts_of(image, tags[image.id], names.get(image.project_id), terms[image.seq])
            if each
        )
    )


def _has(words: list[str], wanted: list[str]) -> bool:
    if len(wanted) == 1 and len(wanted[0]) > 1:  # a run of a script without spaces is found in any other
        return any(wanted[0] == word or (not word.isascii() and wanted[0] in word) for word in words)
    return any(words[n : n + len(wanted)] == wanted for n in range(len(words) - len(wanted) + 1))


def _json(seqs: Iterable[int]) -> str:
    found = list(seqs)
    return json.dumps(found) if found else ""
