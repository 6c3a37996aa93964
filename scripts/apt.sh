# Sourced by the other scripts: packages of Debian and Ubuntu, where we may install them.

may_apt() { [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; }

apt_install() {
    export DEBIAN_FRONTEND=noninteractive
    # The lists of a fresh machine are empty or old, so a first failure is worth an update.
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 && return
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
