"""What a browser reads before it installs Pindeck as an app."""

import json
from pathlib import Path

from PIL import Image

from pindeck import resources
from tests.conftest import ClientFor

ROOT = Path(resources.ROOT)


def test_pages_name_a_manifest_whose_icons_are_what_it_says_and_whose_share_target_is_the_form(client_for: ClientFor) -> None:
    visitor = client_for(None)
    page = visitor.get("/").text
    assert '<link rel="manifest" href="/manifest.webmanifest"' in page and "apple-touch-icon" in page
    answer = visitor.get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json" and "Set-Cookie" not in answer.headers
    told = json.loads(answer.data)
    assert (told["display"], told["start_url"], told["share_target"]["action"]) == ("standalone", "/", "/import")
    assert {icon["purpose"] for icon in told["icons"]} == {"any", "maskable"}
    for icon in told["icons"]:
        sent = visitor.get(icon["src"])
        assert sent.status_code == 200 and sent.mimetype == "image/png"
        picture = Image.open(ROOT / icon["src"].partition("?")[0].lstrip("/"))
        assert f"{picture.width}x{picture.height}" == icon["sizes"]
        corners = [picture.convert("RGBA").getpixel(at)[3] for at in ((0, 0), (picture.width - 1, picture.height - 1))]  # type: ignore[index]
        assert corners == ([255, 255] if icon["purpose"] == "maskable" else [0, 0])  # one that is cut has no round corners


def test_no_script_of_ours_keeps_pages_or_pictures_behind_the_back_of_the_server() -> None:
    scripts = [*(ROOT / "static" / "js").glob("*.js"), ROOT / "static" / "bookmarklet.js"]
    assert len(scripts) > 20
    assert [path.name for path in scripts if "serviceWorker" in path.read_text() or "caches." in path.read_text()] == []
