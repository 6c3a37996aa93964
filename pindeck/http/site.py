"""The Flask application, with doors that are loaded when somebody first comes to one of them.

Flask takes no blueprint after its first request, and adding rules to a map that other threads read is not safe. So the later
doors have a map of their own, which is complete before it is used.
"""

import functools
import threading
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Request, has_request_context, request
from werkzeug.exceptions import NotFound
from werkzeug.routing import BuildError, Map, MapAdapter, Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

OF_BLUEPRINTS = (
    "error_handler_spec", "before_request_funcs", "after_request_funcs", "teardown_request_funcs",
    "template_context_processors", "url_value_preprocessors", "url_default_functions",
)  # fmt: skip

LONGEST = 64  # characters of a value whose address is kept: ids, names, paths


class LazyRule(Rule):
    """Compiles what builds an address when the first one is built. Doing so for every rule took most of making a `Site`."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiling, name = super()._compile_builder, "_build_unknown" if append_unknown else "_build"

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            made = compiling(append_unknown)
            setattr(rule, name, made.__get__(rule, None))
            return made(rule, **values)

        return build


class Site(Flask):
    """`later` imports the blueprints of the later doors. No address may be both in one of these and in another one."""

    url_rule_class = LazyRule

    def __init__(self, name: str, later: Callable[[], "Sequence[Blueprint]"], **options: Any) -> None:
        super().__init__(name, **options)
        self._import_later = later
        self._later: Map | None = None
        self._only_later: frozenset[str] = frozenset()
        self._lock = threading.Lock()
        self._built = lru_cache(maxsize=1024)(self._build)

    def later(self) -> Map:
        """The addresses of the later doors, whose views can be called from now on."""
        with self._lock:
            if self._later is None:
                self._later = self._load()
            return self._later

    @property
    def has_later(self) -> bool:
        """Whether somebody came to a later door of this process."""
        return self._later is not None

    def rules(self) -> Iterator[Rule]:
        """All of them, as `url_map.iter_rules` has those of the first doors."""
        yield from self.url_map.iter_rules()
        yield from self.later().iter_rules()

    def _load(self) -> Map:
        desk = _desk(self.name, self._import_later)
        for name in OF_BLUEPRINTS:
            getattr(self, name).update({key: value for key, value in getattr(desk, name).items() if key is not None})
        self.blueprints.update(desk.blueprints)
        self.view_functions.update(desk.view_functions)
        self._only_later = frozenset(map(_begins, desk.url_map.iter_rules())) - set(map(_begins, self.url_map.iter_rules()))
        return desk.url_map

    def is_later(self, path: str) -> bool:
        """Whether no address among the first doors begins so; known once the later ones are loaded."""
        return path.split("/", 2)[1] in self._only_later if path.startswith("/") else False

    def url_for(self, /, endpoint: str, **values: Any) -> str:
        """As Flask builds it. A page has sixty addresses, which are nearly the same on the next one, and are built once.

        Those are kept whose values are short texts, or nothing: `True` and `1` are equal, an address with the host is that of a
        request, and a long search is not asked for twice.
        """
        if not has_request_context():
            return super().url_for(endpoint, **values)
        given: tuple[tuple[str, str], ...] = ()
        if values:  # most have none
            given = tuple(each for each in values.items() if each[1] is not None)
            if not all(isinstance(value, str) and len(value) <= LONGEST for _, value in given):
                return super().url_for(endpoint, **values)
        name = f"{request.blueprint or ''}{endpoint}".removeprefix(".") if endpoint.startswith(".") else endpoint
        return self._built(request.root_path, name, given)

    def _build(self, root_path: str, endpoint: str, values: tuple[tuple[str, str], ...]) -> str:
        return super().url_for(endpoint, **dict(values))  # type: ignore[arg-type]

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Whatever is called here is a plain function. Flask looks for coroutines among the dozen that every request calls."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        first = super().create_url_adapter(request)
        return _Doors(self, first) if first is not None else None


@functools.cache
def _desk(name: str, import_later: "Callable[[], Sequence[Blueprint]]") -> Flask:
    """An application that has answered nothing and so takes the blueprints of the later doors; one for all sites of a process."""
    desk = Flask(name, static_folder=None)
    desk.url_rule_class = LazyRule
    for blueprint in import_later():
        desk.register_blueprint(blueprint)
    return desk


def _begins(rule: Rule) -> str:
    return rule.rule.split("/", 2)[1]


class _Doors(MapAdapter):
    """Looks among the first doors, then among the later ones."""

    def __init__(self, site: Site, first: MapAdapter) -> None:
        super().__init__(
            first.map, first.server_name, first.script_name, first.subdomain, first.url_scheme, first.path_info,
            first.default_method, first.query_args,
        )  # fmt: skip
        self._site = site
        if site.is_later(first.path_info):
            self.map = site.later()

    def match(self, *args: Any, **options: Any) -> Any:
        try:
            return super().match(*args, **options)
        except NotFound:
            if self.map is not self._site.url_map:
                raise
        self.map = self._site.later()
        return super().match(*args, **options)

    def build(self, *args: Any, **options: Any) -> str:
        try:
            return super().build(*args, **options)
        except BuildError:
            other = self._site.later() if self.map is self._site.url_map else self._site.url_map
            return MapAdapter(
                other, self.server_name, self.script_name, self.subdomain, self.url_scheme, self.path_info, self.default_method
            ).build(*args, **options)
