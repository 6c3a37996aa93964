"""A small picture of ours, to show to whoever says that it can look at pictures."""

import io

from PIL import Image, ImageDraw

SIZE = (320, 180)
SUN = (205, 60, 255, 110)  # box of the disc, in pixels
HORIZON = 120


def picture() -> bytes:
    """An orange sun above a dark sea, as a JPEG of 320 × 180 without notes."""
    sky = Image.linear_gradient("L").resize(SIZE)
    drawn = Image.merge("RGB", (sky, sky.point(lambda level: level // 2), sky.point(lambda level: 90 - level // 4)))
    draw = ImageDraw.Draw(drawn)
    draw.ellipse(SUN, fill=(255, 160, 60))
    draw.rectangle((0, HORIZON, SIZE[0], SIZE[1]), fill=(12, 28, 48))
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=85)
    return out.getvalue()
