#!/bin/sh
# Installs the Ceph object gateway for the store contract (Debian and its relatives). Needs root.
set -eu
for command in radosgw radosgw-admin ceph ceph-mon ceph-osd monmaptool; do
    command -v "$command" >/dev/null || missing=1
done
[ "${missing:-}" ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
    echo "Installing Ceph RGW needs root: run 'sudo sh $0' once." >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends radosgw ceph-mon ceph-osd ceph-common
