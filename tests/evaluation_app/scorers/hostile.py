"""Scorers that take what they should not, each in its way; all work in a process of their own."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

from evaluation_app.scorers.errors import refused
from evaluation_app.scorers.isolation.limits import Limits
from evaluation_app.scorers.parameters import Parameters
from evaluation_app.scorers.sample import Sample, Score
from evaluation_app.scorers.scorer import Scorer


class Nothing(Parameters):
    """No parameters."""


class Hostile(Scorer[Nothing]):
    """The least that they share."""

    title = "Hostile"
    parameters = Nothing
    in_place = -1
    limits = Limits(cpu_seconds=20.0, seconds=120.0)


class Calculating(Hostile):
    name = "calculating"
    limits = Limits(cpu_seconds=0.5, seconds=120.0)

    def score(self, sample: Sample) -> Score:
        while True:
            pass


class Waiting(Hostile):
    name = "waiting"
    limits = Limits(cpu_seconds=20.0, seconds=2.0)

    def score(self, sample: Sample) -> Score:
        time.sleep(3600)
        return Score.binary(True, "Woken.")


class Hungry(Hostile):
    name = "hungry"
    limits = Limits(cpu_seconds=20.0, seconds=120.0, memory=256 * 1024 * 1024)

    def score(self, sample: Sample) -> Score:
        eaten = [bytearray(16 * 1024 * 1024) for _ in range(1_000)]
        return Score.binary(True, f"Ate {len(eaten)}.")


class Growing(Hostile):
    """Within its limit, but more than a child should keep."""

    name = "growing"

    def score(self, sample: Sample) -> Score:
        eaten = b"x" * 400 * 1024 * 1024
        return Score.binary(True, f"Ate {len(eaten)}.")


class Killed(Hostile):
    name = "killed"

    def score(self, sample: Sample) -> Score:
        os.kill(os.getpid(), signal.SIGKILL)
        return Score.binary(True, "Alive.")


class Leaving(Hostile):
    name = "leaving"

    def score(self, sample: Sample) -> Score:
        os._exit(0)


class Failing(Hostile):
    name = "failing"

    def score(self, sample: Sample) -> Score:
        raise KeyError(sample.output)


class FailingHere(Failing):
    name = "failing_here"
    in_place = 1_000


class Refusing(Hostile):
    name = "refusing"

    def score(self, sample: Sample) -> Score:
        raise refused("Not this one.")


class Printing(Hostile):
    name = "printing"

    def score(self, sample: Sample) -> Score:
        print('{"value": 0.0, "passed": false, "reason": "printed"}')
        return Score.binary(True, "As it should be.")


class Looking(Hostile):
    """Tells what it sees of the service."""

    name = "looking"

    def score(self, sample: Sample) -> Score:
        files = [os.readlink(each) for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
        return Score.binary(True, json.dumps({"environment": dict(os.environ), "files": files, "pid": os.getpid()}))


class Echoing(Hostile):
    """Tells what it was given."""

    name = "echoing"

    def score(self, sample: Sample) -> Score:
        return Score.binary(True, repr(sample))
