"""Loaded before Django's settings: the run's own data folder, and nothing of the developer's environment."""

from __future__ import annotations

import os

from config.environment import Environment
from tests.servers import embedded

for field in Environment.model_fields:
    os.environ.pop(field.upper(), None)
os.environ["PLAYGROUND_DATA_DIR"] = str(embedded.make_data_folder())
