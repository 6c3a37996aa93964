#!/bin/sh
# Resolves uv.lock anew and writes the same versions with their hashes to requirements/, which pip reads:
# run.txt is what Pindeck needs and what builds it, and each extra has a file that holds the same and its own.
set -eu
cd "$(dirname "$0")/.."
uv=$(command -v .venv/bin/uv || command -v uv) || {
    echo "This needs uv: run 'make setup' and try again." >&2
    exit 1
}

export_to() {
    file=requirements/$1.txt
    shift
    {
        echo "# Written by scripts/lock.sh from uv.lock. pip installs these versions and no others."
        "$uv" export --quiet --frozen --no-default-groups --group build "$@" \
            --no-emit-project --no-annotate --no-header
    } > "$file"
}

"$uv" lock --default-index https://pypi.org/simple "$@"
mkdir -p requirements
export_to run
for extra in heif test bench audit; do
    export_to "$extra" --extra "$extra"
done
