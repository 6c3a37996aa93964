"""Scenes under a roof: rooms, faces of light, lamps and signs."""

import numpy as np

from pindeck.demo.frame import Frame, dimmed, mixed


def window(f: Frame) -> None:
    """A dark room and somebody before its window."""
    m = f.mood
    f.air(dimmed(m.shade, 1.6), mixed(m.shade, m.low, 0.25))
    x, top, broad, tall = f.between(0.3, 0.55) * f.wide, f.between(0.1, 0.18), f.between(0.26, 0.42), f.between(0.5, 0.6)
    pane = f.drawn(0.004, boxes=[(x, top, x + broad, top + tall)])
    sky = np.clip((f.y - top) / tall, 0, 1)[..., None]
    seen = (1 - sky) * np.asarray(mixed(m.high, m.light, 0.55), np.float32) + sky * np.asarray(m.light, np.float32)
    f.light += (seen - f.light) * pane[..., None]
    f.shine(x + broad / 2, top + tall / 2, 0.34, m.light, 0.22)
    drop, slide = f.between(0.2, 0.34), f.between(-0.3, 0.3)
    f.light += f.drawn(0.012, polygons=[(x, 0.86, x + broad, 0.86, x + broad + slide + drop, 1.06, x + slide - drop / 3, 1.06)])[..., None] * np.asarray(dimmed(m.light, 0.42), np.float32)
    bars = [(0.012, (x + broad * k, top, x + broad * k, top + tall)) for k in (0.0, 0.5, 1.0)]
    f.stand(f.drawn(lines=[*bars, (0.012, (x, top + tall * 0.45, x + broad, top + tall * 0.45))]), m.shade)
    f.stand(f.person(x + broad * f.between(0.1, 0.9), f.between(0.96, 1.1), f.between(0.62, 0.78)), m.shade)


def face(f: Frame) -> None:
    """A head that light reaches from one side."""
    m, side = f.mood, 1 if f.whole(0, 1) else -1
    f.air(mixed(m.shade, m.high, 0.55), mixed(m.shade, m.low, 0.4))
    for _ in range(f.whole(2, 7)):
        f.shine(f.between(0, f.wide), f.between(0.05, 0.7), f.between(0.03, 0.07), mixed(m.light, m.accent, f.between(0, 1)), 0.34)
    f.soften(0.02)
    x, y, size = f.between(0.36, 0.64) * f.wide, f.between(0.44, 0.52), f.between(0.24, 0.32)
    skin = mixed((0.80, 0.58, 0.47), (0.34, 0.21, 0.16), f.between(0, 1))
    body = f.drawn(0.006, rounds=[(x - size * 1.75, y + size * 1.25, x + size * 1.75, y + size * 4)], polygons=[
        (x - size * 0.42, y + size * 0.5, x + size * 0.42, y + size * 0.5, x + size * 0.6, y + size * 1.6, x - size * 0.6, y + size * 1.6)])  # fmt: skip
    hair = f.drawn(0.006, rounds=[(x - size * 0.88, y - size * 1.28, x + size * 0.88, y + size * 0.5)])
    head = f.drawn(0.005, rounds=[(x - size * 0.74, y - size * 0.98, x + size * 0.74, y + size * 0.82), (x - size * 0.5, y - size * 0.3, x + size * 0.5, y + size * 1.1)])
    f.stand(body, mixed(m.shade, m.accent, 0.14))
    f.stand(hair, m.shade)
    round_x, round_y = np.clip((f.x - x) / (size * 0.74), -1, 1), np.clip((f.y - y) / (size * 1.1), -1, 1)
    lit = np.clip(side * round_x * 0.85 + 0.18 - round_y * 0.12 + 0.1 * np.sqrt(np.clip(1 - round_x**2, 0, 1)), 0, 1) ** 1.3
    for eye in (-1, 1):  # sockets, nose and mouth, as light leaves them out
        lit = lit * (1 - 0.9 * np.exp(-(((f.x - x - eye * size * 0.3) / (size * 0.17)) ** 2) - ((f.y - y + size * 0.12) / (size * 0.085)) ** 2))
    lit = lit * (1 - 0.5 * np.exp(-(((f.x - x + side * size * 0.1) / (size * 0.08)) ** 2) - ((f.y - y - size * 0.22) / (size * 0.2)) ** 2))
    lit = lit * (1 - 0.75 * np.exp(-(((f.x - x) / (size * 0.24)) ** 2) - ((f.y - y - size * 0.60) / (size * 0.055)) ** 2))
    tone = np.asarray([a * b for a, b in zip(skin, mixed(m.light, (1.0, 1.0, 1.0), 0.3), strict=True)], np.float32)
    dark = np.asarray(mixed(m.shade, skin, 0.12), np.float32)
    f.light += (dark + lit[..., None] * tone * 1.25 - f.light) * head[..., None]
    rim = np.clip(hair - np.roll(hair, round(side * -0.012 * f.height), 1), 0, 1)
    rim *= 1 - head
    f.light += rim[..., None] * np.asarray(mixed(m.accent, m.light, 0.4), np.float32) * 0.9


def corridor(f: Frame) -> None:
    """A way into depth under lamps."""
    m = f.mood
    cx, cy = f.between(0.42, 0.58) * f.wide, f.between(0.44, 0.54)
    count = 8
    for number in range(count):
        size = 0.62 ** number
        half = (f.wide * 0.62 * size, 0.62 * size)
        colour = mixed(mixed(m.shade, m.low, 0.75), m.high, number / count) if number % 2 else mixed(m.shade, m.low, 0.4)
        f.stand(f.drawn(0.002, boxes=[(cx - half[0], cy - half[1], cx + half[0], cy + half[1])]), colour)
    f.stand(f.drawn(0.003, polygons=[(cx, cy, cx + f.wide * 1.3, 1.5, cx - f.wide * 1.3, 1.5)]), mixed(m.shade, m.low, 0.55), 0.75)
    for number in range(count):
        size = 0.62 ** (number + 0.3)
        f.shine(cx, cy - 0.56 * size, 0.05 * size + 0.004, m.light, 1.7, flat=2.4)
        f.shine(cx, cy + 0.62 * size, 0.12 * size, m.light, 0.28, flat=2.2)
    f.shine(cx, cy, 0.05, m.light if f.whole(0, 1) else m.accent, 0.9)
    if f.whole(0, 2):
        tall = f.between(0.2, 0.44)
        f.stand(f.person(cx + f.between(-0.12, 0.12), cy + tall * 0.72, tall, f.between(-1, 1)), dimmed(m.shade, 0.7))


def table(f: Frame) -> None:
    """Things on a table under a lamp."""
    m, edge = f.mood, f.between(0.6, 0.7)
    f.air(mixed(m.shade, m.high, 0.7), mixed(m.shade, m.low, 0.6))
    x = f.between(0.3, 0.7) * f.wide
    f.shine(x, 0.24, 0.26, m.light, 0.5)
    f.stand(f.below(edge), mixed(m.shade, m.low, 0.65))
    f.shine(x, edge + 0.08, 0.3, m.light, 0.6, flat=3.2)
    f.stand(f.drawn(lines=[(0.006, (x, 0, x, 0.16))], polygons=[(x - 0.04, 0.15, x + 0.04, 0.15, x + 0.13, 0.27, x - 0.13, 0.27)]), mixed(m.shade, m.accent, 0.3))
    f.shine(x, 0.275, 0.03, m.light, 1.8, flat=2.0)
    for _ in range(f.whole(4, 8)):
        at, broad, tall = x + f.between(-0.75, 0.75), f.between(0.02, 0.06), f.between(0.06, 0.26)
        foot = edge + f.between(0.02, 0.2)
        near = max(0.0, 1 - abs(at - x))
        colour = mixed(mixed(m.shade, m.accent, f.between(0.2, 1)), m.light, 0.3 * near)
        f.stand(f.drawn(0.006, rounds=[(at - broad * 2, foot - 0.01, at + broad * 2, foot + 0.02)]), m.shade, 0.6)
        shape = {"boxes": [(at - broad, foot - tall, at + broad, foot)], "rounds": [(at - broad, foot - broad / 2, at + broad, foot + broad / 2)]}
        f.stand(f.drawn(0.001, **shape), dimmed(colour, 0.3 + 0.7 * near))
        f.stand(f.drawn(0.003, boxes=[(at + (broad * 0.4 if at < x else -broad * 0.7), foot - tall, at + (broad * 0.7 if at < x else -broad * 0.4), foot)]), m.light, 0.55 * near)


def signs(f: Frame) -> None:
    """Signs and tubes of light in the rain, and people before them."""
    m, level = f.mood, f.between(0.72, 0.82)
    f.air(m.high, m.low, level, 1.8)
    for _ in range(f.whole(9, 15)):
        x, y = f.between(0, f.wide), f.between(0.04, level - 0.16)
        broad, tall = (f.between(0.03, 0.07), f.between(0.14, 0.36)) if f.whole(0, 1) else (f.between(0.12, 0.34), f.between(0.04, 0.09))
        colour = mixed(m.light, m.accent, round(f.between(0, 1)) * f.between(0.7, 1))
        f.stand(f.drawn(0.002, boxes=[(x, y, x + broad, y + tall)]), dimmed(colour, f.between(0.25, 0.8)))
        strokes = [(0.007, (x + broad * f.between(0.1, 0.9), y + tall * f.between(0.1, 0.9), x + broad * f.between(0.1, 0.9), y + tall * f.between(0.1, 0.9))) for _ in range(5)]
        f.light += f.drawn(0.001, lines=strokes)[..., None] * np.asarray(mixed(colour, (1, 1, 1), 0.5), np.float32)
        f.shine(x + broad / 2, y + tall / 2, 0.08, colour, 0.16)
    f.mirror(level, 0.75, 0.2)
    for _ in range(f.whole(1, 4)):
        f.stand(f.person(f.between(0.1, 0.9) * f.wide, level + f.between(0.04, 0.16), f.between(0.34, 0.5), f.between(-1, 1)), m.shade)


def stage(f: Frame) -> None:
    """A cone of light between curtains."""
    m = f.mood
    f.air(m.high, mixed(m.shade, m.low, 0.5))
    folds = 0.5 + 0.5 * np.sin(f.x * f.between(34, 60) + 2.2 * np.sin(f.x * 5 + f.y * 1.5))
    cloth = np.asarray(m.low, np.float32) * (0.25 + 0.9 * folds[..., None] ** 2) * (1.05 - 0.6 * f.y[..., None])
    gap, half = f.between(0.38, 0.62) * f.wide, f.between(0.24, 0.5)
    curtain = np.clip((np.abs(f.x - gap) - half - 0.05 * f.y) / 0.012, 0, 1) + np.zeros_like(f.y)
    f.light += (cloth - f.light) * curtain[..., None]
    floor = f.between(0.8, 0.88)
    f.stand(f.below(floor) * (1 - curtain * 0.4), mixed(m.shade, m.low, 0.35))
    beam = np.clip(1 - np.abs(f.x - gap) / (0.02 + 0.2 * f.y), 0, 1) * np.clip(1.1 - f.y * 0.55, 0, 1)
    f.light += (beam**1.4)[..., None] * np.asarray(m.light, np.float32) * 0.52
    f.shine(gap, floor + 0.03, 0.16, m.light, 0.9, flat=4.5)
    f.stand(f.person(gap + f.between(-0.03, 0.03), floor + 0.03, f.between(0.34, 0.48), f.between(-0.6, 0.6)), m.shade)


def blinds(f: Frame) -> None:
    """Stripes of light over a wall and whoever stands there."""
    m = f.mood
    f.air(mixed(m.shade, m.high, 0.6), mixed(m.shade, m.low, 0.5))
    lean = f.between(-0.35, 0.35)
    place = f.y + (f.x - f.wide / 2) * lean
    bars = np.clip((np.sin(place * f.between(38, 70)) + 0.15) * 4, 0, 1)
    reach = np.exp(-((f.x - f.between(0.3, 0.7) * f.wide) ** 2) / (0.16 * f.wide) - (f.y - 0.45) ** 2 / 0.16)
    f.light += (bars * reach)[..., None] * np.asarray(m.light, np.float32) * 0.95
    x = f.between(0.3, 0.7) * f.wide
    f.stand(f.drawn(0.012, rounds=[(x - 0.13, 0.3, x + 0.13, 0.66), (x - 0.34, 0.68, x + 0.34, 1.5)]), m.shade, 0.93)
    f.shine(x + 0.2, 0.36, 0.05, m.accent, 0.2)


def train(f: Frame) -> None:
    """What passes by a window at speed."""
    m = f.mood
    f.air(m.high, m.low)
    f.light *= np.clip(0.75 + 0.9 * f.clouds(0.06, 3, 26.0), 0.1, 2.2)[..., None]
    for _ in range(f.whole(8, 16)):
        y, x = f.between(0.12, 0.68), f.between(-0.2, f.wide)
        f.light += f.drawn(0.004, lines=[(f.between(0.004, 0.014), (x, y, x + f.between(0.3, 1.1), y))])[..., None] * np.asarray(mixed(m.light, m.accent, f.between(0, 1)), np.float32) * 1.1
    f.stand(f.below(0.8), m.shade)
    f.stand(f.drawn(boxes=[(0, 0, f.wide, 0.06), *[(x - 0.03, 0, x + 0.03, 1) for x in np.arange(f.between(0, 0.5), f.wide + 0.1, f.between(0.9, 1.3))]]), m.shade)
    x, side = f.between(0.2, 0.8) * f.wide, f.whole(0, 1)
    f.stand(f.drawn(0.003, rounds=[(x - 0.11, 0.4, x + 0.11, 0.68), (x - 0.26, 0.7, x + 0.26, 1.5)]), dimmed(m.shade, 0.8))
    f.shine(x + (0.16 if side else -0.16), 0.5, 0.05, m.light, 0.3)


SCENES = {
    "window": window, "face": face, "corridor": corridor, "table": table, "signs": signs, "stage": stage, "blinds": blinds, "train": train,
}  # fmt: skip
