#!/bin/sh
# Resolves uv.lock anew and writes the same versions to constraints.txt, which pip reads.
set -eu
cd "$(dirname "$0")/.."
uv=$(command -v uv || command -v .venv/bin/uv) || {
    echo "This needs uv: run '.venv/bin/pip install uv' and try again." >&2
    exit 1
}
"$uv" lock --default-index https://pypi.org/simple
{
    echo "# Written by scripts/lock.sh from uv.lock. pip installs these versions and no others."
    "$uv" export --quiet --frozen --all-extras --no-hashes --no-emit-project --no-annotate --no-header |
        sed -E 's/^([A-Za-z0-9._-]+)\[[^]]*\]/\1/'
} > constraints.txt
