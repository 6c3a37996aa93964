"""Which images an operation is about: some by their ids, what a query finds, or all."""

from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator

from pindeck.api.library.inputs import Id
from pindeck.api.types import Input, Text


class Chosen(Input):
    """`ids`, or `query`, or `all`."""

    model_config = ConfigDict(extra="forbid")

    ids: list[Id] | None = Field(None, min_length=1, max_length=500)
    query: Text | None = Field(
        None, max_length=2000, description="As in the address of the gallery, `tag=rain&q=neon`, or plain words.", examples=["tag=rain"]
    )
    all: Literal[True] | None = Field(None, description="All images, where nothing else narrows them.")

    @model_validator(mode="after")
    def _ids_alone(self) -> Self:
        if self.ids is not None and (self.query is not None or self.all is not None):
            raise ValueError('give "ids" alone, or a "query"')
        return self
