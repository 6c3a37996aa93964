"""An office program and a reader of PDF that did not write what they read: slides become PDF, and pages become pictures."""

import os
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

from PIL import Image
from pypdf import PageObject

from pindeck.paper import scripts

LIMIT_S = 120
PAINTS = {operator.encode() for operator in ["f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh", "Do", "Tj", "TJ"]}
_FONTS = '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>{0}<cachedir>{1}</cachedir></fontconfig>\n'


def as_pdf(slides: dict[str, bytes], fonts: list[Path], folder: Path) -> dict[str, bytes]:
    """What LibreOffice makes of each PPTX, by the same names. It sees the fonts in these folders, and those of `scripts` for letters
    that they lack, as if they were installed: what else the machine has changes nothing. Raises RuntimeError where it complains."""
    office = shutil.which("soffice")
    if office is None:
        raise RuntimeError("LibreOffice is missing: run 'apt-get install libreoffice-impress-nogui' as root (Debian).")
    for name, data in slides.items():
        (folder / f"{name}.pptx").write_bytes(data)
    told = "".join(f"<dir>{path}</dir>" for path in (*fonts, scripts.FONTS))
    (folder / "fonts.conf").write_text(_FONTS.format(told, folder / "cache"))
    command = [office, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf", "--outdir", str(folder / "out")]
    environ = {**os.environ, "HOME": str(folder), "FONTCONFIG_FILE": str(folder / "fonts.conf")}
    done = subprocess.run(
        [*command, *(f"{folder}/{name}.pptx" for name in slides)], env=environ, capture_output=True, text=True, timeout=LIMIT_S
    )  # fmt: skip
    made = {name: folder / "out" / f"{name}.pdf" for name in slides}
    complaints = [line for line in done.stderr.splitlines() if line and "javaldx" not in line]  # it would like to have Java
    if done.returncode or complaints or not all(path.exists() for path in made.values()):
        raise RuntimeError(f"LibreOffice did not take the slides: {done.returncode}\n{done.stdout}{done.stderr}")
    return {name: path.read_bytes() for name, path in made.items()}


def pictures(pdf: bytes, width: int) -> list[Image.Image]:
    """Each page as Poppler shows it, so many pixels wide."""
    reader = shutil.which("pdftoppm")
    if reader is None:
        raise RuntimeError("Poppler is missing: run 'apt-get install poppler-utils' as root (Debian).")
    done = subprocess.run([reader, "-scale-to-x", str(width), "-scale-to-y", "-1", "-"], input=pdf, capture_output=True, check=True, timeout=LIMIT_S)
    stream, found = BytesIO(done.stdout), []
    while stream.tell() < len(done.stdout):  # one after another, each a head of three lines and its pixels
        head = [stream.readline() for _ in range(3)]
        size = tuple(map(int, head[1].split()))
        found.append(Image.frombytes("RGB", size, stream.read(size[0] * size[1] * 3)))  # type: ignore[arg-type]
    return found


def read_aloud(pdf: bytes, folder: Path) -> list[tuple[str, str]]:
    """What the structure of a PDF holds as Poppler reads it, in its order: the tag of each part and its words."""
    (folder / "read.pdf").write_bytes(pdf)
    reader = shutil.which("pdfinfo")
    if reader is None:
        raise RuntimeError("Poppler is missing: run 'apt-get install poppler-utils' as root (Debian).")
    done = subprocess.run([reader, "-struct-text", str(folder / "read.pdf")], capture_output=True, text=True, check=True, timeout=LIMIT_S)
    found: list[tuple[str, str]] = []
    for line in done.stdout.splitlines()[1:]:
        told = line.strip()
        if told.startswith('"'):
            found[-1] = (found[-1][0], found[-1][1] + told.strip('"'))
        elif told:
            found.append((told.removesuffix(" (block)"), ""))
    return found


def left_untagged(page: PageObject) -> list[bytes]:
    """What a page paints that is neither a part of its structure nor said to be decoration."""
    found, depth = [], 0
    for _, operator in page.get_contents().operations:  # type: ignore[union-attr]
        depth += {b"BDC": 1, b"BMC": 1, b"EMC": -1}.get(operator, 0)
        if not depth and operator in PAINTS:
            found.append(operator)
    return found
