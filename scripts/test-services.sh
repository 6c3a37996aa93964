#!/bin/sh
# Installs the services of the tests that pip does not bring: Chromium alone. Valkey, PostgreSQL and the
# S3 server came with the test extra. With CI=true a missing one is a failure.
set -eu
cd "$(dirname "$0")/.."
. scripts/apt.sh

has_chromium() { PYTHONPATH=. .venv/bin/python -m tests.servers.chromium >/dev/null 2>&1; }

has_chromium && exit 0
if may_apt; then
    echo "Installing Chromium"
    # A page without any font has no text to see.
    apt_install chromium fonts-liberation || true
fi
has_chromium && exit 0
echo "The browser tests need Chromium: run 'apt-get install chromium' as root (Debian)" \
    "or '.venv/bin/playwright install chromium' (Ubuntu, macOS), then try again." >&2
[ "${CI:-}" != true ]
