"""A provider's refusal in our words: from status, type, code and message to one ProviderFailure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from providers.errors import Code, ProviderFailure
from providers.http.excerpt import safe_excerpt
from providers.http.retry_after import retry_after

CONTEXT = re.compile(
    r"context_length_exceeded|exceed_context_size|context_window|context[ -](?:length|window|size)|maximum context"
    r"|prompt is too long|token count.{0,30}exceeds"
    r"|input (?:is|length)? ?(?:too long|exceeds)|too many (?:input )?tokens|reduce the length of",
    re.IGNORECASE,
)
QUOTA = re.compile(
    r"insufficient_quota|current quota|billing|spend(?:ing)?[ _-]limit|credit balance|usage limits?\b"
    r"|insufficient (?:balance|credits?|funds)|payment required",
    re.IGNORECASE,
)
NO_MODEL = re.compile(
    r"model_not_found|\bmodels?\b.*(?:not exist|not found|not supported|unknown)|^model: ", re.I | re.S
)
BAD_KEY = re.compile(r"invalid_api_key|api[ _-]?key (?:not valid|is invalid|invalid)|invalid api[ _-]?key", re.I)
REFUSING_KEY = frozenset({"permission_error", "permission_denied", "authentication_error"})
TRANSIENT = frozenset({408, 409, 425, 500, 502, 503, 504, *range(520, 531)})
"""What the vendors' own clients try again, Anthropic's 529 and Cloudflare's 52x included."""
GAVE_UP = frozenset({504, 524, 598})
"""Whoever stands before the model had the request and no answer to it: gateways, Cloudflare, proxies."""
TIMED_OUT = re.compile(
    r"time[sd]?[ _-]?out(?!put|side|er\b)|deadline[ _-]?exceeded|took too long|time limit"
    r"|(?:did ?n[o']t (?:respond|answer|reply)|no (?:response|answer|reply)).{0,20} in time",
    re.IGNORECASE,
)
GAVE_UP_IN_WORDS = re.compile(
    r"took too long|operation timed out|(?:model|processing|answer|response).{0,40}time[sd]?[ _-]?out", re.IGNORECASE
)
"""A 408 says that the request did not come in time, and is tried again; Azure and Bedrock say it of the answer."""
NEVER_TAKEN = re.compile(
    r"connect(?:ion)?[ _-]?time-?out|connect ETIMEDOUT|(?:while|timed out) connecting|connecting to (?:the )?upstream"
    r"|dial tcp|TLS handshake|waiting for the (?:http )?request (?:body|headers?|from)"
    r"|client (?:did not|didn't|failed to) send",
    re.IGNORECASE,
)
"""Words of a time-out over a request that the model did not get: nobody bills it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an error answer says; parts that it does not name are empty.

    `status` 0: it came inside a 200 and nothing tells what its status would have been.
    """

    status: int
    message: str
    kind: str = ""
    code: str = ""
    is_inside_200: bool = False


def failure_of(
    refusal: Refusal, *, headers: Mapping[str, str] | None = None, secrets: Iterable[str] = ()
) -> ProviderFailure:
    """The failure that the engine and the user get; its detail is masked and short."""
    wait = retry_after(headers or {}, now=datetime.now(UTC))
    code, is_retryable = _code_of(refusal, has_wait=wait is not None)
    said = safe_excerpt(refusal.message, secrets=secrets)
    began = "It sent an error" if refusal.is_inside_200 else f"It answered with {refusal.status}"
    failure = ProviderFailure(code, f"{began}: {said}" if said else f"{began}.", is_retryable)
    if wait is not None and is_retryable:
        failure.retry_after = wait
        failure.retry_at = datetime.now(UTC) + timedelta(seconds=wait)
    return failure


def _code_of(refusal: Refusal, *, has_wait: bool) -> tuple[Code, bool]:
    """The code, and whether the same call may work later."""
    words = f"{refusal.code} {refusal.kind} {refusal.message}"
    match refusal.status:
        case 401:
            return Code.PROVIDER_AUTHENTICATION, False
        case 402:
            return Code.PROVIDER_QUOTA, False
        case 403:
            is_key = refusal.kind in REFUSING_KEY or refusal.code in REFUSING_KEY or bool(BAD_KEY.search(words))
            return Code.PROVIDER_AUTHENTICATION if is_key else Code.PROVIDER_REFUSED, False
        case 404:
            return (Code.MODEL_NOT_FOUND if _names_model(refusal, words) else Code.PROVIDER_ERROR), False
        case 429:
            return _limited(refusal, words, has_wait=has_wait)
        case status if _timed_out(status, words):
            return Code.TIMEOUT_FIRST_BYTE, False
        case 0 if (code := _refused(refusal, words)) is not Code.PROVIDER_REFUSED:
            return code, False
        case status if status in TRANSIENT or status == 0:
            return Code.PROVIDER_ERROR, True
        case status if 400 <= status < 500:
            return _refused(refusal, words), False
    return Code.PROVIDER_ERROR, False


def _timed_out(status: int, words: str) -> bool:
    """Whether somebody on the way has waited in vain for an answer, as our own clock does: it may be billed."""
    if NEVER_TAKEN.search(words):
        return False
    if status == 408:
        return GAVE_UP_IN_WORDS.search(words) is not None
    return status in GAVE_UP or ((status == 0 or status >= 500) and TIMED_OUT.search(words) is not None)


def _limited(refusal: Refusal, words: str, *, has_wait: bool) -> tuple[Code, bool]:
    """A spend cap is not over in a minute; but some say "quota" of requests a minute, too, with a time to wait."""
    is_spent = "insufficient_quota" in (refusal.code, refusal.kind) or (QUOTA.search(words) and not has_wait)
    return (Code.PROVIDER_QUOTA, False) if is_spent else (Code.RATE_LIMITED, True)


def _refused(refusal: Refusal, words: str) -> Code:
    if CONTEXT.search(words):
        return Code.CONTEXT_WINDOW_EXCEEDED
    if QUOTA.search(words):
        return Code.PROVIDER_QUOTA
    if BAD_KEY.search(words):
        return Code.PROVIDER_AUTHENTICATION
    if _names_model(refusal, words):
        return Code.MODEL_NOT_FOUND
    return Code.PROVIDER_REFUSED


def _names_model(refusal: Refusal, words: str) -> bool:
    return refusal.code == "model_not_found" or bool(NO_MODEL.search(words) or NO_MODEL.search(refusal.message))


def malformed(why: str, said: str | bytes = b"", *, secrets: Iterable[str] = ()) -> ProviderFailure:
    """An answer in another format than promised; `said` is its beginning, as far as it may be shown."""
    shown = safe_excerpt(said, secrets=secrets) if said else ""
    return ProviderFailure(Code.MALFORMED_RESPONSE, f"{why}: {shown}" if shown else f"{why}.")


def too_large(what: str) -> ProviderFailure:
    return ProviderFailure(Code.OUTPUT_TOO_LARGE, what)
