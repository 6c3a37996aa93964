#!/bin/sh
# Installs what the tests need and pip does not bring: Chromium, a library of the node that comes with Playwright,
# curl for the examples of the documentation, LibreOffice and a reader of PDF for exported slides. Valkey, PostgreSQL
# and the S3 server came with the test extra.
# With CI=true a missing one is a failure.
set -eu
cd "$(dirname "$0")/.."
. scripts/apt.sh

missing() {
    # A page without any font has no text to see.
    PYTHONPATH=. .venv/bin/python -m tests.servers.chromium >/dev/null 2>&1 || echo chromium fonts-liberation
    .venv/bin/python -m playwright --version >/dev/null 2>&1 || echo libatomic1
    command -v curl >/dev/null || echo curl
    command -v soffice >/dev/null || echo libreoffice-impress-nogui
    command -v pdftoppm >/dev/null || echo poppler-utils
}

# The suite is shorter with a Chromium that was built without windows, and does without it.
faster() { command -v chromium-headless-shell >/dev/null || echo chromium-headless-shell; }

wanted=$(missing | xargs)
if may_apt && [ "$wanted$(faster)" ]; then
    echo "Installing $wanted $(faster)"
    # shellcheck disable=SC2046,SC2086
    apt_install $wanted $(faster) || apt_install $wanted || true
    wanted=$(missing | xargs)
fi
[ "$wanted" ] || exit 0
echo "The tests need more: run 'apt-get install $wanted' as root (Debian; on Ubuntu and macOS Chromium comes" \
    "with '.venv/bin/playwright install chromium'), then try again." >&2
[ "${CI:-}" != true ]
