"""Settings for looking at models without a database: `makemigrations --check` then asks no server."""

from config.settings import *  # noqa: F403

DATABASES = {"default": {"ENGINE": "django.db.backends.dummy"}}
