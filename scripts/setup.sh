#!/bin/sh
# Makes .venv and installs Pindeck into it: the versions of requirements/, each file checked against its hash.
# Usage: setup.sh [EXTRA,EXTRA]. Does nothing, and needs no network, when nothing changed since the last time.
set -eu
cd "$(dirname "$0")/.."
. scripts/apt.sh
extras=${1:-}

fingerprint() {
    { cat pyproject.toml requirements/*.txt && pwd -P && .venv/bin/python -VV; } 2>/dev/null | cksum
}

# A stamp per set of extras holds what was true when pip last succeeded; heif,test also serves for heif or none.
is_installed() {
    for stamp in ".venv/installed-$1"*; do
        if [ -x .venv/bin/pindeck ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint)" ]; then
            return
        fi
    done
    return 1
}

is_installed "$extras" && exit 0

find_python() {
    for name in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
        # Asked outside the checkout, because pyenv would obey .python-version, which is for builders of platforms.
        if [ "$name" ] && (cd / && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))') 2>/dev/null; then
            (cd / && "$name" -c 'import sys; print(sys.executable)')
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

# Programs in an environment name its folder, so one that was moved or broken is made anew; so is one of another
# version, because pip leaves what the lists do not name any more.
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1 ||
    { [ -f .venv/made-in ] && { [ "$(cat .venv/made-in)" != "$(pwd -P)" ] || ! is_installed ""; }; }; then
    make_venv
fi
echo "Installing Pindeck and what it needs (only the first time and after an update)"
pip_install() { .venv/bin/python -m pip install -qq --disable-pip-version-check "$@"; }
lists=$(for extra in $(echo "${extras:-run}" | tr , ' '); do echo "-r requirements/$extra.txt"; done)
# What the lists do not name is never fetched: neither by the second step nor to build Pindeck itself.
# shellcheck disable=SC2086
{ pip_install --require-hashes $lists && pip_install --no-deps --no-build-isolation --no-index -e .; } || {
    echo "Installing failed, as the lines above say. It needs a network; try again once there is one." >&2
    exit 1
}
rm -f .venv/installed-*
fingerprint > ".venv/installed-$extras"
