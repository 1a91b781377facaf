"""`manage.py serve`: the whole service under one parent, what `make run` runs."""

from __future__ import annotations

import os
import signal
from argparse import ArgumentParser
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand

from foundation.metrics.processes import VARIABLE, emptied
from foundation.processes import BASIC, OF_PYTHON, passed_on
from foundation.servers.folder import CannotStart
from foundation.servers.postgres import Postgres
from foundation.servers.server import Interrupted, Server
from foundation.servers.valkey import Valkey
from foundation.startup import missing_keys, pending_migrations, static_files
from foundation.startup.data_files import DataFiles
from foundation.supervisor import programs
from foundation.supervisor.stopping import StopRequest
from foundation.supervisor.supervisor import Plan, Preparation, Supervisor

# Where processes keep what they count: set by this command (foundation.metrics).
OF_METRICS: Final = (VARIABLE,)
OF_DJANGO: Final = ("DJANGO_SETTINGS_MODULE",)
KEYS_OF_OTHERS: Final = {"OPENAI_API_KEY", "ANTHROPIC_API_KEY", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY", "SERVICE_TOKEN"}
# Certificates of a company's own, and how its networks are left (the object store's client looks for these).
TO_THE_WORLD: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
# LiteLLM signs in to Bedrock and Vertex by these (providers.wires.litellm.adapter).
CLOUD_LOGINS: Final = ("AWS_", "GOOGLE_")


class Command(BaseCommand):
    """Needs no running database: it starts one."""

    help = "Starts PostgreSQL and Valkey (unless DATABASE_URL, REDIS_URL name others), web, worker and beat."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declares the options."""
        parser.add_argument(
            "--stop-with-parent", action="store_true", help="stop when the process that started this one ends"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs until a signal."""
        os.environ[VARIABLE] = str(settings.DATA_DIR / "metrics")
        plan = plan_of(settings.ENV, stop_with_parent=options["stop_with_parent"])
        try:
            code = Supervisor(plan, StopRequest(with_parent=plan.stop_with_parent)).run()
        except CannotStart as error:
            self.stderr.write(str(error))
            code = 1
        except Interrupted:
            code = 0
        raise SystemExit(code)


def plan_of(env: Any, *, stop_with_parent: bool) -> Plan:
    """What the environment (`config.environment.Environment`) asks to be run."""
    servers: list[type[Server]] = [] if env.database_url else [Postgres]
    return Plan(
        data_dir=settings.DATA_DIR,
        host=env.host,
        port=env.port,
        web_processes=env.web_processes,
        web=lambda descriptor: programs.web(env.web_server, descriptor),
        servers=servers if env.redis_url else [*servers, Valkey],
        once_it_is_alone=lambda: emptied(settings.DATA_DIR),
        preparations=preparations(),
        background=[
            ("worker", programs.worker(), signal.SIGQUIT),
            ("beat", programs.beat(settings.DATA_DIR), signal.SIGTERM),
        ],
        once_it_answers=[programs.manage("first_run")],
        stop_with_parent=stop_with_parent,
        environments=environments(env),
    )


def environments(env: Any) -> dict[str, dict[str, str]]:
    """What each program sees: PostgreSQL and Valkey are not named, and see nothing of the configuration."""
    settings_of = {name.upper() for name in type(env).model_fields}
    common = (*BASIC, *OF_PYTHON, *OF_DJANGO)
    runs_prompts = passed_on((*common, *settings_of, *TO_THE_WORLD, *OF_METRICS), beginning=CLOUD_LOGINS)
    knows_no_provider = passed_on((*common, *settings_of - KEYS_OF_OTHERS))
    return {
        "web": runs_prompts,
        "worker": runs_prompts,
        "beat": knows_no_provider,
        "preparations": knows_no_provider,
    }


def preparations() -> list[list[Preparation]]:
    """What has to be done after an update, and is not when nothing changed."""
    collect = programs.manage("collectstatic", "--no-input", "--clear", "--verbosity", "0")
    migrate = programs.manage("migrate", "--no-input", "--verbosity", "0")
    load = programs.manage("load_starters")
    check_keys = programs.manage("encryption", "status", "--only-missing")
    starters = DataFiles("starters-loaded", settings.BASE_DIR / "templates_app" / "starter", "*.yaml")
    return [
        [
            Preparation("Database migrated", migrate, needed=pending_migrations.exist),
            Preparation("Encryption keys checked", check_keys, needed=missing_keys.exist),
            Preparation("Starter library loaded", load, starters.have_changed, starters.remember),
        ],
        [Preparation("Static files collected", collect, static_files.have_changed, static_files.remember)],
    ]
