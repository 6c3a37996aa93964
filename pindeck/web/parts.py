"""Parts of a page that a few values decide: each is drawn once for them, and is a text from then on.

The navigation, which stands twice on every page, took a sixth of the first page when it was drawn each time.
"""

from collections.abc import Hashable
from functools import lru_cache

from flask import current_app, request
from markupsafe import Markup


def part(template: str, **values: Hashable) -> Markup:
    """`template` as HTML, drawn from these values alone: it must ask neither the request nor who sent it."""
    return _drawn(request.root_path, template, tuple(values.items()))


@lru_cache(maxsize=512)
def _drawn(root_path: str, template: str, values: tuple[tuple[str, Hashable], ...]) -> Markup:
    """`root_path` stands before every address."""
    return Markup(current_app.jinja_env.get_template(template).render(dict(values)).strip())
