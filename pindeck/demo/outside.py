"""Scenes under the sky: horizons, roads, roofs and trees."""

import numpy as np

from pindeck.demo.frame import Frame, dimmed, mixed


def sea(f: Frame) -> None:
    """A low sun or lamp over water."""
    m, level = f.mood, f.between(0.5, 0.68)
    f.air(m.high, m.low, level, 1.6)
    x, size = f.between(0.2, 0.8) * f.wide, f.between(0.02, 0.06)
    f.light *= 1 + 0.16 * f.clouds(0.22, 4, 5.0)[..., None]
    f.shine(x, level - f.between(0.02, 0.16), size, m.light, 1.3)
    if f.whole(0, 1):
        f.stand(f.below(f.line(level - 0.02, 0.03)) * (1 - f.below(level)), mixed(m.shade, m.low, 0.25))
    f.mirror(level, 0.82, 0.10)
    f.stand(f.below(level), m.shade, 0.18)
    if f.whole(0, 2):
        deck = f.between(0.84, 0.95)
        f.stand(f.drawn(boxes=[(0, deck, f.wide * f.between(0.5, 0.9), 1)]), m.shade)
        f.stand(f.person(f.between(0.2, 0.45) * f.wide, deck + 0.01, f.between(0.28, 0.5)), m.shade)


def ridges(f: Frame) -> None:
    """Hills behind one another in haze."""
    m, count = f.mood, f.whole(4, 6)
    f.air(m.high, m.low, 0.6)
    f.shine(f.between(0.1, 0.9) * f.wide, f.between(0.18, 0.4), f.between(0.05, 0.12), m.light, 0.8)
    for number in range(count):
        near = (number + 1) / count
        line = f.line(0.36 + 0.5 * near, 0.07 + 0.03 * near)
        f.stand(f.below(line), mixed(m.low, m.shade, near**0.75))
        haze = np.exp(-((f.y - (0.5 + 0.5 * near)) ** 2) / 0.02) + np.zeros_like(f.x)
        f.stand(np.clip(haze * (0.5 + 0.3 * f.clouds(0.3, 3, 3.0)), 0, 1).astype(np.float32), m.low, 0.38 * (1 - near))


def dunes(f: Frame) -> None:
    """Sand or snow with a small figure far away."""
    m = f.mood
    level = f.between(0.36, 0.5)
    f.air(m.high, m.low, level, 1.3)
    f.shine(f.between(0.1, 0.9) * f.wide, f.between(0.08, 0.3), 0.06, m.light, 0.7)
    ground = mixed(m.low, m.accent, 0.2)
    for number in range(f.whole(3, 5)):
        line = f.line(level + 0.12 * number, 0.05, 3)
        even = np.hanning(f.width // 8 | 1)
        slope = np.convolve(np.pad(np.gradient(line), len(even) // 2, "edge"), even / even.sum(), "valid") * f.width / 4
        shade = np.clip(0.72 + slope * 0.5, 0.25, 1.1)[None, :] * (1 - 0.12 * number)
        mask = f.below(line)
        tint = shade[..., None] * np.asarray(ground, np.float32) * np.clip(1.1 - (f.y - level)[..., None] * 0.7, 0.3, 1.2)
        f.light += (tint - f.light) * mask[..., None]
    x, tall = f.between(0.25, 0.75) * f.wide, f.between(0.05, 0.12)
    f.stand(f.person(x, level + 0.14, tall, f.between(-1, 1)), m.shade)


def street(f: Frame) -> None:
    """A wet street with lamps that lead away."""
    m, level = f.mood, f.between(0.52, 0.64)
    middle = f.between(0.35, 0.65) * f.wide
    f.air(m.high, m.low, level, 2.0)
    for side in (-1, 1):
        for number in range(5):
            far = (number + 1) / 5
            edge = middle + side * f.wide * (0.62 * (1 - far) + 0.06)
            top = level - (0.55 * (1 - far) + 0.09) * f.between(0.8, 1.15)
            outer = edge + side * f.wide * 0.2
            f.stand(f.drawn(boxes=[(min(edge, outer), max(0, top), max(edge, outer), level)]), mixed(m.shade, m.low, 0.5 * far))
            rooms = [
                (wx, wy, wx + 0.018, wy + 0.026)
                for wx in np.arange(min(edge, outer) + 0.02, max(edge, outer) - 0.02, 0.055)
                for wy in np.arange(max(0.03, top + 0.04), level - 0.08, 0.07)
                if f.chance.random() < 0.2
            ]
            f.stand(f.drawn(0.001, boxes=rooms), mixed(m.light, m.accent, f.between(0, 0.4)), f.between(0.5, 0.95))
    for number in range(1, 7):
        far = 1 - 0.72 ** number
        for side in (-1, 1):
            x = middle + side * f.wide * 0.46 * (1 - far)
            y = level - 0.42 * (1 - far) - 0.03
            f.stand(f.drawn(lines=[(0.006 * (1.2 - far), (x, y, x, level + 0.16 * (1 - far)))]), m.shade)
            f.shine(x - side * 0.02, y, 0.014 + 0.028 * (1 - far), m.light, 1.5)
    f.shine(middle, level - 0.02, 0.06, m.accent, 0.6)
    f.mirror(level, 0.62, 0.16)
    for _ in range(f.whole(0, 2)):
        f.stand(f.person(middle + f.between(-0.3, 0.3), level + f.between(0.08, 0.2), f.between(0.2, 0.32), f.between(-1, 1)), m.shade)


def skyline(f: Frame) -> None:
    """A city with windows lit behind its edge."""
    m = f.mood
    level = f.between(0.7, 0.86)
    f.air(m.high, m.low, level, 1.4)
    f.light *= 1 + 0.12 * f.clouds(0.3, 4, 4.0)[..., None]
    if f.whole(0, 1):
        f.shine(f.between(0.15, 0.85) * f.wide, f.between(0.12, 0.3), f.between(0.025, 0.05), m.light, 1.2)
    for layer in range(3):
        near, x = (layer + 1) / 3, -0.05
        houses, rooms = [], []
        while x < f.wide:
            broad = f.between(0.05, 0.13) * (0.7 + 0.6 * near)
            top = level - f.between(0.08, 0.5) * (1.15 - 0.5 * near)
            houses.append((x, top, x + broad, 1))
            rooms += [
                (wx, wy, wx + 0.007 * (1 + near), wy + 0.009 * (1 + near))
                for wx in np.arange(x + 0.012, x + broad - 0.016, 0.017 * (1 + near))
                for wy in np.arange(top + 0.02, 1, 0.024 * (1 + near))
                if f.chance.random() < 0.17
            ]
            x += broad * f.between(0.75, 1.1)
        f.stand(f.drawn(boxes=houses), mixed(m.low, m.shade, 0.45 + 0.55 * near))
        f.stand(f.drawn(0.0006, boxes=rooms), mixed(m.light, m.accent, 0.25 * layer), 0.85)
    if f.whole(0, 1):
        f.mirror(f.between(0.84, 0.9), 0.8, 0.08)


def forest(f: Frame) -> None:
    """Trunks with light falling between them."""
    m = f.mood
    f.air(mixed(m.high, m.low, 0.5), m.low, 0.9)
    f.shine(f.between(0.25, 0.75) * f.wide, f.between(0.15, 0.4), f.between(0.14, 0.26), m.light, 0.85)
    for layer in range(4):
        near = (layer + 1) / 4
        trunks = []
        for _ in range(f.whole(5, 9) - layer):
            x, thick = f.between(0, f.wide), f.between(0.006, 0.016) * (1 + 3 * near)
            lean = f.between(-0.03, 0.03)
            trunks.append((x - thick, 0, x + thick * 0.8, 0, x + thick + lean, 1, x - thick * 1.2 + lean, 1))
        f.stand(f.drawn(0.001, polygons=trunks), mixed(m.low, m.shade, 0.25 + 0.75 * near))
        f.stand(f.below(f.line(0.78 + 0.14 * near, 0.02)), mixed(m.low, m.shade, 0.3 + 0.7 * near))
        f.stand(np.clip(f.clouds(0.4, 3, 2.5) * 0.5 + 0.2, 0, 1), m.low, 0.25 * (1 - near))
    if f.whole(0, 1):
        f.stand(f.person(f.between(0.3, 0.7) * f.wide, 0.95, f.between(0.28, 0.42)), dimmed(m.shade, 0.6))


def road(f: Frame) -> None:
    """A road at night in the light of a car."""
    m, level = f.mood, f.between(0.44, 0.56)
    middle = f.between(0.42, 0.58) * f.wide
    f.air(m.high, m.low, level, 2.4)
    f.stand(f.below(f.line(level - 0.03, 0.025)), m.shade)
    f.stand(f.drawn(0.003, polygons=[(middle - 0.012, level, middle + 0.012, level, middle + 1.05, 1, middle - 1.05, 1)]), mixed(m.shade, m.low, 0.5))
    for number in range(9):
        far, step = 0.66**number, 0.66 ** (number + 0.55)
        thin = 0.02
        y1, y2 = level + (1.05 - level) * far, level + (1.05 - level) * step
        f.stand(f.drawn(0.001, polygons=[(middle - thin * far, y1, middle + thin * far, y1, middle + thin * step, y2, middle - thin * step, y2)]), m.light, 0.7)
    f.shine(middle, 0.98, 0.34, m.light, 0.30, flat=1.7)
    for side in (-1, 1):
        if f.whole(0, 2):
            f.shine(middle - 0.1 + side * 0.028, level + 0.018, 0.012, m.light, 2.2)
            f.shine(middle - 0.1 + side * 0.028, level + 0.018, 0.07, m.light, 0.3)
        f.shine(middle + 0.11 + side * 0.02, level + 0.03, 0.007, m.accent, 1.6)


SCENES = {
    "sea": sea, "ridges": ridges, "dunes": dunes, "street": street, "skyline": skyline, "forest": forest, "road": road,
}  # fmt: skip
