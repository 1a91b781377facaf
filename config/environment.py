"""Everything that the environment decides, typed and checked once at the start.

Names are those of the contract (README, "Configuration"). A wrong value stops the start with a
message that names the variable; `load()` is the only reader of `os.environ`.
"""

from __future__ import annotations

import ipaddress
import sys
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from audit.stamps import roots
from foundation.http.header_values import UNSENDABLE, can_be_sent
from foundation.sealing.secrets import InvalidKey, Secrets, decode_encryption_key

BASE_DIR = Path(__file__).resolve().parent.parent
GUESSABLE = frozenset({"secret", "changeme", "change-me", "password", "django-insecure", "test", "default"})

MOST_A_MINUTE = 1_000_000
"""A microsecond is the smallest time that rate limits count in; this leaves them sixty for a request."""
MOST_A_PERIOD = 10**15
MOST_USD = 10**9

CommaList = Annotated[tuple[str, ...], NoDecode]


class Environment(BaseSettings):
    """The service's configuration; field names are the variables' names in lower case."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 3006
    allowed_hosts: CommaList = ("localhost", "127.0.0.1", "[::1]")
    cors_origins: CommaList = ()
    trusted_proxies: CommaList = ()
    debug: bool = False
    behind_https: bool = False
    playground_data_dir: Path = BASE_DIR / ".data"
    web_processes: Annotated[int, Field(ge=1, le=64)] = 1
    web_server: Annotated[str, Field(pattern="^(uvicorn|daphne)$")] = "uvicorn"

    request_head_seconds: Annotated[float, Field(gt=0, le=3600)] = 15
    request_idle_seconds: Annotated[float, Field(gt=0, le=3600)] = 15
    request_body_seconds: Annotated[float, Field(gt=0, le=3600)] = 120

    secret_key: SecretStr | None = None
    encryption_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    jwt_secret: SecretStr | None = None
    jwt_jwks_url: str | None = None
    jwt_algorithms: CommaList = ()
    jwt_issuer: str | None = None
    jwt_audience: str | None = None

    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr | None = None
    oidc_scopes: str = "openid email profile"
    oidc_roles_claim: str = "roles"
    oidc_name: Annotated[str, Field(max_length=60)] | None = None

    database_url: str | None = None
    redis_url: str | None = None
    minio_endpoint: str | None = None
    minio_access_key: SecretStr | None = None
    minio_secret_key: SecretStr | None = None
    minio_bucket: str = "llm-playground"

    openai_api_key: SecretStr | None = None
    openai_base_url: str = "https://api.openai.com/v1"
    anthropic_api_key: SecretStr | None = None
    anthropic_base_url: str = "https://api.anthropic.com"
    ollama_endpoint: str | None = None
    provider_classes: CommaList = ()
    part_url_hosts: CommaList = ()
    mcp_servers_file: Path | None = None
    provider_connect_seconds: Annotated[float, Field(ge=0.1, le=3600)] = 10
    provider_first_byte_seconds: Annotated[float, Field(ge=0.1, le=3600)] | None = None
    provider_idle_seconds: Annotated[float, Field(ge=0.1, le=3600)] = 120

    project_service_url: str | None = None
    knowledge_service_url: str | None = None
    llm_service_url: str | None = None
    service_token: SecretStr | None = None

    public_url: str = ""
    webhook_hosts: CommaList = ()
    event_manager_url: str | None = None
    event_manager_token: SecretStr | None = None
    event_signing_secret: SecretStr | None = None
    event_endpoint: str | None = None
    event_stream: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:{}-]{0,100}$")] = ""
    event_intake_stream: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:{}-]{0,100}$")] = ""

    audit_head_file: Path | None = None
    audit_head_email: CommaList = ()
    audit_head_webhook: str = ""
    audit_head_secret: SecretStr | None = None
    audit_timestamp_url: str = ""
    audit_timestamp_roots: Path | None = None
    audit_timestamp_file: Path | None = None

    alert_email: CommaList = ()
    sentry_dsn: SecretStr | None = None

    metrics_token: SecretStr | None = None
    metrics_allow: CommaList = ()
    otel_exporter_otlp_endpoint: str | None = None
    otel_exporter_otlp_headers: SecretStr | None = None
    otel_service_name: Annotated[str, Field(max_length=100)] = "llm-playground"

    email_host: str = "localhost"
    email_port: Annotated[int, Field(ge=1, le=65535)] = 25
    email_host_user: str = ""
    email_host_password: SecretStr | None = None
    email_use_tls: bool = False
    default_from_email: str = "llm-playground@localhost"

    evaluation_max_concurrent_tests: Annotated[int, Field(ge=1, le=1000)] = 4
    evaluation_max_test_runs: Annotated[int, Field(ge=1, le=10_000_000)] = 100_000
    evaluation_default_timeout: Annotated[float, Field(ge=1, le=86_400)] = 300
    evaluation_batch_look_seconds: Annotated[float, Field(ge=0.1, le=3600)] = 60
    evaluation_webhook_hosts: CommaList = ()
    evaluation_judge_kappa: Annotated[float, Field(ge=0, le=1)] = 0.4

    retention_executions_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    retention_results_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    retention_audit_days: Annotated[int, Field(ge=0, le=36_500)] = 0

    rate_limit_standard: Annotated[int, Field(ge=0, le=MOST_A_MINUTE)] = 100
    rate_limit_streaming: Annotated[int, Field(ge=0, le=MOST_A_MINUTE)] = 50
    rate_limit_evaluation: Annotated[int, Field(ge=0, le=MOST_A_MINUTE)] = 20

    quota_executions_per_day: Annotated[int, Field(ge=0, le=MOST_A_PERIOD)] | None = None
    quota_tokens_per_day: Annotated[int, Field(ge=0, le=MOST_A_PERIOD)] | None = None
    quota_cost_per_day: Annotated[Decimal, Field(ge=0, le=MOST_USD)] | None = None
    quota_cost_per_month: Annotated[Decimal, Field(ge=0, le=MOST_USD)] | None = None
    anomaly_throttle: Annotated[float, Field(ge=0, le=100)] = 0
    confirm_cost_above: Annotated[Decimal, Field(ge=0, le=MOST_USD)] | None = None

    cache_execution_ttl: Annotated[int, Field(ge=0)] = 3600
    cache_analytics_ttl: Annotated[int, Field(ge=0)] = 60
    cache_template_ttl: Annotated[int, Field(ge=0)] = 300

    @field_validator(
        "allowed_hosts",
        "cors_origins",
        "trusted_proxies",
        "jwt_algorithms",
        "encryption_keys",
        "provider_classes",
        "part_url_hosts",
        "evaluation_webhook_hosts",
        "webhook_hosts",
        "audit_head_email",
        "alert_email",
        "metrics_allow",
        mode="before",
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("anomaly_throttle", mode="before")
    @classmethod
    def _in_words(cls, value: Any) -> Any:
        return {"off": 0, "on": 1}.get(value.strip().lower(), value) if isinstance(value, str) else value

    @field_validator(
        "openai_api_key",
        "anthropic_api_key",
        "minio_access_key",
        "minio_secret_key",
        "oidc_client_secret",
        "service_token",
        "event_manager_token",
        mode="before",
    )
    @classmethod
    def _stripped(cls, value: Any) -> Any:
        """White space around a key came with its copying; a key of nothing else is none."""
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        return value.strip() or None if isinstance(value, str) else value

    @field_validator(
        "openai_api_key",
        "anthropic_api_key",
        "minio_access_key",
        "service_token",
        "event_manager_token",
        "metrics_token",
    )
    @classmethod
    def _can_be_a_header(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not can_be_sent(value.get_secret_value()):
            raise ValueError(UNSENDABLE)
        return value

    @field_validator("database_url", "redis_url", "jwt_jwks_url", "openai_base_url", "anthropic_base_url")
    @classmethod
    def _is_url(cls, value: str | None) -> str | None:
        if value is not None and not urlsplit(value).scheme:
            raise ValueError("a URL with a scheme is expected")
        return value.rstrip("/") if value else value

    @field_validator(
        "ollama_endpoint",
        "minio_endpoint",
        "project_service_url",
        "knowledge_service_url",
        "llm_service_url",
        "event_manager_url",
        "event_endpoint",
        "otel_exporter_otlp_endpoint",
    )
    @classmethod
    def _with_scheme(cls, value: str | None) -> str | None:
        if value is None:
            return None
        return (value if "://" in value else f"http://{value}").rstrip("/")

    @field_validator("otel_exporter_otlp_endpoint")
    @classmethod
    def _is_collector(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "")
        if value is not None and (not parts.hostname or parts.scheme not in ("http", "https")):
            raise ValueError("a URL with http or https is expected")
        return value

    @field_validator("otel_exporter_otlp_headers")
    @classmethod
    def _are_headers(cls, value: SecretStr | None) -> SecretStr | None:
        for pair in value.get_secret_value().split(",") if value else ():
            name, sign, said = pair.partition("=")
            if not sign or not can_be_sent(name.strip()) or not can_be_sent(unquote(said.strip())):
                raise ValueError("name=value pairs, by commas, are expected")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _is_issuer(cls, value: str) -> str:
        """As it is written: a token's `iss` is compared with it sign by sign."""
        if not value:
            return value
        parts = urlsplit(value)
        is_here = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if not parts.hostname or parts.port == 0 or parts.scheme not in (("https", "http") if is_here else ("https",)):
            raise ValueError("an https URL is expected; http only for this machine")
        if parts.username is not None or parts.query or parts.fragment:
            raise ValueError("an issuer has no user name, no query and no fragment")
        return value

    @field_validator("oidc_scopes")
    @classmethod
    def _asks_for_an_id_token(cls, value: str) -> str:
        scopes = value.replace(",", " ").split()
        if "openid" not in scopes:
            raise ValueError("without the scope openid there is no ID token")
        return " ".join(scopes)

    @field_validator("audit_head_webhook")
    @classmethod
    def _is_safe_webhook(cls, value: str) -> str:
        parts = urlsplit(value)
        is_here = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if value and (not parts.hostname or parts.scheme not in (("https", "http") if is_here else ("https",))):
            raise ValueError("an https URL is expected; http only for this machine")
        return value

    @field_validator("audit_timestamp_url")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        """http will do: an answer's signature is checked, and what is sent are hashes."""
        parts = urlsplit(value)
        if value and (not parts.hostname or parts.port == 0 or parts.scheme not in ("http", "https")):
            raise ValueError("a URL with http or https is expected")
        return value

    @field_validator("audit_timestamp_roots")
    @classmethod
    def _holds_roots(cls, value: Path | None) -> Path | None:
        if value is not None:
            try:
                roots.load(value)
            except roots.NoRoots as error:
                raise ValueError(str(error)) from None
        return value

    @field_validator("sentry_dsn")
    @classmethod
    def _is_dsn(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parts = urlsplit(value.get_secret_value())
            if parts.scheme not in ("http", "https") or not parts.username or not parts.hostname or parts.port == 0:
                raise ValueError("a DSN is https://KEY@HOST/PROJECT")
            if not parts.path.rpartition("/")[2].isdigit():
                raise ValueError("the last part of a DSN is the number of its project")
        return value

    @field_validator("audit_head_email", "alert_email")
    @classmethod
    def _are_mail_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            name, _, host = address.rpartition("@")
            if not name or not host or any(sign.isspace() for sign in address):
                raise ValueError(f"{address} is no e-mail address")
        return value

    @field_validator("secret_key", "jwt_secret", "audit_head_secret", "event_signing_secret", "metrics_token")
    @classmethod
    def _is_strong(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        text = value.get_secret_value()
        if len(text) < 32 or any(text.lower().startswith(word) for word in GUESSABLE):
            raise ValueError("at least 32 characters that nobody can guess are needed")
        return value

    @field_validator("encryption_keys")
    @classmethod
    def _are_keys(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for position, key in enumerate(value, start=1):
            try:
                decode_encryption_key(key.get_secret_value())
            except InvalidKey as error:
                raise ValueError(f"key {position}: {error}") from None
        return value

    @field_validator("trusted_proxies", "metrics_allow")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            try:
                ipaddress.ip_network(each)
            except ValueError:
                raise ValueError(f"{each} is no IP address and no network such as 10.0.0.0/8") from None
        return value

    @field_validator("jwt_algorithms")
    @classmethod
    def _are_algorithms(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        unknown = set(value) - {"HS256", "RS256", "ES256"}
        if unknown:
            raise ValueError(f"{', '.join(sorted(unknown))} is none of HS256, RS256, ES256")
        return value

    @model_validator(mode="after")
    def _one_family(self) -> Environment:
        if self.jwt_jwks_url and "HS256" in self.jwt_algorithms:
            raise ValueError("JWT_ALGORITHMS: HS256 cannot be verified with JWT_JWKS_URL")
        if not self.jwt_jwks_url and set(self.jwt_algorithms) - {"HS256"}:
            raise ValueError("JWT_ALGORITHMS: RS256 and ES256 need JWT_JWKS_URL")
        return self

    @model_validator(mode="after")
    def _signed_webhook(self) -> Environment:
        if self.audit_head_webhook and not self.audit_head_secret:
            raise ValueError("AUDIT_HEAD_SECRET: AUDIT_HEAD_WEBHOOK needs it")
        return self

    @model_validator(mode="after")
    def _checked_stamps(self) -> Environment:
        if self.audit_timestamp_url and not self.audit_timestamp_roots:
            raise ValueError("AUDIT_TIMESTAMP_ROOTS: AUDIT_TIMESTAMP_URL needs it")
        return self

    @model_validator(mode="after")
    def _whole_client(self) -> Environment:
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError("OIDC_CLIENT_ID: OIDC_ISSUER needs it")
        if self.oidc_client_id and not self.oidc_issuer:
            raise ValueError("OIDC_ISSUER: OIDC_CLIENT_ID needs it")
        return self

    @property
    def service_urls(self) -> frozenset[str]:
        """Addresses that this service's own token may go to."""
        urls = (self.project_service_url, self.knowledge_service_url, self.llm_service_url)
        return frozenset(url for url in urls if url)

    @property
    def sends_mail(self) -> bool:
        """Whether there is a mail server: somebody has named one."""
        return "email_host" in self.model_fields_set

    @property
    def oidc_label(self) -> str:
        """What people know the provider as."""
        return (self.oidc_name or urlsplit(self.oidc_issuer).hostname or "") if self.oidc_issuer else ""

    @property
    def verification_algorithms(self) -> tuple[str, ...]:
        """Algorithms a bearer token may be signed with: one family, fixed here and never by the token."""
        return self.jwt_algorithms or (("RS256", "ES256") if self.jwt_jwks_url else ("HS256",))


class WrongEnvironment(SystemExit):
    """The start stops: the message names each variable and what is wrong with it."""


def explain(error: ValidationError) -> str:
    """One line a variable; values are never repeated, since they may be secrets."""
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        name = str(problem["loc"][0]).upper() if problem["loc"] else ""
        message = problem["msg"].removeprefix("Value error, ")
        lines.append(f"  {name}: {message}" if name else f"  {message}")
    return "The configuration is wrong:\n" + "\n".join(lines)


@lru_cache(maxsize=1)
def load() -> Environment:
    """The checked environment of this process."""
    try:
        return Environment()
    except ValidationError as error:
        print(explain(error), file=sys.stderr)
        raise WrongEnvironment(2) from None


@lru_cache(maxsize=1)
def secrets() -> Secrets:
    """Keys given by the environment; those that are not are made once and kept in the data folder."""
    environment = load()
    try:
        return _secrets_of(environment)
    except OSError as error:
        print(f"PLAYGROUND_DATA_DIR: {environment.playground_data_dir}: {error.strerror}.", file=sys.stderr)
        raise WrongEnvironment(2) from None


def _secrets_of(environment: Environment) -> Secrets:
    return Secrets.from_folder(
        environment.playground_data_dir,
        secret_key=environment.secret_key.get_secret_value() if environment.secret_key else None,
        jwt_secret=environment.jwt_secret.get_secret_value() if environment.jwt_secret else None,
        encryption_keys=[key.get_secret_value() for key in environment.encryption_keys],
    )
