"""A real S3 server (SeaweedFS) on this machine: one key, one secret, no bucket until somebody makes one."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final, Self

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

KEY, SECRET = "test-access-key", "test-secret-key-0123456789"
BUCKET = "llm-playground"
PATIENCE: Final = 90.0
"""Seconds until it answers, on a machine that does much besides."""


class ObjectStore:
    """Running between `with` and its end; `stop` and `start` keep what it holds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        names = ("master", "master.grpc", "volume", "volume.grpc", "filer", "filer.grpc", "s3", "s3.grpc")
        self._ports = dict(zip(names, _free_ports(len(names)), strict=True))
        self.url = f"http://127.0.0.1:{self._ports['s3']}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead the service here."""
        return {
            "MINIO_ENDPOINT": self.url,
            "MINIO_ACCESS_KEY": KEY,
            "MINIO_SECRET_KEY": SECRET,
            "MINIO_BUCKET": BUCKET,
        }

    def client(self, secret: str = SECRET) -> Any:
        """boto3's own client: it sees what lies there as it lies there."""
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=KEY,
            aws_secret_access_key=secret,
            region_name="us-east-1",
            config=Config(connect_timeout=2, read_timeout=10, retries={"max_attempts": 1}),
        )

    def raw(self) -> dict[str, bytes]:
        """Every object of the bucket, as it lies there."""
        client = self.client()
        rows = client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {row["Key"]: client.get_object(Bucket=BUCKET, Key=row["Key"])["Body"].read() for row in rows}

    def start(self) -> None:
        """Returns when it answers; raises RuntimeError with the end of its log when it does not."""
        self._folder.mkdir(parents=True, exist_ok=True)
        identities = {
            "identities": [
                {"name": "t", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}
            ]
        }
        config = self._folder / "identities.json"
        config.write_text(json.dumps(identities))
        program = shutil.which("weed", path=str(Path(sys.executable).parent)) or "weed"
        options = {"dir": self._folder, "ip": "127.0.0.1", "ip.bind": "127.0.0.1", "s3.config": config}
        options |= {"s3.port.iceberg": 0, "s3.port.lance": 0, "master.telemetry": "false"}
        options |= {
            name.replace(".grpc", ".port.grpc") if "." in name else f"{name}.port": port
            for name, port in self._ports.items()
        }
        words = [program, "server", "-s3", *(f"-{name}={value}" for name, value in options.items())]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self._wait()

    def stop(self) -> None:
        """As a crash: what was acknowledged must be there afterwards."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Takes connections and says nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Goes on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait(self) -> None:
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            try:
                if BUCKET in [bucket["Name"] for bucket in self.client().list_buckets()["Buckets"]]:
                    self.raw()  # after another start its names come before its bytes
            except (BotoCoreError, ClientError):
                time.sleep(0.2)
            else:
                return
        log = (self._folder / "log").read_bytes()[-2_000:].decode("utf-8", "replace")
        self.stop()
        raise RuntimeError(f"the object store did not start: {log}")


def _free_ports(count: int) -> list[int]:
    """Ports that nobody has now, held together so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
