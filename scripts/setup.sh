#!/bin/sh
# Makes .venv and installs Pindeck into it with the versions of constraints.txt.
# Usage: setup.sh [EXTRA,EXTRA]. Does nothing, and needs no network, when nothing changed since the last time.
set -eu
cd "$(dirname "$0")/.."
. scripts/apt.sh
extras=${1:-}

fingerprint() {
    { cat pyproject.toml constraints.txt && pwd -P && .venv/bin/python -VV; } 2>/dev/null | cksum
}

# A stamp per set of extras holds what was true when pip last succeeded; heif,test also serves for heif or none.
for stamp in ".venv/installed-$extras"*; do
    if [ -x .venv/bin/pindeck ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint)" ]; then
        exit 0
    fi
done

find_python() {
    for name in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
        if [ "$name" ] && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    echo "Pindeck needs Python 3.11 or newer: install it, or name one with PYTHON=/path/to/python3." >&2
    return 1
}

make_venv() {
    python=$(find_python)
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        # Debian and Ubuntu keep these two in a package of their own.
        package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        if ! may_apt; then
            echo "This Python cannot make environments: install $package (apt-get install $package) and try again." >&2
            return 1
        fi
        echo "Installing $package"
        apt_install "$package"
    fi
    echo "Making the environment in .venv"
    rm -rf .venv
    "$python" -m venv .venv
    pwd -P > .venv/made-in
}

# Programs in an environment name its folder, so one that was moved or broken is made anew.
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1 ||
    { [ -f .venv/made-in ] && [ "$(cat .venv/made-in)" != "$(pwd -P)" ]; }; then
    make_venv
fi
echo "Installing Pindeck and what it needs (only the first time and after an update)"
.venv/bin/python -m pip install -qq --disable-pip-version-check --prefer-binary \
    -c constraints.txt -e ".${extras:+[$extras]}" || {
    echo "Installing failed, as the lines above say. It needs a network; try again once there is one." >&2
    exit 1
}
rm -f .venv/installed-*
fingerprint > ".venv/installed-$extras"
