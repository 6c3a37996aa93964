"""A palette has five colours: what is missing of them is made from the first one."""

from pindeck.imaging.lab import hex_to_lab, lab_to_rgb, rgb_to_hex

COLOURS = 5


def completed(colours: list[str]) -> list[str]:
    """Five of `#rrggbb`: the first five of more; of fewer the rest is lighter and darker shades of the first.

    Deterministic. No colour at all counts as mid grey.
    """
    found = (colours or ["#808080"])[:COLOURS]
    level, a, b = hex_to_lab(found[0])
    for step in range(6, 102, 6):
        for shade in (level + step, level - step):
            if len(found) == COLOURS:
                return found
            text = rgb_to_hex(lab_to_rgb((min(100.0, max(0.0, shade)), a, b)))
            if text not in found:
                found.append(text)
    return found
