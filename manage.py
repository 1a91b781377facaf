#!/usr/bin/env python
"""Django's command line for this project."""

import gc
import os
import sys

if __name__ == "__main__":
    # As in `config.asgi`: a short command's time is mostly its imports.
    gc.set_threshold(20_000, 20, 50)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
