"""An application of which only what differs is made anew: nearly every test makes one."""

from copy import copy
from typing import Any, ClassVar

from flask import Blueprint
from jinja2.bccache import Bucket, BytecodeCache

from pindeck.http.site import OF_BLUEPRINTS, LazyRule, Site


class CompiledTemplates(BytecodeCache):
    """What Jinja made of the templates, for all applications of this test process: each test makes one of its own."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


class KnownRule(LazyRule):
    """A rule of an address is taken apart once for all applications of this test process."""

    _apart: ClassVar[dict[tuple[str, str], tuple[Any, ...]]] = {}

    def compile(self) -> None:
        key = self.rule, repr(self.defaults)
        if key not in self._apart:
            super().compile()
            self._apart[key] = self._parts, self._trace, self._converters, self.arguments
        self._parts, self._trace, self._converters, self.arguments = (copy(part) for part in self._apart[key])
        self._build = self._compile_builder(False).__get__(self, None)
        self._build_unknown = self._compile_builder(True).__get__(self, None)


class KnownSite(Site):
    """Takes the first doors from the application of this test process that registered them, and makes none anew."""

    jinja_options = {"bytecode_cache": CompiledTemplates()}
    url_rule_class = KnownRule
    _registered: ClassVar[dict[str, Site]] = {}

    def register_blueprint(self, blueprint: Blueprint, **options: Any) -> None:
        first = self._registered.setdefault(blueprint.name, self)
        if first is self:
            super().register_blueprint(blueprint, **options)
        elif blueprint.name not in self.blueprints:
            for name in OF_BLUEPRINTS:
                getattr(self, name).update({key: value for key, value in getattr(first, name).items() if key is not None})
            self.url_map = first.url_map
            self.blueprints.update(first.blueprints)
            self.view_functions = {**first.view_functions, **self.view_functions}
