"""Where processes keep their figures, so that whichever of them is scraped tells those of all.

The supervisor names a folder (`PROMETHEUS_MULTIPROC_DIR`) and empties it at its start. Each process has files of its
own there, named by its id and the moment it began: an id that is given out again means another process. Without the
folder figures stay in the memory of the one process that there is.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from prometheus_client import values
from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector

from foundation.processes import identity_of, is_alive

VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
MOST_DEAD: Final = 32
"""Files of dead processes that are kept apart; more are made one, so that a scrape stays cheap for years."""
MERGED: Final = "merged"


_own = identity_of(os.getpid())


def _renew() -> None:
    global _own
    _own = identity_of(os.getpid())


os.register_at_fork(after_in_child=_renew)


def folder() -> Path | None:
    """Where figures are shared; None where they are in memory."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


if folder() is not None:
    values.ValueClass = values.MultiProcessValue(lambda: _own)  # type: ignore[no-untyped-call]


def emptied(data_dir: Path) -> Path:
    """The folder below the data folder, with nothing of an earlier start in it."""
    path = data_dir / "metrics"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(mode=0o700)
    return path


class AllProcesses:
    """A collector of every process's figures; gauges of dead ones are gone, what they counted stays."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def collect(self) -> list[Metric]:
        """Of all files; nobody else makes dead ones one meanwhile."""
        with _alone(self._path):
            _forget_the_dead(self._path)
            files = sorted(str(file) for file in self._path.glob("*.db"))
            return list(MultiProcessCollector.merge(files))  # type: ignore[no-untyped-call]


def _forget_the_dead(path: Path) -> None:
    """Removes live figures of dead processes, and makes what many of them counted one file a kind."""
    dead: dict[str, list[Path]] = {}
    for file in path.glob("*.db"):
        kind, _, owner = file.stem.rpartition("_")
        if owner == MERGED or _lives(owner):
            continue
        if kind.startswith("gauge_"):
            file.unlink(missing_ok=True)
        else:
            dead.setdefault(kind, []).append(file)
    for kind, files in dead.items():
        if len(files) > MOST_DEAD:
            _merge(path / f"{kind}_{MERGED}.db", files)


def _lives(owner: str) -> bool:
    pid = owner.partition("-")[0]
    return pid.isdigit() and is_alive(int(pid)) and identity_of(int(pid)) == owner


def _merge(into: Path, files: list[Path]) -> None:
    """A new file takes the place of the merged one before the others go: what is cut off between is counted again by
    nobody who is not cut off too, since the lock is held."""
    sources = [str(file) for file in ([into] if into.exists() else []) + files]
    new = into.with_suffix(".new")
    new.unlink(missing_ok=True)
    kept = MmapedDict(str(new))  # type: ignore[no-untyped-call]
    for metric in MultiProcessCollector.merge(sources, accumulate=False):  # type: ignore[no-untyped-call]
        for sample in metric.samples:
            names = list(sample.labels)
            key = mmap_key(metric.name, sample.name, names, list(sample.labels.values()), metric.documentation)
            kept.write_value(key, sample.value, 0.0)  # type: ignore[no-untyped-call]
    kept.close()  # type: ignore[no-untyped-call]
    new.replace(into)
    for file in files:
        file.unlink(missing_ok=True)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with (path / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
