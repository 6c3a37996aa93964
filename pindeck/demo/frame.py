"""A frame being painted: light is added to it and things stand before it, in numbers that are developed like film at the end.

Places are measured in heights of the frame, from its upper left; colours are from 0 to 1.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from pindeck.demo.moods import Colour, Mood

Field = NDArray[np.float32]


class Frame:
    def __init__(self, size: tuple[int, int], mood: Mood, seed: int) -> None:
        self.width, self.height = size
        self.wide = self.width / self.height
        self.mood = mood
        self.chance = np.random.default_rng(seed)
        self.x: Field = np.linspace(0, self.wide, self.width, dtype=np.float32)[None, :]
        self.y: Field = np.linspace(0, 1, self.height, dtype=np.float32)[:, None]
        self.light: Field = np.zeros((self.height, self.width, 3), np.float32)

    def between(self, low: float, high: float) -> float:
        return float(self.chance.uniform(low, high))

    def whole(self, low: int, high: int) -> int:
        return int(self.chance.integers(low, high + 1))

    def air(self, high: Colour, low: Colour, at: float = 1.0, bend: float = 1.0) -> None:
        """A fall from one colour to the other, down to the height `at`."""
        part = np.clip(self.y / at, 0, 1) ** bend
        self.light[:] = (1 - part)[..., None] * _c(high) + part[..., None] * _c(low)

    def shine(self, x: float, y: float, size: float, colour: Colour, power: float = 1.0, *, flat: float = 1.0) -> None:
        """Light around a place, that is half as strong `size` away; `flat` squeezes it."""
        far = ((self.x - x) ** 2 + ((self.y - y) * flat) ** 2) / (size * size)
        self.light += (power / (1 + far * far + far))[..., None] * _c(colour)

    def stand(self, mask: Field, colour: Colour, most: float = 1.0) -> None:
        """Something opaque where the mask is 1."""
        part = (mask * most)[..., None]
        self.light *= 1 - part
        self.light += part * _c(colour)

    def line(self, level: float, rough: float, octaves: int = 5) -> Field:
        """The outline of a ridge: for each column a height."""
        found = np.full(self.width, level, np.float32)
        for octave in range(octaves):
            points = 3 + 2**octave * max(1, round(self.wide))
            bends = self.chance.normal(0, rough / 2**octave, points)
            found += np.interp(np.linspace(0, points - 1, self.width), np.arange(points), bends).astype(np.float32)
        return found

    def below(self, line: Field | float, soft: float = 0.002) -> Field:
        return np.asarray(np.clip((self.y - np.asarray(line, np.float32)) / soft + 0.5, 0, 1) + np.zeros_like(self.x), np.float32)

    def drawn(self, blur: float = 0.0, **shapes: Any) -> Field:
        """A mask of shapes: `polygons`, `boxes`, `rounds` and `lines`, each a list of corners."""
        image = Image.new("L", (self.width, self.height))
        draw = ImageDraw.Draw(image)
        for corners in shapes.get("polygons", ()):
            draw.polygon(self._pixels(corners), fill=255)
        for corners in shapes.get("boxes", ()):
            draw.rectangle(self._pixels(corners), fill=255)
        for corners in shapes.get("rounds", ()):
            draw.ellipse(self._pixels(corners), fill=255)
        for thick, corners in shapes.get("lines", ()):
            draw.line(self._pixels(corners), fill=255, width=max(1, round(thick * self.height)))
        image = image.filter(ImageFilter.GaussianBlur(0.7 + blur * self.height))
        return np.asarray(image, np.float32) / np.float32(255)

    def _pixels(self, corners: Any) -> list[float]:
        return [float(v) * self.height for v in corners]

    def person(self, x: float, ground: float, tall: float, lean: float = 0.0) -> Field:
        """Somebody in a coat who stands there, as an outline; `lean` from -1 to 1 is how far they are in a step."""
        head, broad = tall * 0.058, tall * 0.115
        top, shoulder, hip, hem = (ground - tall * part for part in (1.0, 0.82, 0.5, 0.34))
        sway, stride = lean * tall * 0.02, tall * (0.035 + 0.06 * abs(lean))
        coat = (x - broad * 0.55 + sway, shoulder - tall * 0.02, x + broad * 0.55 + sway, shoulder - tall * 0.02, x + broad + sway, shoulder + tall * 0.04,
                x + broad * 1.05, hip, x + broad * 1.0 - sway, hem, x - broad * 1.0 - sway, hem, x - broad * 1.05, hip, x - broad + sway, shoulder + tall * 0.04)  # fmt: skip
        shoulders = (x - broad + sway, shoulder - tall * 0.022, x + broad + sway, shoulder + tall * 0.10)
        skull = (x - head + sway * 1.4, top, x + head + sway * 1.4, top + head * 2.5)
        neck = (x - head * 0.6 + sway, top + head * 2, x + head * 0.6 + sway, shoulder + tall * 0.02)
        legs = [(tall * 0.062, (x + side * broad * 0.4, hem - tall * 0.02, x + side * stride, ground)) for side in (-1, 1)]
        return self.drawn(0.0012, polygons=[coat], rounds=[skull, shoulders], boxes=[neck], lines=legs)

    def clouds(self, scale: float, octaves: int = 4, stretch: float = 1.0) -> Field:
        """Even noise about nought, softer at `scale` heights; `stretch` draws it out sideways."""
        total: Field = np.zeros((self.height, self.width), np.float32)
        for octave in range(octaves):
            rows = max(2, round(2**octave / scale))
            columns = max(2, round(rows * self.wide / stretch))
            grid = Image.fromarray(self.chance.standard_normal((rows, columns)).astype(np.float32))
            total += np.asarray(grid.resize((self.width, self.height), Image.Resampling.BICUBIC)) / 1.7**octave
        return total / np.float32(2)

    def mirror(self, level: float, dim: float, ripple: float) -> None:
        """Water or a wet road below `level`: what stands above it, upside down and disturbed."""
        top = round(level * self.height)
        depth = self.height - top
        rows = np.clip(top - 1 - np.arange(depth), 0, self.height - 1)
        shift = (self.clouds(0.03, 3, 6.0)[top:] * ripple * np.linspace(0.2, 1, depth)[:, None] * self.height).astype(int)
        picked = np.clip(rows[:, None] + shift, 0, max(0, top - 1))
        columns = np.clip(np.arange(self.width)[None, :] + shift // 3, 0, self.width - 1)
        seen = self.light[picked, columns]
        smear = Image.fromarray((np.clip(seen, 0, 4) * 63).astype(np.uint8)).filter(ImageFilter.BoxBlur((1, max(2, depth // 14))))
        self.light[top:] = self.light[top:] * (1 - dim) + np.asarray(smear, np.float32) / 63 * dim

    def soften(self, radius: float, mask: Field | None = None) -> None:
        """Out of focus, where the mask says."""
        image = Image.fromarray((np.clip(self.light, 0, 4) * 63).astype(np.uint8))
        soft = np.asarray(image.filter(ImageFilter.GaussianBlur(radius * self.height)), np.float32) / 63
        part = 1.0 if mask is None else mask[..., None]
        self.light += (soft - self.light) * part

    def developed(self, grain: float = 0.02) -> Image.Image:
        """Bloom, shoulder, vignette and grain."""
        bright = np.clip(self.light - 0.75, 0, 3)
        small = Image.fromarray((np.clip(bright, 0, 3) * 85).astype(np.uint8)).resize((max(1, self.width // 4), max(1, self.height // 4)))
        glow = small.filter(ImageFilter.GaussianBlur(self.height / 110)).resize((self.width, self.height), Image.Resampling.BICUBIC)
        wide = small.filter(ImageFilter.GaussianBlur(self.height / 26)).resize((self.width, self.height), Image.Resampling.BICUBIC)
        light = self.light + np.asarray(glow, np.float32) / 150 + np.asarray(wide, np.float32) / 190 * _c((1.0, 0.72, 0.62))
        light = np.where(light > 0.7, 0.7 + 0.3 * (1 - np.exp(-(light - 0.7) / 0.3)), light)
        corner = ((self.x / self.wide - 0.5) ** 2 + (self.y - 0.5) ** 2) * 2
        light *= (1 - 0.42 * corner**1.25)[..., None]
        rows, columns = round(self.height / 1.3), round(self.width / 1.3)
        noise = Image.fromarray(self.chance.standard_normal((rows, columns)).astype(np.float32))
        speck = np.asarray(noise.resize((self.width, self.height), Image.Resampling.BICUBIC))
        light += (speck * grain * (0.35 + np.sqrt(np.clip(light.mean(axis=2), 0, 1))))[..., None]
        return Image.fromarray((np.clip(light, 0, 1) * 255 + 0.5).astype(np.uint8))


def _c(colour: Colour) -> Field:
    return np.asarray(colour, np.float32)


def mixed(one: Colour, other: Colour, part: float) -> Colour:
    """The colour `part` of the way to the other."""
    return tuple(a + (b - a) * part for a, b in zip(one, other, strict=True))  # type: ignore[return-value]


def dimmed(colour: Colour, by: float) -> Colour:
    return tuple(channel * by for channel in colour)  # type: ignore[return-value]
