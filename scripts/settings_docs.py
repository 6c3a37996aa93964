"""Write `.env.example` and the settings table of the README from `pindeck/config.py`; `--check` only compares."""

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pindeck.config import Settings  # noqa: E402
from pindeck.setting_bots import BotSettings  # noqa: E402

BEGIN, END = "<!-- settings -->", "<!-- /settings -->"


def default_of(name: str) -> str:
    value = Settings.model_fields[name].default
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)


def fields() -> list[tuple[str, Any]]:
    """Those of bots come last."""
    return sorted(Settings.model_fields.items(), key=lambda item: item[0] in BotSettings.model_fields)


def env_example() -> str:
    lines = ["# Every setting of Pindeck with its default. NAME_FILE=/path reads the value of NAME from a file.", ""]
    for name, field in fields():
        lines += [f"# {field.description}", f"#{name.upper()}={default_of(name)}", ""]
    return "\n".join(lines)


def table() -> str:
    rows = ["| Setting | Default | What it does |", "|---|---|---|"]
    for name, field in fields():
        default = default_of(name)
        rows.append(f"| `{name.upper()}` | {f'`{default}`' if default else '–'} | {field.description} |")
    return "\n".join(rows)


def readme_with_table(text: str) -> str:
    head, rest = text.split(BEGIN, 1)
    return f"{head}{BEGIN}\n{table()}\n{END}{rest.split(END, 1)[1]}"


def main() -> int:
    readme, env = ROOT / "README.md", ROOT / ".env.example"
    wanted = {env: env_example(), readme: readme_with_table(readme.read_text())}
    if "--check" in sys.argv:
        stale = [path.name for path, text in wanted.items() if not path.exists() or path.read_text() != text]
        print("\n".join(f"{name} differs from config.py: run python scripts/settings_docs.py" for name in stale))
        return 1 if stale else 0
    for path, text in wanted.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
