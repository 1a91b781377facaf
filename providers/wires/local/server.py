"""llama.cpp's server with the local model: `python -m providers.wires.local.server FOLDER IDLE_SECONDS`.

It listens on loopback, wants the key of LOCAL_MODEL_KEY, prints nothing of what it is asked, and ends itself when
it was not used for IDLE_SECONDS.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from providers.on_demand.announcement import Announced, Announcement
from providers.wires.local.model import CONTEXT_WINDOW, MAX_OUTPUT_TOKENS, MODEL, model_file

SLOTS = 4
SILENT = -1
CHECK_EVERY = 1.0


def parameters(file: Path, key: str) -> Any:
    """xllamacpp's parameters; the slots share one context, so that one call may use all of it."""
    import xllamacpp

    given = xllamacpp.CommonParams()
    given.model.path = str(file)
    given.model_alias = {MODEL}
    given.hostnames = ["127.0.0.1"]
    given.port = 0
    given.api_keys = [key]
    given.n_ctx = CONTEXT_WINDOW
    given.n_predict = MAX_OUTPUT_TOKENS
    given.n_parallel = SLOTS
    given.kv_unified = True
    # Its threads spin while they wait for each other: on a busy machine two on two cores are ten times slower
    # than one (measured).
    threads = max(1, (os.cpu_count() or 2) // 2)
    given.cpuparams.n_threads = given.cpuparams_batch.n_threads = threads
    given.cache_ram_mib = 0
    given.verbosity = SILENT
    given.ui = given.endpoint_slots = False
    return given


def main(folder: Path, idle_seconds: float) -> None:
    import xllamacpp

    file = model_file()
    if file is None:
        raise SystemExit("The model's file is missing.")
    key = os.environ["LOCAL_MODEL_KEY"]
    server = xllamacpp.Server(parameters(file, key))
    announcement = Announcement(folder, Announced(os.getpid(), server.listening_address, key), idle_seconds)
    while not announcement.take_back():
        time.sleep(min(CHECK_EVERY, idle_seconds / 4))
    os._exit(0)  # llama.cpp's own threads need not be waited for.


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
