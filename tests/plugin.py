"""Loaded before Django's settings: the run's own data folder, and nothing of whoever started it."""

from __future__ import annotations

import os
import signal

import hypothesis

from config.environment import Environment
from tests.servers import embedded

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")

for field in Environment.model_fields:
    os.environ.pop(field.upper(), None)
for proxy in PROXIES:
    os.environ.pop(proxy, None)
    os.environ.pop(proxy.upper(), None)
os.environ["PLAYGROUND_DATA_DIR"] = str(embedded.make_data_folder())

# A shell's background job ignores Ctrl-C, and one under `nohup` the terminal's end. That holds for this process, but
# what it starts must hear both: a handler ends with exec, "ignore" does not.
for number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, lambda *_: None)

# The same examples each time: a commit passes or does not. `--hypothesis-profile explore` looks for new ones.
hypothesis.settings.register_profile("steady", derandomize=True)
hypothesis.settings.register_profile("explore", max_examples=1_000)
hypothesis.settings.load_profile("steady")
