"""Draw the icons of the installed app and of the browser extension from static/icon.svg, in Chromium. They are committed."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page, sync_playwright  # noqa: E402

from tests.servers.chromium import ARGUMENTS, chromium_path  # noqa: E402

APP, EXTENSION = ROOT / "static" / "icons", ROOT / "extras" / "browser" / "icons"
SIZES = {APP: {"app-192.png": 192, "app-512.png": 512}, EXTENSION: {f"{size}.png": size for size in (16, 32, 48, 128)}}
# Systems cut these into shapes of their own, so their ground reaches the edge. The sign lies within the part that stays.
WHOLE = {"app-maskable-512.png": 512, "app-apple-180.png": 180}


def draw(page: Page, svg: str, path: Path, size: int) -> None:
    page.set_viewport_size({"width": size, "height": size})
    page.set_content(f"<style>*{{margin:0}}svg{{display:block;width:{size}px;height:{size}px}}</style>{svg}")
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(path), omit_background=True)


def main() -> None:
    svg = (ROOT / "static" / "icon.svg").read_text()
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        page = browser.new_page(device_scale_factor=1)
        for folder, sizes in SIZES.items():
            for name, size in sizes.items():
                draw(page, svg, folder / name, size)
        for name, size in WHOLE.items():
            draw(page, re.sub(r' rx="\d+"', "", svg), APP / name, size)
        browser.close()


if __name__ == "__main__":
    main()
