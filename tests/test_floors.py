"""Imports go down: a module imports lower floors and its own package, never sideways or up."""

import ast
import re
import statistics
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "pindeck"

FLOORS = {
    "errors": 0, "masking": 0, "hosts": 0, "data_folder": 0, "locks": 0, "times": 0, "terms": 0, "setting_types": 0.3, "setting_checks": 0.3, "setting_bots": 0.4, "setting_vision": 0.45, "logs": 0.5, "config": 0.5, "resources": 0.5,
    "disk": 0.5, "text": 1, "search": 1, "cursors": 1, "states": 1, "vocabulary": 1, "db": 1, "storage": 1, "imaging": 1, "finding": 1, "fetching": 1, "discord": 1,
    "varying": 1.5, "vision": 1.5, "paper": 1.5,
    "models": 2,
    "queue": 3, "access": 3,
    "services": 5,
    "exports": 5.3, "http": 5.5, "web": 6, "api": 6, "jobs": 6, "demo": 6, "public": 6.5,
    "bootstrap": 7, "worker": 8, "cli": 8, "runtime": 7,
}  # fmt: skip


# Inside `services`: a package uses lower ones and itself.
PACKAGES = {
    "activity": -1, "actions": 0, "blobs": 0, "accounts": 0, "clients": 1, "boards": 1, "jobs": 2,
    "images": 3, "library": 4, "files": 4, "backup": 4,
    "ingest": 5, "derivatives": 5, "maintenance": 6,
}  # fmt: skip


def package_of(path: Path) -> str:
    relative = path.relative_to(ROOT)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pindeck"):
            parts = (node.module or "").split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("pindeck.")}
    return found - {"__version__"}


def test_every_module_has_a_floor():
    modules = {package_of(path) for path in ROOT.rglob("*.py")} - {"__init__"}
    assert modules == set(FLOORS)


def test_the_page_on_architecture_shows_the_floors_the_rooms_and_the_scripts():
    page = (ROOT.parent / "docs" / "architecture.md").read_text()
    floors = re.findall(r"^\| ([\d.]+) \| ([^|]+) \|", page, re.MULTILINE)
    assert {name: float(floor) for floor, names in floors for name in re.findall(r"`(\w+)`", names)} == FLOORS
    drawing = page.split("Inside `services`")[1].split("```")[1]
    assert {room for room in PACKAGES if re.search(rf"\b{room}\b", drawing)} == set(PACKAGES) - {"activity"}
    scripts = page.split("| Own script |")[1].split("\n\n")[0]
    named = [name for line in scripts.splitlines()[2:] for name in re.findall(r"`(\w+)`", line.split("|")[1])]
    assert sorted(named) == sorted(path.stem for path in (ROOT.parent / "static" / "js").glob("*.js"))


def test_imports_only_go_down():
    wrong = []
    for path in ROOT.rglob("*.py"):
        here = package_of(path)
        for there in imports_of(path):
            if there != here and here != "__init__" and FLOORS[there] >= FLOORS[here]:
                wrong.append(f"{path.relative_to(ROOT)} ({FLOORS[here]}) imports {there} ({FLOORS[there]})")
    assert wrong == []


def services_of(path: Path) -> set[str]:
    """The packages of services that a file of `services` imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pindeck.services"):
            parts = (node.module or "").split(".")
            found |= {parts[2]} if len(parts) > 2 else {alias.name for alias in node.names}
    return found


def test_the_packages_of_services_have_an_order():
    rooms = {path.stem for path in (ROOT / "services").iterdir() if path.stem not in ("__init__", "__pycache__")}
    assert rooms == set(PACKAGES)
    arrows, wrong = set(), []
    for path in (ROOT / "services").rglob("*.py"):
        here = path.relative_to(ROOT / "services").parts[0].removesuffix(".py")
        for there in services_of(path) - {here}:
            arrows.add((here, there))
            if PACKAGES[there] >= PACKAGES[here]:
                wrong.append(f"{path.relative_to(ROOT)} imports {there}")
    packages = {room for room in rooms if (ROOT / "services" / room).is_dir()}
    between = {arrow for arrow in arrows if packages.issuperset(arrow)}
    assert wrong == []
    assert len(packages) <= 13 and len(between) <= 25, sorted(between)


def test_every_package_says_what_it_is_for_and_what_it_may_use():
    silent = []
    for path in ROOT.rglob("*/__init__.py"):
        told = ast.get_docstring(ast.parse(path.read_text())) or ""
        if told.count(".") < 2 or " may use " not in f" {told.replace(chr(10), ' ')} ":
            silent.append(str(path.relative_to(ROOT)))
    assert silent == []


def test_services_know_nothing_of_requests_or_redis():
    wrong = [
        str(path.relative_to(ROOT))
        for folder in ("services", "models", "storage", "imaging", "vision")
        for path in (ROOT / folder).rglob("*.py")
        if any(
            word in path.read_text()
            for word in ("import flask", "from flask", "import redis", "from redis", "from rq", '"/images/')
        )
    ]
    assert wrong == []


def test_headers_of_htmx_are_read_and_written_in_one_module():
    named = {str(path.relative_to(ROOT)) for path in ROOT.rglob("*.py") if re.search(r"[\"']HX-", path.read_text())}
    assert named == {"web/rendering.py"}


def test_templates_hold_no_inline_script_and_no_handler():
    wrong = []
    for path in (ROOT.parent / "templates").rglob("*.html"):
        text = path.read_text()
        if re.search(r"<script(?![^>]*\bsrc=)", text) or re.search(r"\son[a-z]+\s*=\s*[\"']", text):
            wrong.append(path.name)
    assert wrong == []


def test_the_web_process_does_not_load_pillow_or_a_vendor_library_to_show_a_page():
    import subprocess
    import sys

    code = (
        "import sys, tempfile, os; os.environ['DATA_DIR'] = tempfile.mkdtemp();"
        "import app; print([m for m in ('PIL', 'minio', 'numpy', 'psycopg', 'pydantic.mypy', 'httpx2', 'httpcore2', 'json_repair', 'feedparser', 'multiprocessing', 'discord', 'aiohttp') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT.parent, capture_output=True, text=True)
    assert out.stdout.strip() == "[]", out.stderr


def test_no_file_is_longer_than_400_lines_and_half_have_110_at_most():
    ours = [*ROOT.rglob("*.py"), *(ROOT.parent / "tests").rglob("*.py"), *(ROOT.parent / "static").rglob("*.*s")]
    lengths = {str(path): len(path.read_text().splitlines()) for path in ours if "vendor" not in path.parts}
    long = {name: length for name, length in lengths.items() if length > 400}
    assert long == {}
    assert statistics.median(lengths.values()) <= 110


def test_tests_lie_where_what_they_test_lies():
    def folders(path: Path) -> set[str]:
        return {each.parent.name for each in path.glob("*/__init__.py")}

    tests = ROOT.parent / "tests"
    assert folders(ROOT) <= folders(tests)
    assert folders(ROOT / "services") <= folders(tests / "services")
    for room in ("api", "public", "services"):  # a folder of tests is called as a package or a module is
        code = folders(ROOT / room) | {path.stem for path in (ROOT / room).glob("*.py")}
        assert folders(tests / room) <= code, room
