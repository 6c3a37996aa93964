"""Fetch the browser's libraries, fonts and icons from npm at pinned versions into committed files."""

import hashlib
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# package@version -> {path inside the package: file of ours}
FILES: dict[str, dict[str, str]] = {
    "htmx.org@2.0.11": {"dist/htmx.min.js": "static/vendor/htmx-2.0.11.min.js"},
    "sortablejs@1.15.7": {"Sortable.min.js": "static/vendor/sortable-1.15.7.min.js"},
    "thumbhash@0.1.1": {"thumbhash.js": "static/vendor/thumbhash-0.1.1.js"},
    "axe-core@4.14.1": {"axe.min.js": "tests/vendor/axe.min.js"},
    "@fontsource-variable/geist@5.3.0": {"files/geist-latin-wght-normal.woff2": "static/fonts/geist.woff2"},
    "@fontsource-variable/geist-mono@5.3.0": {"files/geist-mono-latin-wght-normal.woff2": "static/fonts/geist-mono.woff2"},
    "@fontsource-variable/archivo-narrow@5.3.0": {
        "files/archivo-narrow-latin-wght-normal.woff2": "static/fonts/archivo-narrow.woff2"
    },
}
# What PDFs are written with: each font whole, as TrueType, because a job that had to unpack it would take seconds.
FONTS: dict[str, dict[str, str]] = {
    "@expo-google-fonts/noto-sans@0.4.2": {
        "400Regular/NotoSans_400Regular.ttf": "sans", "700Bold/NotoSans_700Bold.ttf": "sans-bold"
    },
    "@expo-google-fonts/noto-sans-arabic@0.4.3": {"400Regular/NotoSansArabic_400Regular.ttf": "arabic"},
    "@expo-google-fonts/noto-sans-hebrew@0.4.1": {"400Regular/NotoSansHebrew_400Regular.ttf": "hebrew"},
    "@fontsource/noto-sans-sc@5.3.0": {"files/noto-sans-sc-chinese-simplified-400-normal.woff2": "simplified"},
    "@fontsource/noto-sans-tc@5.3.0": {"files/noto-sans-tc-chinese-traditional-400-normal.woff2": "traditional"},
    "@fontsource/noto-sans-jp@5.3.0": {"files/noto-sans-jp-japanese-400-normal.woff2": "japanese"},
    "@fontsource/noto-sans-kr@5.3.0": {"files/noto-sans-kr-korean-400-normal.woff2": "korean"},
    "@fontsource/noto-emoji@5.3.2": {"files/noto-emoji-emoji-400-normal.woff2": "emoji"},
}  # fmt: skip
# What decks are set in: on pages and in their files the same bytes, with the letters of Latin, Greek and Cyrillic.
DECK_FONTS: dict[str, dict[str, str]] = {
    "@expo-google-fonts/schibsted-grotesk@0.4.2": {"700Bold/SchibstedGrotesk_700Bold.ttf": "schibsted-grotesk-700"},
    "@expo-google-fonts/karla@0.4.2": {"400Regular/Karla_400Regular.ttf": "karla-400"},
    "@expo-google-fonts/ibm-plex-sans@0.4.1": {
        "400Regular/IBMPlexSans_400Regular.ttf": "ibm-plex-sans-400",
        "600SemiBold/IBMPlexSans_600SemiBold.ttf": "ibm-plex-sans-600",
        "700Bold/IBMPlexSans_700Bold.ttf": "ibm-plex-sans-700",
    },
    "@expo-google-fonts/ibm-plex-mono@0.4.1": {"400Regular/IBMPlexMono_400Regular.ttf": "ibm-plex-mono-400"},
    "@expo-google-fonts/playfair-display@0.4.2": {"700Bold/PlayfairDisplay_700Bold.ttf": "playfair-display-700"},
    "@expo-google-fonts/source-serif-4@0.4.1": {"400Regular/SourceSerif4_400Regular.ttf": "source-serif-4-400"},
    "@expo-google-fonts/archivo-black@0.4.1": {"400Regular/ArchivoBlack_400Regular.ttf": "archivo-black-400"},
    "@expo-google-fonts/archivo@0.4.2": {"400Regular/Archivo_400Regular.ttf": "archivo-400"},
    "@expo-google-fonts/quicksand@0.4.1": {"700Bold/Quicksand_700Bold.ttf": "quicksand-700"},
    "@expo-google-fonts/cabin@0.4.2": {"400Regular/Cabin_400Regular.ttf": "cabin-400"},
    "@expo-google-fonts/inter@0.4.2": {"400Regular/Inter_400Regular.ttf": "inter-400", "700Bold/Inter_700Bold.ttf": "inter-700"},
    "@expo-google-fonts/dm-sans@0.4.2": {"400Regular/DMSans_400Regular.ttf": "dm-sans-400"},
    "@expo-google-fonts/geist@0.4.2": {"400Regular/Geist_400Regular.ttf": "geist-400", "500Medium/Geist_500Medium.ttf": "geist-500"},
    "@expo-google-fonts/geist-mono@0.4.3": {"500Medium/GeistMono_500Medium.ttf": "geist-mono-500"},
}
DECK_LETTERS = [*range(0x20, 0x530), *range(0x1E00, 0x2000), *range(0x2000, 0x2070), *range(0x20A0, 0x20C1), 0x2116, 0x2122, 0x2212]
UNUSED_TABLES = ("vhea", "vmtx", "STAT", "DSIG", "gasp", "prep", "fpgm", "cvt ")
ICON_PACKAGE = "lucide-static@1.62.0"
# our name -> the name in the set, where it differs
ICONS = {
    name: name
    for name in ["image", "images", "upload", "check", "x", "heart", "trash-2", "rotate-ccw", "search", "menu", "chevron-left", "chevron-right", "chevron-down", "chevron-up", "maximize-2", "download", "history", "map-pin", "sparkles", "user", "users", "settings-2", "keyboard", "plus", "log-out", "link", "copy", "inbox", "activity", "rss", "folder"]
} | {"alert-triangle": "triangle-alert"}  # fmt: skip


def unpack(package: str, folder: Path) -> tuple[Path, str, str]:
    """Download and unpack a package; where it lies, its version, its licence."""
    name = subprocess.run(
        ["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.split()[-1]
    target = folder / re.sub(r"\W", "_", package)
    with tarfile.open(folder / name) as archive:
        archive.extractall(target, filter="data")
    inner = target / "package"
    about = (inner / "package.json").read_text()
    version = re.search(r'"version":\s*"([^"]+)"', about)
    licence = re.search(r'"license":\s*"([^"]+)"', about)
    return inner, version.group(1) if version else "?", licence.group(1) if licence else "?"


def symbol(name: str, text: str) -> str:
    body = re.search(r"<svg[^>]*>(.*)</svg>", text, re.S)
    assert body, name
    shapes = " ".join(body.group(1).split())
    return (
        f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
        f'stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
    )


def keep_licence(inner: Path, package: str) -> None:
    """Licences ask that their text travels with the file."""
    for found in sorted(inner.glob("LICENSE_FONT")) + sorted(inner.glob("LICENSE*")) + sorted(inner.glob("LICENCE*")):
        name = re.sub(r"[^a-z0-9-]+", "-", package.rsplit("@", 1)[0].lower()).strip("-")
        target = ROOT / "static" / "vendor" / "licences" / f"{name}.txt"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(found.read_text())
        return


def as_truetype(source: Path, target: Path, letters: list[int] | None = None) -> None:
    """The font without what neither a PDF nor its shaping reads, or with these letters alone; the same bytes each time."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    font = TTFont(source, recalcTimestamp=False)
    if letters is not None:
        cut = Subsetter(Options(hinting=False, notdef_outline=True))
        cut.populate(unicodes=letters)
        cut.subset(font)
    font.flavor = None
    for table in UNUSED_TABLES:
        if table in font:
            del font[table]
    target.parent.mkdir(parents=True, exist_ok=True)
    font.save(target)


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for package, files in FILES.items():
            inner, version, licence = unpack(package, folder)
            keep_licence(inner, package)
            for source, target in files.items():
                path = ROOT / target
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes((inner / source).read_bytes())
                rows.append((target, package.rsplit("@", 1)[0] or package, version, licence))
        for package, files in FONTS.items():
            inner, version, licence = unpack(package, folder)
            keep_licence(inner, package)
            for source, name in files.items():
                target = f"pindeck/paper/fonts/{name}.ttf"
                as_truetype(inner / source, ROOT / target)
                rows.append((target, package.rsplit("@", 1)[0], version, licence))
        for package, files in DECK_FONTS.items():
            inner, version, licence = unpack(package, folder)
            keep_licence(inner, package)
            for source, name in files.items():
                target = f"static/fonts/decks/{name}.ttf"
                as_truetype(inner / source, ROOT / target, DECK_LETTERS)
                rows.append((target, package.rsplit("@", 1)[0], version, licence))
        inner, version, licence = unpack(ICON_PACKAGE, folder)
        symbols = [symbol(ours, (inner / "icons" / f"{theirs}.svg").read_text()) for ours, theirs in ICONS.items()]
        sprite = ROOT / "static" / "icons.svg"
        sprite.write_text('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n")
        keep_licence(inner, ICON_PACKAGE)
        rows.append(("static/icons.svg", ICON_PACKAGE.rsplit("@", 1)[0], version, licence))
    lines = ["# Files of others", "", "Written by `scripts/vendor.py`.", "",
             "| File | Package | Version | Licence | SHA-256 |", "|---|---|---|---|---|"]  # fmt: skip
    for target, package, version, licence in rows:
        digest = hashlib.sha256((ROOT / target).read_bytes()).hexdigest()
        lines.append(f"| `{target}` | {package} | {version} | {licence} | `{digest}` |")
    (ROOT / "static" / "vendor" / "VENDORED.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
