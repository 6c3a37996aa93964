"""What the demonstration consists of: films, their pictures in the order in which they came, and what each of them is called.

All of it follows from `SEED`, so a demonstration that was broken off goes on with the same pictures.
"""

import random
from dataclasses import dataclass, field
from typing import Any

from pindeck.demo.words import FILMS, LOOSE, MOODS, SCENES, Film
from pindeck.states import ImageStatus, Origin, Rights, Visibility

SEED = 1895
COUNT = 300
COPIES = 18  # of three hundred
RATIOS = {"2.39": (1440, 602), "1.85": (1440, 778), "16:9": (1440, 810), "4:3": (1240, 930), "1:1": (1080, 1080), "2:3": (840, 1260)}
PEOPLE = {"vera": "Vera Lind", "tomas": "Tomás Reyes", "aiko": "Aiko Mori", "noor": "Noor Haddad"}


@dataclass(frozen=True)
class Shot:
    """One picture. `key` is its name for ever; a copy is drawn like `seed` says and then changed."""

    key: str
    seed: int
    scene: str
    mood: str
    size: tuple[int, int]
    owner: str
    words: dict[str, Any]
    taken: str
    change: str = ""
    status: ImageStatus = ImageStatus.ACTIVE
    visibility: Visibility = Visibility.LIBRARY
    origin: Origin = Origin.UPLOAD
    is_trashed: bool = False
    is_held: bool = False
    film: str = ""
    liked_by: tuple[str, ...] = field(default=())


def shots(count: int = COUNT) -> list[Shot]:
    """The first `count` of the pictures, oldest first."""
    chance = random.Random(SEED)
    films = {film.name: film for film in FILMS}
    of_films = [(name, number) for name in films for number in range(1, 1 + (COUNT - COPIES - 18) // len(films))]
    loose = [("", number) for number in range(1, COUNT - COPIES - len(of_films) + 1)]
    order = of_films + loose
    chance.shuffle(order)
    found: list[Shot] = []
    for place, (name, number) in enumerate(order):
        found.append(_placed(_shot(films.get(name, LOOSE), number, chance), place, chance))
        if place % ((COUNT - COPIES) // COPIES) == 9:
            found.append(_copy(found[-chance.randint(2, 9)], len(found), chance))
    return found[:count]


def _shot(film: Film, number: int, chance: random.Random) -> Shot:
    scene = film.scenes[number % len(film.scenes)]
    mood = film.moods[(number // len(film.scenes)) % len(film.moods)]
    ratio = film.ratio if chance.random() < 0.84 else chance.choice(list(RATIOS))
    of_scene, of_mood = SCENES[scene], MOODS[mood]
    called = f"{film.name} {number:02}, {of_scene.called} {of_mood.called}" if film.name else f"{of_scene.called} {of_mood.called}"
    tags = [*of_scene.tags, *of_mood.tags, *chance.sample(film.tags, min(2, len(film.tags)))]
    tags = [chance.choice(SPELT.get(tag, [tag])) for tag in dict.fromkeys(tags)]
    words: dict[str, Any] = {
        "title": f"Generated: {called}", "tags": tags, "category": of_scene.category, "size": of_scene.size, "setting": of_scene.setting,
        "composition": of_scene.composition, "time": of_mood.time, "light": of_mood.light, "light_source": of_mood.source,
        "palette": of_mood.palette, "source": "Drawn by Pindeck", "rights": Rights.GENERATED,
        "description": f"Drawn by a program: {of_scene.told} {of_mood.told}",
    }  # fmt: skip
    if film.name:
        words |= {"project": film.name, "group": film.group, "genre": film.genre, "style": film.style, "project_order": number}
        if film.sref and chance.random() < 0.7:
            words["sref"] = film.sref
    seed = SEED * 1000 + (FILMS.index(film) + 1 if film in FILMS else 0) * 100 + number
    day = f"{film.year}:{1 + number % 12:02}:{1 + number % 27:02} {6 + number % 16:02}:{number % 60:02}:00"
    key = f"{seed}"
    return Shot(key, seed, scene, mood, RATIOS[ratio], chance.choice(film.people), words, day, film=film.name)


SPELT = {  # what the page on tidying the tags finds
    "lamps": ["lamps"] * 7 + ["lamp"], "wet street": ["wet street"] * 6 + ["wet-street", "Wet Street"],
    "silhouette": ["silhouette"] * 9 + ["silhoutte", "silhouettes"], "neon": ["neon"] * 7 + ["neon sign"], "haze": ["haze"] * 5 + ["Haze"],
}  # fmt: skip


def _placed(shot: Shot, place: int, chance: random.Random) -> Shot:
    """Where it stands, by when it came: most hang in the library."""
    liked = tuple(who for who in PEOPLE if chance.random() < (0.5 if place % 9 == 0 else 0.08))
    stands: dict[str, Any] = {"liked_by": liked}
    if place % 24 == 7:
        stands = {"status": ImageStatus.DRAFT}
    elif place % 20 == 13:
        origin = Origin.PINTEREST if place % 40 == 13 else Origin.DISCORD
        stands = {"status": ImageStatus.PENDING, "origin": origin, "is_held": place % 60 == 53}
    elif place % 30 == 23:
        stands = {"is_trashed": True}
    elif place % 60 == 29:
        stands = {"visibility": Visibility.PRIVATE}
    elif place % 90 == 41:
        stands = {"visibility": Visibility.UNLISTED}
    return Shot(**{**shot.__dict__, **stands})


def _copy(shot: Shot, place: int, chance: random.Random) -> Shot:
    """The same picture once more, as somebody else brought it."""
    change = ("resize", "compress", "crop", "grade", "same")[place % 5]
    owner = chance.choice([who for who in PEOPLE if who != shot.owner])
    words = {**shot.words, "title": f"{shot.words['title']}, {COPY_CALLED[change]}", "tags": shot.words["tags"][:2]}
    words.pop("project_order", None)
    plain = {"status": ImageStatus.ACTIVE, "visibility": Visibility.LIBRARY, "origin": Origin.UPLOAD, "is_trashed": False, "is_held": False, "liked_by": ()}
    return Shot(**{**shot.__dict__, **plain, "key": f"{shot.key}-{change}", "owner": owner, "words": words, "change": change})


COPY_CALLED = {
    "resize": "smaller", "compress": "compressed", "crop": "cropped", "grade": "regraded", "same": "once more",
}  # fmt: skip
