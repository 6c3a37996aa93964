"""Starts Ceph RGW, a production S3 server: one monitor, one OSD in memory and the gateway."""

import os
import secrets
import subprocess
import uuid
from pathlib import Path

from tests.servers.s3 import S3Server, end, free_port, start, wait_for_http

REGION = "us-east-1"

# Without all six `mode = crc` lines the gateway loops on a refused authentication.
_CONF = """\
[global]
fsid = {fsid}
mon initial members = a
mon host = [v2:127.0.0.1:{mon_v2},v1:127.0.0.1:{mon_v1}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
ms mon cluster mode = crc
ms mon service mode = crc
ms mon client mode = crc
ms cluster mode = crc
ms service mode = crc
ms client mode = crc
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 2000
osd objectstore = memstore
memstore device bytes = 2147483648
run dir = {folder}
log file = {folder}/$name.log
pid file = {folder}/$name.pid
admin socket =
crash dir = {folder}/crash
debug ms = 0/0

[mon.a]
mon data = {folder}/mon
mon data avail warn = 1
mon data avail crit = 1

[osd.0]
osd data = {folder}/osd

[client.rgw.a]
rgw frontends = beast endpoint=127.0.0.1:{http}
rgw data = {folder}/rgw
rgw thread pool size = 32
rgw bucket quota ttl = 0
rgw user quota bucket sync interval = 1
"""


def start_rgw(folder: Path) -> S3Server:
    """Start RGW with all its files in `folder`, which should have a short path. Raises RuntimeError."""
    ports = {"mon_v2": free_port(), "mon_v1": free_port(), "http": free_port()}
    conf = folder / "ceph.conf"
    fsid, osd = str(uuid.uuid4()), str(uuid.uuid4())
    conf.write_text(_CONF.format(fsid=fsid, folder=folder, **ports))
    for name in ("mon", "osd", "rgw", "crash"):
        (folder / name).mkdir()
    run = _Runner(conf, folder)
    monmap = str(folder / "monmap")
    monitor = f"[v2:127.0.0.1:{ports['mon_v2']},v1:127.0.0.1:{ports['mon_v1']}]"
    run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", monitor, monmap)
    run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap)
    try:
        run.serve("ceph-mon", "-f", "-i", "a")
        run("ceph", "--connect-timeout", "30", "osd", "new", osd, "0")
        run("ceph-osd", "--mkfs", "-i", "0", "--osd-uuid", osd)
        run.serve("ceph-osd", "-f", "-i", "0")
        gateway = run.serve("radosgw", "-f", "-n", "client.rgw.a")
        wait_for_http(gateway, f"http://127.0.0.1:{ports['http']}/", folder / "client.rgw.a.log")
        access_key, secret_key = secrets.token_hex(10).upper(), secrets.token_hex(20)
        run(
            "radosgw-admin", "user", "create", "--uid=pindeck", "--display-name=Pindeck",
            f"--access-key={access_key}", f"--secret-key={secret_key}",
        )  # fmt: skip
    except BaseException:
        for process in reversed(run.processes):
            end(process)
        raise
    server = S3Server(f"127.0.0.1:{ports['http']}", access_key, secret_key, REGION, run.processes)
    server.set_quota = run.set_quota
    return server


class _Runner:
    """Runs Ceph's commands against this cluster only."""

    def __init__(self, conf: Path, folder: Path) -> None:
        self._conf = conf
        self._folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []

    def __call__(self, *command: str) -> None:
        done = subprocess.run(self._with_conf(command), capture_output=True, timeout=120, env=self._environ())
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr.decode(errors='replace')[-4000:]}")

    def serve(self, *command: str) -> "subprocess.Popen[bytes]":
        process = start(self._with_conf(command), self._folder / f"{command[0]}.out", {})
        self.processes.append(process)
        return process

    def set_quota(self, size: int) -> None:
        """Let the user keep at most `size` bytes in each bucket; 0 means no limit."""
        scope = ("--quota-scope=bucket", "--uid=pindeck")
        if size:
            self("radosgw-admin", "quota", "set", *scope, f"--max-size={size}")
        self("radosgw-admin", "quota", "enable" if size else "disable", *scope)

    def _with_conf(self, command: tuple[str, ...]) -> list[str]:
        return [command[0], "-c", str(self._conf), *command[1:]]

    def _environ(self) -> dict[str, str]:
        return os.environ | {"CEPH_CONF": str(self._conf)}
