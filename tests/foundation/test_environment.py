"""Wrong values stop the start with the variable's name; secrets are never repeated and never guessable."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.environment import Environment, explain
from tests.servers.timestamp_authority import Signer

KEY = base64.urlsafe_b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("WEB_PROCESSES", "0"),
        ("WEB_SERVER", "gunicorn"),
        ("DATABASE_URL", "localhost/playground"),
        ("REDIS_URL", "localhost"),
        ("JWT_ALGORITHMS", "none"),
        ("JWT_ALGORITHMS", "RS256"),
        ("ENCRYPTION_KEYS", f"{KEY},dG9vIHNob3J0"),
        ("ENCRYPTION_KEYS", "not base64!"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "django-insecure-0123456789012345678901234567890123456789"),
        ("JWT_SECRET", "changeme-changeme-changeme-changeme-changeme"),
        ("CACHE_EXECUTION_TTL", "-1"),
        ("RATE_LIMIT_STANDARD", "-1"),
        ("RATE_LIMIT_EVALUATION", "many"),
        ("REQUEST_HEAD_SECONDS", "0"),
        ("REQUEST_BODY_SECONDS", "soon"),
        ("TRUSTED_PROXIES", "proxy.example.org"),
        ("TRUSTED_PROXIES", "10.0.0.1, *"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("METRICS_ALLOW", "scraper.example.org"),
        ("METRICS_ALLOW", "10.0.0.1, *"),
        ("METRICS_TOKEN", "short"),
        ("METRICS_TOKEN", "changeme-changeme-changeme-changeme-changeme"),
        ("METRICS_TOKEN", "ümlauts-that-no-header-can-hold-0123456789"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://collector.example.org"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=b%0d%0ac"),
        ("DEBUG", "perhaps"),
        ("OIDC_ISSUER", "login.example.org"),
        ("OIDC_ISSUER", "http://login.example.org"),
        ("OIDC_ISSUER", "https://user:pass@login.example.org"),
        ("OIDC_ISSUER", "https://login.example.org/?tenant=1"),
        ("OIDC_ISSUER", "https://login.example.org:port"),
        ("OIDC_CLIENT_ID", "without-an-issuer"),
        ("OIDC_SCOPES", "email profile"),
        ("OIDC_NAME", "long" * 20),
        ("AUDIT_TIMESTAMP_URL", "stamps.example.org"),
        ("AUDIT_TIMESTAMP_URL", "ftp://stamps.example.org"),
        ("AUDIT_TIMESTAMP_URL", "https://stamps.example.org:0"),
        ("AUDIT_TIMESTAMP_URL", "https://stamps.example.org:port"),
        ("AUDIT_TIMESTAMP_ROOTS", "/nowhere/roots.pem"),
        ("AUDIT_TIMESTAMP_ROOTS", __file__),
    ],
)
def test_a_wrong_value_names_its_variable_and_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as error:
        Environment()
    message = explain(error.value)
    assert name in message
    if name in ("SECRET_KEY", "JWT_SECRET", "ENCRYPTION_KEYS", "METRICS_TOKEN"):
        assert value not in message


def test_every_wrong_variable_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "http")
    monkeypatch.setenv("SECRET_KEY", "short")
    with pytest.raises(ValidationError) as error:
        Environment()
    message = explain(error.value)
    assert "PORT" in message
    assert "SECRET_KEY" in message


def test_an_empty_value_counts_as_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("PORT", "")
    environment = Environment()
    assert environment.database_url is None
    assert environment.port == 3006


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "a.example, b.example,")
    assert Environment().allowed_hosts == ("a.example", "b.example")


def test_keys_from_a_url_are_never_checked_with_a_shared_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_JWKS_URL", "https://id.example/keys")
    assert Environment().verification_algorithms == ("RS256", "ES256")
    monkeypatch.setenv("JWT_ALGORITHMS", "HS256")
    with pytest.raises(ValidationError, match="JWT_ALGORITHMS"):
        Environment()


def test_time_stamps_need_roots_to_be_checked_up_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AUDIT_TIMESTAMP_URL", "http://stamps.example.org/tsr")
    with pytest.raises(ValidationError) as error:
        Environment()
    assert "AUDIT_TIMESTAMP_ROOTS: AUDIT_TIMESTAMP_URL needs it" in explain(error.value)
    roots = tmp_path / "roots.pem"
    roots.write_bytes(Signer().pem)
    monkeypatch.setenv("AUDIT_TIMESTAMP_ROOTS", str(roots))
    assert Environment().audit_timestamp_url == "http://stamps.example.org/tsr"
