"""Django's settings, derived from the checked environment: no decision is taken here twice."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from config import environment
from config.logs import LOGGING as LOGGING
from foundation.media.facts import LARGEST
from foundation.servers import addresses

ENV = environment.load()
SECRETS = environment.secrets()
BASE_DIR = environment.BASE_DIR
DATA_DIR = ENV.playground_data_dir.resolve()

DEBUG = ENV.debug
SECRET_KEY = SECRETS.secret_key
ALLOWED_HOSTS = list(ENV.allowed_hosts)
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
VERSION = "1.0.0"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "foundation.apps.StaticFiles",
    "django.contrib.postgres",
    "axes",
    "channels",
    "corsheaders",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "foundation.apps.FoundationConfig",
    "audit",
    "events",
    "accounts",
    "quotas",
    "privacy",
    "providers",
    "templates_app",
    "sessions_app",
    "playground",
    "history",
    "analytics",
    "evaluation_app",
    "monitoring",
]

# Django's own middleware, run on the event loop instead of one thread hop each (foundation.http.middleware).
MIDDLEWARE = [
    "foundation.http.middleware.RequestContext",
    "foundation.http.compression.Compression",
    "foundation.http.middleware.Security",
    "corsheaders.middleware.CorsMiddleware",
    "foundation.http.body_gate.BodyGate",
    "foundation.http.text_gate.TextGate",
    "foundation.http.middleware.Session",
    "foundation.http.middleware.Common",
    "foundation.http.middleware.Csrf",
    "foundation.http.middleware.Authentication",
    "foundation.http.middleware.Messages",
    "foundation.http.middleware.Htmx",
    "accounts.closed_door.ClosedByDefault",
    "quotas.rate_limits.middleware.RateLimits",
    "accounts.closed_door.HeldToScopes",
    "foundation.http.way_back.WayBack",
]
# security.W001-W003 look for the built-in classes by name; the ones above subclass them.
# security.W004/W008: HTTPS and HSTS belong to the proxy in front. security.W019: CSP frame-ancestors.
# axes.W002: the brake's refusals are answered at the doors, not by axes' middleware.
SILENCED_SYSTEM_CHECKS = [f"security.W{number}" for number in ("001", "002", "003", "004", "008")] + ["axes.W002"]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def _database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    # A socket folder stands percent-encoded where a host name would: urlsplit lower-cases `hostname`, so cut it out.
    host = parts.netloc.rpartition("@")[2]
    if not host.startswith("%2F"):
        host = parts.hostname or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(host),
        "PORT": str(parts.port) if not host.startswith("%2F") and parts.port else "",
        # Under ASGI a kept connection leaks with its thread: the pool lends one for each query's duration.
        "CONN_MAX_AGE": 0,
        # After PostgreSQL was restarted each connection of the pool would fail somebody once.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"pool": {"min_size": 0, "max_size": 16, "timeout": 5, "max_idle": 60}},
    }


DATABASES = {"default": _database(ENV.database_url or addresses.database_url(DATA_DIR))}
REDIS_URL = ENV.redis_url or addresses.redis_url(DATA_DIR)
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
        "OPTIONS": {"SERIALIZER": "django_redis.serializers.json.JSONSerializer"},
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# The brake on guessing: so many failures within so long, of an account or of an address.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_USERNAME_CALLABLE = "foundation.brake.account_of"
AXES_CLIENT_IP_CALLABLE = "foundation.brake.address_of"
# Nothing is kept of who came in when, and what a success clears is decided in foundation.brake.
AXES_DISABLE_ACCESS_LOG = True
AXES_RESET_ON_SUCCESS = False
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "playground"
# Sign-in must not depend on Redis: sessions live in PostgreSQL.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV.behind_https
if ENV.behind_https:
    # The proxy in front ends TLS, and must set (never pass on) this header.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_FAILURE_VIEW = "config.not_there.csrf_failure"
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CORS_ALLOWED_ORIGINS = list(ENV.cors_origins)
CORS_ALLOW_CREDENTIALS = False
CORS_URLS_REGEX = r"^/(api|v1)/.*$"
CORS_EXPOSE_HEADERS = [
    "ETag", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After", "X-Request-Id",
]  # fmt: skip

# Requests of a user and class a minute; 0 is no limit (quotas.rate_limits.classes says what is in which).
RATE_LIMITS = {
    "standard": ENV.rate_limit_standard,
    "streaming": ENV.rate_limit_streaming,
    "evaluation": ENV.rate_limit_evaluation,
}

# What everybody may use who has no quota of their own; None is without a limit.
QUOTA_DEFAULTS: dict[str, dict[str, Any]] = {
    "day": {
        "executions": ENV.quota_executions_per_day,
        "tokens": ENV.quota_tokens_per_day,
        "cost": ENV.quota_cost_per_day,
    },
    "month": {"cost": ENV.quota_cost_per_month},
}
# USD that a call may cost before its caller must say that this is meant; None never asks.
CONFIRM_COST_ABOVE = ENV.confirm_cost_above

# The largest body of any door; the body gate counts bytes as they arrive.
MAX_BODY_BYTES = 8 * 1024 * 1024
# Doors that take a file; what is larger than a body of JSON is spooled to disk, never held in memory while it comes.
UPLOAD_PATHS = (
    "/api/artifacts", "/executions", "/compare", "/comparisons", "/api/templates/import", "/templates/import",
    "/api/analytics/bills/compare", "/settings/bill",
)  # fmt: skip
MAX_UPLOAD_BYTES = LARGEST + 16 * 1024
# Doors that take a file of any size in reason: what is larger than a body of JSON is read in the background.
LARGE_PATHS = ("/api/sessions/import", "/sessions/import")
MAX_LARGE_BYTES = 200 * 1024 * 1024 + 16 * 1024
IMPORT_PATTERN = re.compile(r"/(?:api/)?datasets/(?:[0-9a-fA-F-]{36}/)?import")
# What a packed body of traces may unpack to.
MAX_TRACES_BYTES = 32 * 1024 * 1024
# Doors that undo a Content-Encoding themselves: the body gate has no JSON to look at there.
PACKED_PATHS = ("/v1/traces",)
# The caps of each path stand before this one (foundation.http.body_limit).
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_UPLOAD_BYTES
# An import is picked from by a field an entry (templates_app.exchange.formats.format.MOST_TEMPLATES).
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
DATA_UPLOAD_MAX_NUMBER_FILES = 500

LANGUAGE_CODE = "en-us"
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static", BASE_DIR / ".assets"]
STATIC_ROOT = DATA_DIR / "static"
# A name with its content's hash in it, as the manifest writes it, never changes its content.
HASHED_NAME = re.compile(r"\.[0-9a-f]{12}\.[a-z0-9]+$")

STORAGES: dict[str, Any] = {
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "artifacts"},
    },
}
if ENV.minio_endpoint:
    from botocore.config import Config as BotoConfig  # imported where it is needed: it takes its time

    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "endpoint_url": ENV.minio_endpoint,
            "access_key": ENV.minio_access_key and ENV.minio_access_key.get_secret_value(),
            "secret_key": ENV.minio_secret_key and ENV.minio_secret_key.get_secret_value(),
            "bucket_name": ENV.minio_bucket,
            "querystring_auth": True,
            # Else a file that is read stands in memory whole.
            "max_memory_size": 2**20,
            # Its client's own clocks are a minute each, five times over: people would wait that long to be refused.
            "client_config": BotoConfig(
                connect_timeout=3, read_timeout=20, retries={"mode": "standard", "max_attempts": 2}
            ),
        },
    }

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.PrincipalAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["foundation.rest.rendering.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["foundation.rest.parsing.GatedJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "foundation.rest.pagination.Pages",
    "DEFAULT_SCHEMA_CLASS": "foundation.rest.openapi.DoorSchema",
    "EXCEPTION_HANDLER": "foundation.problems.exception_handler",
    "PAGE_SIZE": 50,
    "URL_FORMAT_OVERRIDE": None,  # `format` is a parameter of our own
}
SPECTACULAR_SETTINGS = {
    "TITLE": "LLM Playground Service",
    "DESCRIPTION": "Try prompts on any model, stream the answer, keep what works. Part of DADMS 2.0.",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "AlertSeverityEnum": "monitoring.models.Severity",
        "FindingSeverityEnum": ["info", "warning", "error"],
        "ErrorStateEnum": "monitoring.models.State",
        "HealthEnum": ["healthy", "unhealthy"],
        "LivenessEnum": ["alive"],
        "EngineEnum": ["plain", "jinja2"],
        "MemberRoleEnum": "accounts.sharing.MemberRole",
        "StandingEnum": "accounts.models.Standing",
        "SessionRoleEnum": ["owner", "editor", "viewer"],
        "TemplateRoleEnum": ["owner", "curator", "editor", "viewer"],
        "MessageRoleEnum": ["system", "user", "assistant", "tool"],
        "ReviewKindEnum": "evaluation_app.models.review.ReviewKind",
        "JudgeStateEnum": ["uncalibrated", "weak", "calibrated"],
        "RecommendationKindEnum": "evaluation_app.models.recommendation.RecommendationKind",
        "SuiteRunStatusEnum": "evaluation_app.models.suite.RunStatus",
        "ErasureStatusEnum": ["requested", "approved", "exporting", "erasing", "held", "done", "refused"],
        "QuotaSubjectEnum": "quotas.models.SubjectKind",
        "WorkStatusEnum": "evaluation_app.models.proposal.AskStatus",
        "ArtifactStatusEnum": ["pending", "running", "completed", "failed"],
    },
}

# Seconds: an engine that gave no sign of life for `lease` is taken for dead and its runs are ended; at a stop its runs
# get `drain` to end in (the whole stop of a web process stays within ten seconds, docs/architecture.md).
ENGINE = {"web": {"lease": 20.0, "drain": 3.0}, "worker": {"lease": 20.0, "drain": 3.0}}

EMAIL_HOST = ENV.email_host
EMAIL_PORT = ENV.email_port
EMAIL_HOST_USER = ENV.email_host_user
EMAIL_HOST_PASSWORD = ENV.email_host_password.get_secret_value() if ENV.email_host_password else ""
EMAIL_USE_TLS = ENV.email_use_tls
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = ENV.default_from_email

# Celery is the doorbell only: who works on what stands in PostgreSQL.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 180,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 30,
    "socket_connect_timeout": 5,
}
CELERY_TIMEZONE = "UTC"
CELERY_APPLICATION = "config.celery.app"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "reap-orphans": {"task": "playground.tasks.reap_orphans", "schedule": 10.0, "options": {"expires": 10}},
    "probe-providers": {"task": "playground.tasks.probe_providers", "schedule": 60.0, "options": {"expires": 60}},
    "keep-quotas": {"task": "playground.tasks.keep_quotas", "schedule": 30.0, "options": {"expires": 30}},
    "forget-old-quota-usage": {"task": "quotas.tasks.forget_old_usage", "schedule": 86_400.0},
    "mail-quota-alerts": {"task": "quotas.tasks.mail_alerts", "schedule": 300.0, "options": {"expires": 300}},
    "look-at-quotas": {"task": "quotas.tasks.look_at_thresholds", "schedule": 30.0, "options": {"expires": 30}},
    "ring-for-artifacts": {
        "task": "history.tasks.ring_for_artifacts",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "forget-old-events": {"task": "events.tasks.forget_old", "schedule": 3600.0, "options": {"expires": 3600}},
    "relay-events": {"task": "events.tasks.relay", "schedule": 1.0, "options": {"expires": 2}},
    "do-consumed-events": {"task": "events.tasks.do_consumed", "schedule": 5.0, "options": {"expires": 5}},
    "link-audit-entries": {"task": "audit.tasks.link_entries", "schedule": 5.0, "options": {"expires": 5}},
    "publish-audit-heads": {"task": "audit.tasks.publish_heads", "schedule": 300.0, "options": {"expires": 300}},
    "check-audit-chains": {"task": "audit.tasks.check_chains", "schedule": 300.0, "options": {"expires": 300}},
    "check-audit-stamps": {"task": "audit.tasks.check_stamps", "schedule": 300.0, "options": {"expires": 300}},
    "sweep-tests": {"task": "evaluation_app.tasks.sweep_tests", "schedule": 5.0, "options": {"expires": 5}},
    "watch-splits": {"task": "evaluation_app.tasks.watch_splits", "schedule": 10.0, "options": {"expires": 10}},
    "tend-suites": {"task": "evaluation_app.tasks.tend_suites", "schedule": 15.0, "options": {"expires": 15}},
    "sweep-artifacts": {"task": "history.tasks.sweep_artifacts", "schedule": 600.0, "options": {"expires": 600}},
    "move-large-answers": {
        "task": "playground.tasks.move_large_answers",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "sweep-attachments": {"task": "playground.tasks.sweep_attachments", "schedule": 600.0, "options": {"expires": 600}},
    "remove-deleted-templates": {"task": "templates_app.tasks.remove_deleted", "schedule": 3600.0},
    "reindex-templates": {
        "task": "templates_app.tasks.reindex",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "tend-privacy": {"task": "privacy.tasks.tend", "schedule": 10.0, "options": {"expires": 10}},
    "keep-no-longer": {"task": "privacy.tasks.keep_no_longer", "schedule": 900.0, "options": {"expires": 900}},
    "roll-up-usage": {
        "task": "analytics.tasks.roll_up_usage",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "look-for-anomalies": {
        "task": "analytics.tasks.look_for_anomalies",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "tell-of-retiring-models": {
        "task": "providers.tasks.tell_of_retiring_models",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "take-breaker-transitions": {
        "task": "providers.tasks.take_breaker_transitions",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "forget-old-transitions": {
        "task": "providers.tasks.forget_old_transitions",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "tell-returned-errors": {
        "task": "monitoring.tasks.tell_returned_errors",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "forget-old-errors": {
        "task": "monitoring.tasks.forget_old_errors",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "mail-reports": {"task": "analytics.tasks.mail_reports", "schedule": 300.0, "options": {"expires": 300}},
    "forget-old-samples": {
        "task": "monitoring.tasks.forget_old_samples_of_minutes",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "mail-anomalies": {"task": "analytics.tasks.mail_anomalies", "schedule": 60.0, "options": {"expires": 60}},
    "remove-deleted-sessions": {"task": "history.tasks.remove_deleted", "schedule": 3600.0},
    "forget-old-sign-ins": {"task": "accounts.tasks.forget_old_sign_ins", "schedule": 3600.0},
    "mail-notifications": {"task": "accounts.tasks.mail_notifications", "schedule": 10.0, "options": {"expires": 10}},
    "list-mcp-servers": {"task": "playground.tasks.list_mcp_servers", "schedule": 300.0, "options": {"expires": 300}},
    "prune-idempotency-keys": {"task": "playground.tasks.prune_idempotency_keys", "schedule": 3600.0},
}
if ENV.event_manager_url:
    CELERY_BEAT_SCHEDULE |= {
        "subscribe-to-events": {"task": "events.tasks.subscribe", "schedule": 30.0, "options": {"expires": 30}},
    }
if ENV.event_intake_stream:
    CELERY_BEAT_SCHEDULE |= {
        "read-event-stream": {"task": "events.tasks.read_stream", "schedule": 1.0, "options": {"expires": 2}},
    }
