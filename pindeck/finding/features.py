"""What is kept of each picture: the cells of its colours and how much they fill, and 192 numbers of palette, light and edges."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

Array = Any  # of numpy

COLOURS = 8
NO_CELL = 32**3  # stands for a colour that is not there
SIDE = 16  # of the light that is stored
PART = 64  # numbers of each of the three
WIDTH = 3 * PART


class Row(NamedTuple):
    """`amounts` and `light` as `imaging` packs them, `meaning` a byte for each number, empty where it is not known."""

    seq: int
    amounts: bytes
    light: bytes
    meaning: bytes = b""


class Features(NamedTuple):
    seqs: Array  # int32 (n)
    rgb: Array  # uint8 (n, 8, 3)
    parts: Array  # uint8 (8, n): of the area, in 255ths, at least 1 where there is any
    cells: Array  # uint16 (8, n)
    looks: Array  # int8 (n, 192)


def of(rows: Sequence[Row]) -> Features:
    """Of many at once: a thousand take 10 ms."""
    packed = b"".join(row.amounts[: 5 * COLOURS].ljust(5 * COLOURS, b"\0") for row in rows)
    amounts = np.frombuffer(packed, np.uint8).reshape(len(rows), COLOURS, 5)
    rgb = amounts[:, :, :3].copy()
    part = amounts[:, :, 3].astype(np.float32) + 256.0 * amounts[:, :, 4]
    part /= 65535
    cells = cells_of(oklab(rgb))
    cells[part == 0] = NO_CELL
    light = np.frombuffer(b"".join(row.light for row in rows), np.uint8).reshape(len(rows), SIDE, SIDE).astype(np.float32)
    looks = np.concatenate([_palette(rgb, part), _light(light), _edges(light)], axis=1)
    parts = np.where(part > 0, np.clip(np.rint(part * 255), 1, 255), 0).astype(np.uint8)
    return Features(
        np.array([row.seq for row in rows], np.int32), rgb, parts.T.copy(), cells.T.copy(), np.rint(127 * looks).astype(np.int8)
    )


def oklab(rgb: Array) -> Array:
    """Of channels 0–255 in the last axis."""
    value = rgb.astype(np.float32) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    cone = np.cbrt(linear @ _TO_CONES.T)
    return cone @ _TO_LAB.T


def cells_of(lab: Array) -> Array:
    """Numbers of cells of a 32nd of each axis."""
    steps = np.stack([lab[..., 0] * 32, (lab[..., 1] + 0.4) * 40, (lab[..., 2] + 0.4) * 40], axis=-1)
    at = np.clip(steps, 0, 31).astype(np.uint16)
    return (at[..., 0] * 1024 + at[..., 1] * 32 + at[..., 2]).astype(np.uint16)


def middles() -> Array:
    """OKLab of the middle of each cell."""
    at = np.arange(NO_CELL)
    return np.stack([(at // 1024 + 0.5) / 32, (at // 32 % 32 + 0.5) / 40 - 0.4, (at % 32 + 0.5) / 40 - 0.4], axis=-1)


def _palette(rgb: Array, part: Array) -> Array:
    """How much is where in a grid of 4 × 4 × 4, each colour shared among the places around it: likeness is the product."""
    lab = oklab(rgb)
    place = np.clip(np.stack([lab[..., 0] * 3, (lab[..., 1] + 0.18) * 3 / 0.36, (lab[..., 2] + 0.18) * 3 / 0.36], axis=-1), 0, 3)
    low = np.clip(np.floor(place), 0, 2).astype(int)
    beside = place - low
    grid = np.zeros((len(rgb), PART), np.float32)
    rows = np.repeat(np.arange(len(rgb))[:, None], rgb.shape[1], axis=1)
    for corner in range(8):
        step = np.array([corner >> 2 & 1, corner >> 1 & 1, corner & 1])
        weight = np.prod(np.where(step, beside, 1 - beside), axis=-1) * part
        at = low + step
        np.add.at(grid, (rows, at[..., 0] * 16 + at[..., 1] * 4 + at[..., 2]), weight)
    return _unit(np.sqrt(grid))


def _light(light: Array) -> Array:
    pooled = light.reshape(len(light), 8, 2, 8, 2).mean(axis=(2, 4)).reshape(len(light), PART)
    return _unit(pooled - pooled.mean(axis=1, keepdims=True))


def _edges(light: Array) -> Array:
    """Where light changes, whichever way."""
    across = np.abs(np.diff(light, axis=2, append=light[:, :, -1:]))
    down = np.abs(np.diff(light, axis=1, append=light[:, -1:, :]))
    pooled = (across + down).reshape(len(light), 8, 2, 8, 2).mean(axis=(2, 4)).reshape(len(light), PART)
    return _unit(pooled - pooled.mean(axis=1, keepdims=True))


def _unit(values: Array) -> Array:
    length = np.sqrt((values**2).sum(axis=1, keepdims=True))
    return values / np.maximum(length, 1e-6)


_TO_CONES = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]],
    np.float32,
)
_TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099], [0.0259040371, 0.7827717662, -0.8086757660]],
    np.float32,
)
