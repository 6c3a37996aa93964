"""The views everybody moves between: the rail, the bottom bar, the keys and their sheet are made from this list."""

from dataclasses import dataclass


@dataclass(frozen=True)
class View:
    """A link of the navigation.

    It is the current one on every page of the blueprint of its endpoint, and of those in `also`. `counts` names the number beside it in
    `context.NavCounts`; a `live` one is told to the page whenever it changes, and stands in the bottom bar too.
    """

    name: str
    endpoint: str
    icon: str
    action: str = ""  # of access, without which the link is not shown
    key: str = ""  # the letter that leads there
    counts: str = ""
    live: bool = False
    adds: bool = False  # a script opens the chooser of files instead
    in_bottom: bool = True  # of a small screen, which has room for five
    also: tuple[str, ...] = ()
    lists: str = ""  # what the rail asks for below it

    def holds(self, blueprint: str | None) -> bool:
        return blueprint in (self.endpoint.split(".")[0], *self.also)


VIEWS = (
    View("Gallery", "gallery.index", "images", key="g"),
    View("Projects", "places.index", "folder", in_bottom=False),
    View("Boards", "boards.index", "pin", "board.view", also=("board_pictures", "storyboards", "canvas"), lists="board_pictures.rail"),
    View("Decks", "decks.index", "maximize-2", "deck.view", key="d", in_bottom=False, also=("deck_pictures", "deck_sharing")),
    View("Add pictures", "uploads.index", "upload", "upload", key="u", adds=True, also=("links",)),
    View("Review", "review.index", "inbox", "upload", key="r", counts="drafts", live=True),
    View("Sources", "sources.index", "rss", "source.view", in_bottom=False),
    View("Work", "work.index", "activity", "upload", counts="work", live=True),
    View("Trash", "trash.index", "trash-2", "upload", counts="trash"),
)
