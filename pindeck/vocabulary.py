"""The words that pickers offer and that the product knows: types, categories and its own tags. Terms have files: `terms.py`."""

# The nine production types, in the order pickers show them.
GROUPS = (
    "Commercial",
    "Film",
    "Moodboard",
    "Spec Commercial",
    "Spec Music Video",
    "Music Video",
    "TV Series",
    "Web Series",
    "Video Game Cinematic",
)

# The built-in categories. `General` is the default and joins the list once it is in use.
CATEGORIES = (
    "Abstract",
    "Architecture",
    "Art",
    "Blockbuster Film",
    "Character Design",
    "Cinematic",
    "Commercial",
    "Design",
    "Environment",
    "Fashion",
    "Film",
    "Gaming",
    "Headshot",
    "Indy Film",
    "Illustration",
    "Interior",
    "Landscape",
    "Photography",
    "Sci-Fi",
    "Streetwear",
    "Technology",
    "Texture",
    "UI/UX",
    "Vintage",
)
DEFAULT_CATEGORY = "General"
_GROUPS = {group.casefold(): group for group in GROUPS}


def group_of(text: str) -> str | None:
    """The type that is meant, whatever its case; None where it is none of the nine."""
    return _GROUPS.get(" ".join(text.casefold().split()))


HIDDEN_TAGS = frozenset({"original"})  # kept for programs, and shown on no page
SYSTEM_TAGS = frozenset({"original", "generated", "variation", "discord", "imported", "pinterest"})
