"""Starts ministack, a small S3 server in memory.

It checks the signature of the key that is made here, bucket policies, and that nothing is read without a signature. It
does not check everything that a server in production does: whoever names its own root key, `test`, is let in whatever
the signature, and an address of its own empties it. So that strangers read nothing is proven on Ceph RGW
(`make test-rgw`), and only looked at here.
"""

import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree

import urllib3
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REGION = "us-east-1"
_IAM = "{https://iam.amazonaws.com/doc/2010-05-08/}"
_ROOT = Credentials("test", "test")
_ALL_OF_S3 = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'


@dataclass
class S3Server:
    """A running S3 server. `endpoint` is host and port without a scheme."""

    endpoint: str
    access_key: str
    secret_key: str
    region: str
    processes: list["subprocess.Popen[bytes]"] = field(repr=False)
    # What must be done before a bucket may be opened to visitors; AWS forbids that at first.
    allow_public: Callable[[str], None] = field(repr=False, default=lambda bucket: None)
    # Limits the bytes of each bucket (0 lifts the limit), where the server can.
    set_quota: Callable[[int], None] | None = field(repr=False, default=None)

    def environ(self) -> dict[str, str]:
        """Settings that name this server and two buckets of their own."""
        name = f"pindeck-{secrets.token_hex(6)}"
        self.allow_public(f"{name}-public")
        return {
            "MINIO_ENDPOINT": self.endpoint,
            "MINIO_ACCESS_KEY": self.access_key,
            "MINIO_SECRET_KEY": self.secret_key,
            "MINIO_SECURE": "0",
            "MINIO_REGION": self.region,
            "MINIO_BUCKET": name,
            "MINIO_PUBLIC_BUCKET": f"{name}-public",
        }

    def stop(self) -> None:
        """End the server's processes, the last started first."""
        for process in reversed(self.processes):
            end(process)


def start_ministack(folder: Path) -> S3Server:
    """Start ministack with its log in `folder`. It keeps everything in memory."""
    port = free_port()
    process = start(
        [sys.executable, "-m", "ministack"],
        folder / "ministack.log",
        {
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "SERVICES": "s3,iam",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "TMPDIR": str(folder),
            "DOCKER_HOST": "unix:///nonexistent",
            "LOG_LEVEL": "WARNING",
        },
    )
    try:
        wait_for_http(process, f"http://127.0.0.1:{port}/_ministack/health", folder / "ministack.log")
        endpoint = f"127.0.0.1:{port}"
        access_key, secret_key = _make_user(endpoint)
    except BaseException:
        end(process)
        raise
    mine = Credentials(access_key, secret_key)

    def allow_public(bucket: str) -> None:
        _call("PUT", f"http://{endpoint}/{bucket}", mine, "s3")
        _call("DELETE", f"http://{endpoint}/{bucket}?publicAccessBlock", mine, "s3")

    return S3Server(endpoint, access_key, secret_key, REGION, [process], allow_public)


def _make_user(endpoint: str) -> tuple[str, str]:
    """Make an IAM user who may do all of S3; the root key would not have its signatures checked."""
    common = "&UserName=pindeck&Version=2010-05-08"
    address = f"http://{endpoint}/"
    _call("POST", address, _ROOT, "iam", f"Action=CreateUser{common}")
    policy = urlencode({"PolicyName": "s3", "PolicyDocument": _ALL_OF_S3})
    _call("POST", address, _ROOT, "iam", f"Action=PutUserPolicy{common}&{policy}")
    answer = ElementTree.fromstring(_call("POST", address, _ROOT, "iam", f"Action=CreateAccessKey{common}"))
    return (
        answer.findtext(f".//{_IAM}AccessKeyId") or "",
        answer.findtext(f".//{_IAM}SecretAccessKey") or "",
    )


def _call(method: str, address: str, credentials: Credentials, service: str, body: str = "") -> bytes:
    """A signed request. Raises RuntimeError unless it is answered with success."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    request = AWSRequest(method, address, headers=headers, data=body.encode())
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    signer(credentials, service, REGION).add_auth(request)
    answer = urllib3.request(method, address, headers=dict(request.headers), body=body.encode() or None, timeout=60)
    if answer.status >= 300:
        raise RuntimeError(f"{method} {address} was answered with {answer.status}: {answer.data[:500]!r}")
    return answer.data


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(command: list[str], log: Path, environ: dict[str, str]) -> "subprocess.Popen[bytes]":
    """Start a server that ends with the tests, however they end."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            env=os.environ | environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process: asked first, then made to."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_http(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    """Wait until the server answers. Raises RuntimeError with its log if it ends or takes a minute."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib3.request("GET", address, timeout=2, retries=False)
            return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.05)
    raise RuntimeError(f"The server did not start:\n{log.read_text(errors='replace')[-4000:]}")


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    set_parent_death_signal = 1
    assert _libc is not None
    _libc.prctl(set_parent_death_signal, signal.SIGTERM)
