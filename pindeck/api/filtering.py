"""The filters of a list as parameters of its operation: the query model, and with it the document, read the declarations."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AfterValidator, Field, create_model

from pindeck.api.types import Query, QueryFlag, Text
from pindeck.services.library.query import Filter, Wanted

TYPES: dict[Any, Any] = {str: Annotated[Text, Field(max_length=500)], bool: QueryFlag}


class Filtered(Query):
    """A query model that `offers` gave its filters."""

    offered: ClassVar[tuple[Filter, ...]] = ()

    @property
    def wanted(self) -> Wanted:
        """What the address asks for; what is not given is left out."""
        values = {filter: getattr(self, filter.param or filter.name) for filter in self.offered}
        return {filter: value for filter, value in values.items() if value is not None}


F = TypeVar("F", bound=Filtered)


def offers(*filters: Filter, types: Mapping[Filter, Any] | None = None) -> Callable[[type[F]], type[F]]:
    """Give a query model a parameter for each filter. `types` says more than a filter does about how one is spelt."""

    def decorate(model: type[F]) -> type[F]:
        fields: dict[str, Any] = {
            filter.param or filter.name: _field(filter, (types or {}).get(filter)) for filter in filters
        }
        made = create_model(
            model.__name__, __base__=model, __module__=model.__module__, __doc__=model.__doc__, **fields
        )
        made.offered = (*model.offered, *filters)
        return made

    return decorate


def _field(filter: Filter, special: Any) -> tuple[Any, Any]:
    bare = special or TYPES.get(filter.type, filter.type)
    kind: Any = Annotated[bare, AfterValidator(filter.clean)]
    about = Field(filter.default, description=filter.says, examples=[filter.example] if filter.example else None)
    return (kind | None if filter.default is None else kind), about
