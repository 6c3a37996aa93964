"""How a person likes the room: theme, accent, density. A cookie, because it is about a screen, not an account."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

COOKIE = "pindeck_tweaks"

THEMES = ("dark", "light", "auto")
ACCENTS = ("indigo", "cobalt", "cyan", "amber", "red", "magenta", "mint", "violet")
DENSITIES = ("dense", "cozy", "comfortable")
_ALLOWED = {"theme": THEMES, "accent": ACCENTS, "density": DENSITIES}


@dataclass(frozen=True)
class Tweaks:
    theme: str = "dark"
    accent: str = "amber"
    density: str = "cozy"

    def __str__(self) -> str:
        return f"{self.theme}.{self.accent}.{self.density}"

    @classmethod
    def parse(cls, text: str | None) -> "Tweaks":
        """Unknown words are the defaults, and what an earlier version did not know is one."""
        return cls().changed(dict(zip(_ALLOWED, (text or "").split("."), strict=False)))

    def changed(self, values: Mapping[str, str]) -> "Tweaks":
        return replace(self, **{n: values[n] for n, words in _ALLOWED.items() if values.get(n) in words})
