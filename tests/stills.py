"""Pictures that look like frames of films: skies, lamps, silhouettes and grain, from a seed."""

import io
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

NAMES = (
    "harbour_before_rain", "neon-alley-last-train", "desert motel blue hour", "the long corridor", "window seat",
    "red room rehearsal", "salt flats wide", "IMG_4821", "kitchen 3am", "fog over the pines", "stairwell high angle",
    "taxi back seat", "greenhouse portrait", "storm light on the pier", "empty theatre", "rooftop silhouettes",
    "snow road headlights", "aquarium glow", "diner counter", "the last phone box",
)  # fmt: skip
PALETTES = (
    ((12, 20, 34), (196, 92, 46), (248, 204, 132)), ((8, 10, 22), (214, 34, 118), (64, 214, 232)),
    ((24, 30, 56), (92, 110, 164), (246, 176, 120)), ((16, 18, 16), (86, 104, 72), (214, 208, 160)),
    ((20, 14, 12), (132, 68, 34), (232, 190, 140)), ((18, 4, 6), (158, 18, 24), (238, 108, 74)),
    ((58, 66, 72), (168, 176, 176), (240, 236, 226)), ((10, 14, 12), (28, 92, 76), (178, 226, 190)),
    ((22, 20, 24), (96, 82, 74), (222, 196, 158)), ((30, 40, 44), (112, 136, 136), (214, 222, 216)),
)  # fmt: skip
SIZES = ((1600, 900), (1600, 670), (1200, 1500), (1500, 1000), (1400, 1400), (1600, 680), (1000, 1500))


def still(seed: int, size: tuple[int, int] | None = None) -> Image.Image:
    """One frame: a sky from two colours, a light, a horizon, figures, vignette and grain."""
    r = random.Random(seed)
    w, h = size or SIZES[seed % len(SIZES)]
    dark, mid, light = PALETTES[seed % len(PALETTES)]
    ramp = Image.linear_gradient("L").resize((w, h)).point([min(255, int(v * 1.5)) for v in range(256)])
    sky = Image.composite(Image.new("RGB", (w, h), mid), Image.new("RGB", (w, h), dark), ramp)
    glow = Image.new("L", (w, h), 0)
    x, y, s = r.uniform(0.15, 0.85) * w, r.uniform(0.25, 0.6) * h, r.uniform(0.08, 0.3) * min(w, h)
    ImageDraw.Draw(glow).ellipse((x - s, y - s, x + s, y + s), fill=255)
    glow = glow.filter(ImageFilter.GaussianBlur(s * 0.55))
    picture = Image.composite(Image.new("RGB", (w, h), light), sky, glow)
    draw = ImageDraw.Draw(picture)
    horizon = r.uniform(0.55, 0.8) * h
    points = [(0.0, float(h)), (0.0, horizon)]
    for n in range(1, 13):
        points.append((w * n / 12, horizon + r.uniform(-0.09, 0.05) * h))
    draw.polygon([*points, (float(w), float(h))], fill=tuple(c // 3 for c in dark))
    for _ in range(r.randint(1, 4)):
        fx, fh = r.uniform(0.1, 0.9) * w, r.uniform(0.12, 0.34) * h
        base, shade = horizon + r.uniform(0.02, 0.1) * h, tuple(c // 4 for c in dark)
        draw.rounded_rectangle((fx - fh * 0.13, base - fh * 0.78, fx + fh * 0.13, base + 4), fh * 0.1, fill=shade)
        draw.ellipse((fx - fh * 0.1, base - fh, fx + fh * 0.1, base - fh * 0.78), fill=shade)
    picture = picture.filter(ImageFilter.GaussianBlur(1.2))
    vignette = Image.radial_gradient("L").resize((w, h)).point([int(255 - v * v / 255 * 0.42) for v in range(256)])
    picture = ImageChops.multiply(picture, Image.merge("RGB", (vignette,) * 3))
    grain = Image.frombytes("L", (w // 2, h // 2), r.randbytes((w // 2) * (h // 2))).resize(
        (w, h), Image.Resampling.BICUBIC
    )
    return Image.blend(picture, Image.merge("RGB", (grain,) * 3), 0.045)


def jpeg(seed: int, size: tuple[int, int] | None = None, quality: int = 88) -> bytes:
    exif = Image.Exif()
    exif[271], exif[272] = "ARRI", "ALEXA Mini"
    exif[306] = f"2024:05:0{seed % 9 + 1} 20:15:00"
    out = io.BytesIO()
    still(seed, size).save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()


def name_of(seed: int) -> str:
    return NAMES[seed % len(NAMES)] + ".jpg"
