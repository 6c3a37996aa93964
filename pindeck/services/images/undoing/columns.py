"""Columns of an image as they were: who sees it, its place in the library, its focal point, its data."""

import json
from collections.abc import Callable
from typing import Any

from pindeck.models import Image
from pindeck.services.actions.steps import Left, Step, Taking
from pindeck.services.images import publishing, word_store

SHOWN = {"visibility", "status"}  # with them the public copies come and go


def value_of(image: Image, columns: tuple[str, ...]) -> Any:
    """How a step keeps these columns: one value, or a list of several."""
    values = [getattr(image, column) for column in columns]
    return values[0] if len(values) == 1 else values


def take_back(*columns: str) -> Callable[[Taking, list[Step]], list[Left]]:
    """The inverse of a change of these columns."""

    def back(taking: Taking, steps: list[Step]) -> list[Left]:
        fine, left = [], []
        for step in steps:
            now = value_of(taking.images[step.image_id], columns)
            if json.dumps(now) != json.dumps(step.after):  # as JSON, where 1, 1.0 and true are three values
                left.append(Left(step, "has been changed since", now=now if isinstance(now, str) else None))
            else:
                fine.append(step)
        images = [taking.images[step.image_id] for step in fine]
        word_store.write_columns(images, {step.image_id: _columns(step.before, columns) for step in fine})
        if SHOWN & set(columns):
            taking.tokens += publishing.follow(images)
        return left

    return back


def _columns(value: Any, columns: tuple[str, ...]) -> dict[str, Any]:
    return {columns[0]: value} if len(columns) == 1 else dict(zip(columns, value, strict=True))
