"""A picture of the plan as the bytes of a JPEG. It is drawn in a process of its own, which knows no database and no setting."""

import io
import random

from PIL import Image, ImageEnhance

from pindeck.demo import inside, outside
from pindeck.demo.frame import Frame
from pindeck.demo.moods import MOODS
from pindeck.demo.plan import Shot

SCENES = {**outside.SCENES, **inside.SCENES}
MAKE, MODEL, DATE, CAMERA, TAKEN = 271, 272, 306, 0x8769, 0x9003  # numbers of EXIF


def draw(shot: Shot) -> bytes:
    frame = Frame(shot.size, MOODS[shot.mood], shot.seed)
    SCENES[shot.scene](frame)
    picture, quality = _changed(frame.developed(), shot)
    exif = Image.Exif()
    exif[MAKE], exif[MODEL], exif[DATE] = "Pindeck", "Demonstration", shot.taken
    exif.get_ifd(CAMERA)[TAKEN] = shot.taken
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()


def _changed(picture: Image.Image, shot: Shot) -> tuple[Image.Image, int]:
    """What became of it on its way, and the quality (of 100) in which it is kept."""
    chance = random.Random(shot.seed)
    width, height = picture.size
    if shot.change == "resize":
        return picture.resize((width * 3 // 5, height * 3 // 5), Image.Resampling.LANCZOS), 84
    if shot.change == "crop":
        left, top = round(width * 0.05), round(height * 0.05)
        return picture.crop((left, top, width - left, height - top)), 86
    if shot.change == "grade":
        warmer = ImageEnhance.Color(picture).enhance(chance.choice((0.7, 1.3)))
        return ImageEnhance.Contrast(warmer).enhance(1.12), 86
    return picture, 40 if shot.change == "compress" else 86
