"""The films of the demonstration, and what its scenes and kinds of light are called in the words of the trade."""

from typing import NamedTuple


class Film(NamedTuple):
    name: str
    group: str
    genre: str
    style: str
    ratio: str
    scenes: tuple[str, ...]
    moods: tuple[str, ...]
    tags: tuple[str, ...]
    people: tuple[str, ...]
    year: int
    sref: str = ""


FILMS = (
    Film("Night Ride", "Film", "Noir", "35mm Film", "2.39", ("street", "road", "train", "face"), ("sodium", "blue"), ("taxi", "rain", "after midnight", "city"), ("vera", "tomas"), 2025, "2145889"),
    Film("Harbour", "Film", "Drama", "35mm Film", "1.85", ("sea", "skyline", "window", "sea"), ("dawn", "overcast"), ("pier", "gulls", "quiet", "water"), ("aiko",), 2024),
    Film("Neon Hours", "Music Video", "Sci-Fi", "Digital", "16:9", ("signs", "face", "street", "corridor"), ("neon",), ("club", "crowd", "synth", "rain"), ("noor", "aiko"), 2026, "3390041"),
    Film("Salt", "Commercial", "Drama", "Digital", "2.39", ("dunes", "sea", "ridges"), ("bleach", "mint"), ("desert", "heat", "perfume", "wide"), ("tomas",), 2026),
    Film("The Understudy", "Film", "Drama", "16mm", "4:3", ("stage", "face", "blinds", "corridor"), ("red", "tungsten"), ("theatre", "rehearsal", "velvet", "backstage"), ("vera", "noor"), 2023, "7710234"),
    Film("Fogline", "TV Series", "Horror", "Digital", "2.39", ("forest", "road", "window", "ridges"), ("moon", "fluorescent"), ("pines", "search party", "mist", "cold open"), ("tomas", "aiko"), 2025),
    Film("Last Harvest", "Film", "Romance", "Super 8", "4:3", ("ridges", "dunes", "forest", "face"), ("golden",), ("fields", "summer", "dust", "letters"), ("vera",), 2022),
    Film("Ward Nine", "TV Series", "Sci-Fi", "Digital", "16:9", ("corridor", "blinds", "table", "window"), ("fluorescent", "overcast"), ("hospital", "night shift", "glass"), ("noor",), 2024),
    Film("Ember", "Spec Commercial", "Action", "IMAX", "2.39", ("ridges", "skyline", "forest", "stage"), ("fire",), ("smoke", "sparks", "heat", "run"), ("tomas", "noor"), 2026, "5528107"),
    Film("Violet Dusk", "Music Video", "Romance", "35mm Film", "1.85", ("skyline", "sea", "face", "train"), ("violet",), ("rooftop", "last summer", "slow"), ("aiko",), 2025),
    Film("Kitchen, 3 a.m.", "Web Series", "Drama", "16mm", "16:9", ("table", "window", "face", "blinds"), ("tungsten",), ("kitchen", "cold coffee", "talk", "small hours"), ("vera", "aiko"), 2023),
    Film("Blue Hotel", "Film", "Noir", "35mm Film", "2.39", ("blinds", "corridor", "signs", "window"), ("blue", "moon"), ("hotel", "letter", "waiting", "key"), ("noor", "vera"), 2024, "8840127"),
)  # fmt: skip
LOOSE = Film("", "", "", "", "2:3", ("face", "sea", "street", "forest", "stage", "skyline"), ("day", "dawn", "neon", "golden", "mint", "day"), ("mood", "reference"), ("vera", "tomas", "aiko", "noor"), 2025)


class SceneWords(NamedTuple):
    called: str
    told: str
    size: str
    setting: str
    composition: list[str]
    category: str
    tags: tuple[str, ...]


SCENES = {
    "sea": SceneWords("water to the horizon", "water under a low sky, and its light on it.", "Extreme Wide Shot", "Exterior", ["Reflection", "Low Horizon"], "Landscape", ("sea", "horizon")),
    "ridges": SceneWords("hills behind hills", "hills behind one another, paler with each.", "Extreme Wide Shot", "Exterior", ["Layered"], "Landscape", ("hills", "haze")),
    "dunes": SceneWords("one person on the dunes", "bare ground, and one small figure on it.", "Extreme Wide Shot", "Exterior", ["Negative Space", "Minimal"], "Landscape", ("dunes", "figure")),
    "street": SceneWords("wet street", "a street after rain, with lamps that lead away.", "Wide Shot", "Exterior", ["One-Point Perspective", "Reflection"], "Cinematic", ("wet street", "lamps")),
    "skyline": SceneWords("the city's edge", "roofs and windows against the sky.", "Extreme Wide Shot", "Exterior", ["Layered", "Crowded"], "Architecture", ("skyline", "windows")),
    "forest": SceneWords("between the trees", "trunks, and light falling between them.", "Wide Shot", "Exterior", ["Foreground Framing", "Layered"], "Environment", ("forest", "trunks")),
    "road": SceneWords("empty road", "a road in the light of a car.", "Wide Shot", "Exterior", ["One-Point Perspective", "Centred"], "Cinematic", ("road", "headlights")),
    "window": SceneWords("someone at the window", "a dark room, its window, and somebody before it.", "Full Shot", "Interior", ["Frame Within a Frame"], "Interior", ("window", "silhouette")),
    "face": SceneWords("a face in side light", "a face that light reaches from one side.", "Close-Up", "Interior", ["Single", "Centred"], "Character Design", ("face", "portrait")),
    "corridor": SceneWords("the long corridor", "a way into depth under lamps.", "Wide Shot", "Interior", ["One-Point Perspective", "Symmetrical"], "Interior", ("corridor", "lamps")),
    "table": SceneWords("things under a lamp", "a table, a lamp above it, and what stands there.", "Insert", "Interior", ["Centred", "Negative Space"], "Interior", ("table", "still life")),
    "signs": SceneWords("people under signs", "signs in the rain, and people before them.", "Full Shot", "Exterior", ["Group Shot", "Reflection"], "Streetwear", ("neon", "silhouette")),
    "stage": SceneWords("one light between curtains", "a cone of light on an empty stage.", "Full Shot", "Interior", ["Symmetrical", "Frame Within a Frame"], "Cinematic", ("stage", "curtain")),
    "blinds": SceneWords("stripes of a blind", "stripes of light over a wall and whoever sits there.", "Medium Close-Up", "Interior", ["Pattern", "Diagonal"], "Cinematic", ("blinds", "silhouette")),
    "train": SceneWords("seen from the train", "what passes by a window at speed.", "Medium Close-Up", "Interior", ["Foreground Framing"], "Cinematic", ("train", "motion")),
}  # fmt: skip


class MoodWords(NamedTuple):
    called: str
    told: str
    time: str
    light: list[str]
    source: list[str]
    palette: list[str]
    tags: tuple[str, ...]


MOODS = {
    "dawn": MoodWords("at first light", "First light, pink over grey.", "Dawn", ["Soft", "Natural"], ["Sunlight"], ["Pastel"], ("dawn",)),
    "day": MoodWords("by day", "A clear day.", "Day", ["Natural", "High-Key"], ["Sunlight"], ["Vivid"], ("day",)),
    "golden": MoodWords("at the golden hour", "The sun stands low.", "Golden Hour", ["Soft", "Natural"], ["Sunlight"], ["Golden", "Warm"], ("golden hour",)),
    "blue": MoodWords("at the blue hour", "The sky is blue yet, and lamps are on.", "Night", ["Low-Key"], ["Practicals"], ["Cool", "Teal and Orange"], ("blue hour",)),
    "sodium": MoodWords("in sodium light", "Orange lamps, and nothing else.", "Night", ["Low-Key", "High Contrast"], ["Street Light"], ["Warm", "Golden"], ("sodium", "night")),
    "neon": MoodWords("in neon", "Pink and cyan from tubes.", "Night", ["Coloured", "Glowing"], ["Neon"], ["Neon Colours"], ("neon", "night")),
    "overcast": MoodWords("under a grey sky", "A covered sky, no shadows.", "Day", ["Flat", "Soft"], ["Overcast Sky"], ["Muted", "Neutral"], ("grey",)),
    "moon": MoodWords("in moonlight", "The moon alone.", "Night", ["Low-Key"], ["Moonlight"], ["Cool", "Monochromatic"], ("moonlight", "night")),
    "fire": MoodWords("by fire", "Something burns.", "Night", ["Low-Key", "Glowing"], ["Firelight"], ["Warm"], ("fire", "night")),
    "tungsten": MoodWords("in lamplight", "Bulbs, and shadows between them.", "Night", ["Low-Key", "Soft"], ["Tungsten", "Practicals"], ["Warm", "Earthy"], ("lamplight",)),
    "fluorescent": MoodWords("under tubes", "Green tubes that hum.", "Night", ["Flat"], ["Fluorescent"], ["Cool"], ("fluorescent",)),
    "bleach": MoodWords("at noon", "White heat.", "Midday", ["Hard", "High-Key"], ["Sunlight"], ["Faded"], ("noon",)),
    "red": MoodWords("in red", "Red light on red cloth.", "Night", ["Coloured", "Low-Key"], ["Stage Light"], ["Monochromatic", "Vivid"], ("red",)),
    "violet": MoodWords("at dusk", "Violet above, rose below.", "Dusk", ["Soft", "Natural"], ["Sunlight"], ["Jewel Tones"], ("dusk",)),
    "mint": MoodWords("in pale light", "Pale green and rose.", "Morning", ["Soft", "High-Key"], ["Sunlight"], ["Pastel"], ("pastel",)),
}  # fmt: skip
