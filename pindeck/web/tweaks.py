"""How a person likes the room: theme, accent, density. A cookie, because it is about a screen, not an account."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

COOKIE = "pindeck_tweaks"

THEMES = ("dark", "light", "auto")
ACCENTS = ("indigo", "cobalt", "cyan", "amber", "red", "magenta", "mint", "violet")
DENSITIES = ("dense", "cozy", "comfortable")


@dataclass(frozen=True)
class Tweaks:
    theme: str = "dark"
    accent: str = "amber"
    density: str = "cozy"

    def __str__(self) -> str:
        return f"{self.theme}.{self.accent}.{self.density}"

    @classmethod
    def parse(cls, text: str | None) -> "Tweaks":
        """Unknown words are the defaults."""
        parts = (text or "").split(".")
        if len(parts) != 3:
            return cls()
        return cls().changed(dict(zip(("theme", "accent", "density"), parts, strict=True)))

    def changed(self, values: Mapping[str, str]) -> "Tweaks":
        allowed = {"theme": THEMES, "accent": ACCENTS, "density": DENSITIES}
        return replace(self, **{n: values[n] for n, words in allowed.items() if values.get(n) in words})
