"""Signing in by the configured OpenID Connect provider; without one these doors are not there."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.oidc import code, id_token
from accounts.oidc.attempt import Attempt, forget
from accounts.oidc.errors import AnsweredByAnother, CodeRefused, NotBegunHere, NotLetIn, ProviderAway, SignInRefused
from accounts.oidc.provider import Provider, discover
from accounts.pages import sign_in_answers
from accounts.signing_in import sign_in_by_claims, sign_in_with_provider_failed
from foundation.database.threads import in_database_thread

logger = logging.getLogger(__name__)

Door = Callable[[HttpRequest], Coroutine[Any, Any, HttpResponse]]

SIGN_OUT_AT: Final = "provider_sign_out"
"""In the session: the issuer that let somebody in, and where one signs out there."""
THEIR_FAULT: Final = frozenset({"server_error", "temporarily_unavailable"})


def _where_configured(door: Door) -> Door:
    @wraps(door)
    async def wrapped(request: HttpRequest) -> HttpResponse:
        if not settings.ENV.oidc_issuer:
            raise Http404
        return await door(request)

    return wrapped


@never_cache
@_where_configured
@require_POST
async def begin(request: HttpRequest) -> HttpResponse:
    """On to the provider."""
    wanted = sign_in_answers.safe_address(request, request.POST.get("next", ""))
    try:
        provider = await discover()
    except ProviderAway as refusal:
        return await _refused(request, refusal, wanted)
    attempt = Attempt.begin(wanted=wanted)
    address = code.address(provider, attempt, redirect_uri=_redirect_uri(request))
    response = await in_database_thread(
        sign_in_answers.elsewhere, request, address, to=f"Sign in with {settings.ENV.oidc_label}"
    )
    attempt.keep(response)
    return response


@never_cache
@_where_configured
@require_GET
async def callback(request: HttpRequest) -> HttpResponse:
    """Back from the provider: signed in, or the form with the reason."""
    attempt = Attempt.of(request)
    if attempt is None:
        # A sign-in that is under way is not disturbed by somebody else's link.
        return await _refused(request, NotBegunHere(), "")
    try:
        await _sign_in(request, attempt)
    except SignInRefused as refusal:
        if not isinstance(refusal, NotBegunHere):
            # Else anybody could fill the audit log with answers that nobody asked for.
            await in_database_thread(sign_in_with_provider_failed, request)
        response = await _refused(request, refusal, attempt.wanted)
    else:
        response = HttpResponseRedirect(sign_in_answers.safe_address(request, attempt.wanted))
    forget(response)
    return sign_in_answers.without_address(response)


async def _sign_in(request: HttpRequest, attempt: Attempt) -> None:
    if not await in_database_thread(attempt.use_up):
        raise NotBegunHere
    provider = await discover()
    _check_issuer(request, provider)
    if error := request.GET.get("error"):
        raise ProviderAway if error in THEIR_FAULT else NotLetIn
    given = request.GET.get("code")
    if not given:
        raise CodeRefused
    token = await code.redeem(provider, attempt, code=given, redirect_uri=_redirect_uri(request))
    claims = await id_token.verify(token, provider=provider, nonce=attempt.nonce)
    await in_database_thread(sign_in_by_claims, request, claims)
    request.session[SIGN_OUT_AT] = [settings.ENV.oidc_issuer, provider.end_session_endpoint]


def _check_issuer(request: HttpRequest, provider: Provider) -> None:
    told = request.GET.get("iss")
    if told is None and not provider.names_itself:
        return
    if not hmac.compare_digest((told or "").encode(), provider.issuer.encode()):
        raise AnsweredByAnother


def sign_out_address(request: HttpRequest, session_says: object) -> str:
    """Where the browser ends its session with the provider too; empty where it has none, or nowhere to."""
    match session_says:
        case [str(issuer), str(endpoint)] if endpoint and issuer == settings.ENV.oidc_issuer:
            back = request.build_absolute_uri(reverse("login"))
            client_id = settings.ENV.oidc_client_id
            return code.with_query(endpoint, client_id=client_id, post_logout_redirect_uri=back)
    return ""


async def _refused(request: HttpRequest, refusal: SignInRefused, wanted: str) -> HttpResponse:
    logger.info("sign_in_failed", extra={"by": "provider", "reason": type(refusal).__name__})
    response = await in_database_thread(sign_in_answers.form, request, refusal.status, next=wanted, reason=str(refusal))
    return sign_in_answers.without_address(response)


def _redirect_uri(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("oidc-callback"))
