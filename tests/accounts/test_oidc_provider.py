"""T08, T09, T30: a provider that is away, that is another, or that leads us somewhere else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from pytest_django.fixtures import Settings

from accounts.models import User
from accounts.oidc.provider import _find
from audit.models import AuditEntry
from foundation.database.threads import in_database_thread
from tests.accounts.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, Window
from tests.servers.service import Service, Web
from tests.waiting import until


async def test_a_provider_that_is_away_keeps_nobody_else_out(
    service: Service, provider: Provider, capfd: pytest.CaptureFixture[str]
):
    """At discovery, at the token, at the keys: a sentence, and the next try succeeds once it is back."""
    settings = {**service.environment, **provider.environment}
    process = await asyncio.to_thread(Web, settings)
    try:
        window = Window(process.url)
        provider.fails = {"openid-configuration"}
        away = await window.begin(next="/history")
        assert away.status == 503
        assert "Example & Co cannot be reached" in away.reason
        assert 'name="next" value="/history"' in away.text
        provider.fails = set()

        async def begins() -> bool:
            return (await window.begin()).status == 200

        await until(begins)
        for broken in ("token", "keys"):
            provider.fails, provider.moves = {broken}, set()
            answer = await window.sign_in()
            assert answer.status == 503, broken
            assert "canary" not in answer.text
            assert not await window.is_known()
        provider.fails, provider.moves = set(), {"token"}
        assert (await window.sign_in()).status == 503
        assert "elsewhere" not in provider.asked, "a code and a secret go where they were meant to"
        await in_database_thread(lambda: User.objects.create_user("pat", "a long enough phrase"))
        entered = await window.submit("/login", "/login", username="pat", password="a long enough phrase")
        assert entered.status == 302
    finally:
        await asyncio.to_thread(process.stop)
    logged = capfd.readouterr().err
    assert "code_not_redeemed" in logged
    assert "sign_in_failed" in logged
    secrets = [text for form in provider.forms for name, text in form.items() if name in ("code", "code_verifier")]
    for secret in (*secrets, *provider.tokens, CLIENT_SECRET, "canary", "ada@example.org", "state="):
        assert secret not in logged


async def test_people_of_two_issuers_are_never_one(service: Service, provider: Provider):
    """A provider that is not the issuer of bearer tokens names an administrator's id in vain; a public client."""
    local = await in_database_thread(lambda: User.objects.create_superuser("root", None))
    provider.subject = str(local.id)
    provider.claims = {"realm_access": {"roles": ["curator"]}}
    provider.document = {
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "authorization_response_iss_parameter_supported": True,
    }
    provider.answer = {"iss": provider.url}
    settings = {**service.environment, **provider.environment}
    del settings["OIDC_CLIENT_SECRET"]
    process = await asyncio.to_thread(Web, {**settings, "OIDC_ROLES_CLAIM": "realm_access.roles"})
    try:
        window = Window(process.url)
        assert (await window.sign_in()).status == 302
        me = await window.me()
        assert me["id"] != str(local.id)
        assert me["roles"] == ["curator"]
        assert provider.authorizations == [""]
        assert (provider.forms[0]["client_id"], "client_secret" in provider.forms[0]) == (CLIENT_ID, False)
        other = Window(process.url)
        await other.sign_in()
        assert (await other.me())["id"] == me["id"]
        # It has said that it names itself in each answer (RFC 9207): one without is another's.
        provider.answer = {}
        assert (await Window(process.url).sign_in()).status == 400
    finally:
        await asyncio.to_thread(process.stop)


DOCUMENTS: dict[str, dict[str, Any]] = {
    "of_another_issuer": {"issuer": "https://evil.example.org"},
    "of_no_issuer": {"issuer": None},
    "t08_tokens_at_an_address_of_this_network": {"token_endpoint": "http://10.0.0.1/token"},
    "t08_tokens_at_this_machine_by_another_name": {"token_endpoint": "http://localhost:8200/token"},
    "t08_keys_where_clouds_keep_secrets": {"jwks_uri": "http://169.254.169.254/latest/meta-data"},
    "t08_keys_in_a_file": {"jwks_uri": "file:///etc/passwd"},
    "without_a_way_in": {"authorization_endpoint": None},
    "a_way_in_that_is_a_script": {"authorization_endpoint": "javascript:alert(1)"},
    "a_way_in_with_a_name": {"authorization_endpoint": "https://ada:secret@example.org/authorize"},
    "a_way_out_that_is_data": {"end_session_endpoint": "data:text/html,out"},
    "endpoints_that_are_lists": {"token_endpoint": ["http://127.0.0.1/token"]},
}


@pytest.mark.parametrize("kind", DOCUMENTS)
async def test_a_document_that_leads_elsewhere_is_none(provider: Provider, settings: Settings, kind: str):
    settings.ENV = settings.ENV.model_copy(update={"oidc_issuer": provider.url, "oidc_client_id": CLIENT_ID})
    found, _ = await _find(provider.url)
    assert found is not None
    provider.document = DOCUMENTS[kind]
    assert (await _find(provider.url))[0] is None


async def test_an_issuer_in_the_open_has_all_its_endpoints_by_https(provider: Provider, settings: Settings):
    from accounts.oidc.calls import check_endpoint
    from foundation.http.guarded import AddressRefused

    settings.ENV = settings.ENV.model_copy(update={"oidc_issuer": "https://login.example.org/"})
    check_endpoint("https://login.example.org:8443/token")
    check_endpoint("https://keys.example.com/token")
    for refused in ("http://login.example.org/token", "http://keys.example.com/token", "https://10.0.0.1/token"):
        with pytest.raises(AddressRefused):
            check_endpoint(refused)


async def test_t17_what_a_provider_refuses_over_and_over_is_kept_so_often(window: Window, provider: Provider):
    await in_database_thread(cache.delete, "sign-in-with-provider-failed:127.0.0.1")
    provider.answer = {"error": "access_denied"}
    for _ in range(django_settings.AXES_FAILURE_LIMIT + 5):
        assert (await window.sign_in()).status == 403
    kept = await in_database_thread(AuditEntry.objects.filter(act="sign_in_failed").count)
    assert kept == django_settings.AXES_FAILURE_LIMIT
