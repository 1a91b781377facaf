"""Refusals in our words: codes, times to wait, excerpts without keys."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import Code, ProviderFailure
from providers.http.excerpt import safe_excerpt
from providers.http.retry_after import LONGEST, retry_after
from providers.wires.anthropic import errors as anthropic
from providers.wires.ollama import errors as ollama
from providers.wires.openai import errors as openai

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": " 2.5 "}, 2.5),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e300"}, LONGEST),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "99999"}, 99_999.0),
        ({"retry-after": "Tue, 24 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Tue, 24 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "Tue, 24 Nov 2026 12:00:30 -0000"}, 30.0),
        ({"retry-after": "Tue, 24 Nov 9999 23:59:59 GMT"}, LONGEST),
        ({"retry-after": "Tue, 99 Nov 2026 12:00:30 GMT"}, None),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after-ms": "x", "retry-after": "2"}, 2.0),
    ],
)
def test_a_time_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, now=NOW) == seconds


@given(st.text())
def test_a_header_of_any_text_is_seconds_or_nothing(value: str) -> None:
    seconds = retry_after({"retry-after": value}, now=NOW)
    assert seconds is None or 0 <= seconds <= LONGEST


def openai_says(status: int, body: object, **headers: str) -> ProviderFailure:
    return openai.failure_from(status, headers, orjson.dumps(body))


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, {"error": {"message": "too many tokens in prompt"}}, Code.CONTEXT_WINDOW_EXCEEDED),
        (
            400,
            [{"error": {"message": "API key not valid.", "status": "INVALID_ARGUMENT"}}],
            Code.PROVIDER_AUTHENTICATION,
        ),
        (400, {"error": "model 'x' does not exist"}, Code.MODEL_NOT_FOUND),
        (400, {"error": {"message": "flagged", "code": "content_filter"}}, Code.PROVIDER_REFUSED),
        (402, {"error": {"message": "Insufficient Balance"}}, Code.PROVIDER_QUOTA),
        (403, {"error": {"message": "Country not supported"}}, Code.PROVIDER_REFUSED),
        (403, {"error": {"message": "no", "type": "permission_error"}}, Code.PROVIDER_AUTHENTICATION),
        (404, {"detail": "Not Found"}, Code.PROVIDER_ERROR),
        (413, {"error": {"message": "too big"}}, Code.PROVIDER_REFUSED),
        (429, {"error": {"message": "slow", "code": 429}}, Code.RATE_LIMITED),
        (429, {"error": {"message": "You exceeded your current quota"}}, Code.PROVIDER_QUOTA),
        (503, "no object", Code.PROVIDER_ERROR),
        (599, None, Code.PROVIDER_ERROR),
    ],
)
def test_what_relatives_of_openai_say(status: int, body: object, code: Code) -> None:
    assert openai_says(status, body).code == code


def test_a_quota_of_requests_a_minute_is_a_rate_limit() -> None:
    body = {"error": {"message": "You exceeded your current quota", "code": 429}}
    assert openai_says(429, body, **{"retry-after": "20"}).code == Code.RATE_LIMITED


@pytest.mark.parametrize(
    ("status", "kind", "message", "code"),
    [
        (400, "invalid_request_error", "Your credit balance is too low to access the API", Code.PROVIDER_QUOTA),
        (404, "not_found_error", "model: claude-9", Code.MODEL_NOT_FOUND),
        (429, "enforced_spend_limit_reached", "Stop.", Code.PROVIDER_QUOTA),
        (0, "overloaded_error", "Overloaded", Code.PROVIDER_ERROR),
        (0, "authentication_error", "no", Code.PROVIDER_AUTHENTICATION),
        (0, "something_new", "hm", Code.PROVIDER_ERROR),
    ],
)
def test_what_anthropic_says(status: int, kind: str, message: str, code: Code) -> None:
    body = orjson.dumps({"type": "error", "error": {"type": kind, "message": message}})
    assert anthropic.failure_from(status, {}, body).code == code


def test_what_ollama_says() -> None:
    unable = b'{"error":"registry.ollama.ai/library/tiny does not support tools"}'
    assert ollama.failure_from(400, {}, unable).code == Code.PROVIDER_REFUSED
    assert ollama.failure_in_stream("model runner has unexpectedly stopped").is_retryable


READ = {"openai": openai.failure_from, "anthropic": anthropic.failure_from, "ollama": ollama.failure_from}
NGINX = "upstream timed out (110: Connection timed out) while reading response header from upstream"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (504, b"<html><head><title>504 Gateway Time-out</title></head></html>"),
        (504, b""),
        (524, b"error code: 524"),
        (408, b'{"error":{"message":"Operation timed out.","code":"Timeout"}}'),
        (408, b'{"message":"The model took too long to process the request"}'),
        (408, b'{"message":"Model has timed out in processing the request"}'),
        (502, orjson.dumps({"error": {"message": NGINX}})),
        (502, b'{"error":{"message":"Provider returned error","metadata":{"raw":"Upstream request timeout"}}}'),
        (503, b"upstream request timeout"),
        (500, b'{"error":{"message":"Request timed out.","type":"timeout"}}'),
        (500, b'{"error":"Post "http://127.0.0.1:1/completion": context deadline exceeded"}'),
        (520, b'{"error":{"message":"The upstream did not respond in time"}}'),
        (0, b'{"error":{"code":504,"message":"The operation was aborted"}}'),
        (0, b'{"error":{"code":"DEADLINE_EXCEEDED","message":"x"}}'),
        (0, b'{"type":"error","error":{"type":"timeout_error","message":"x"}}'),
    ],
)
@pytest.mark.parametrize("wire", READ)
def test_a_time_out_on_the_way_is_as_our_own(wire: str, status: int, said: bytes) -> None:
    failure = READ[wire](status, {"retry-after": "2"}, said)
    assert (failure.code, failure.is_retryable, failure.retry_after) == (Code.TIMEOUT_FIRST_BYTE, False, None)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (504, b"upstream connect error, reset reason: connection timeout"),
        (503, b"upstream connect error or disconnect/reset before headers. reset reason: connection timeout"),
        (502, b'{"error":"dial tcp 10.0.0.1:80: i/o timeout"}'),
        (408, b"Server timeout waiting for the HTTP request from the client."),
        (408, b'{"error":{"message":"Request Timeout"}}'),
        (408, b""),
        (500, b'{"error":{"message":"two at the same time output nothing"}}'),
        (529, b'{"error":{"message":"Overloaded"}}'),
        (502, b"Bad Gateway"),
    ],
)
@pytest.mark.parametrize("wire", READ)
def test_what_the_model_never_got_is_sent_again(wire: str, status: int, said: bytes) -> None:
    failure = READ[wire](status, {}, said)
    assert (failure.code, failure.is_retryable) == (Code.PROVIDER_ERROR, True)


@pytest.mark.parametrize("read", [openai.failure_from, anthropic.failure_from, ollama.failure_from])
@given(status=st.sampled_from([0, 400, 401, 403, 404, 418, 429, 500, 529]), body=st.binary(max_size=60))
def test_an_error_body_may_be_anything(read, status: int, body: bytes) -> None:
    failure = read(status, {}, body)
    assert isinstance(failure, ProviderFailure)
    assert len(failure.detail) <= 260


@pytest.mark.parametrize(
    ("said", "hidden"),
    [
        ("Incorrect API key provided: sk-proj-abcDEF1234567890.", "abcDEF"),
        ("Incorrect API key provided: sk-ab***************9xyz", "9xyz"),
        ("Authorization: Bearer abc.def-ghi", "def-ghi"),
        ("authorization: basic dXNlcjpwYXNzd29yZA==", "dXNlcjpw"),
        ('{"x-api-key": "abcdef0123"}', "abcdef0123"),
        ("GET https://user:hunter2@host/v1 failed", "hunter2"),
        ("https://host/v1?key=AIzaSyD0123456789abcdef", "AIzaSyD0"),
        ("token=abcdefgh12345", "abcdefgh"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "eyJzdWIi"),
    ],
)
def test_what_looks_like_a_key_is_masked(said: str, hidden: str) -> None:
    assert hidden not in safe_excerpt(said)
    assert "***" in safe_excerpt(said)


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll", "Nd"]), min_size=8), st.text(), st.text())
def test_a_given_secret_is_never_shown(secret: str, before: str, after: str) -> None:
    said = safe_excerpt(f"{before}{secret}{after}", secrets=[secret])
    assert secret not in said.replace("***", "") or secret in before + after


@given(st.text() | st.binary())
def test_an_excerpt_is_short_and_printable(said: str | bytes) -> None:
    shown = safe_excerpt(said)
    assert len(shown) <= 200
    assert shown.isprintable()


def test_a_failure_never_holds_a_surrogate() -> None:
    failure = openai_says(400, {"error": {"message": "x\x00y\u2028z"}})
    assert failure.detail.endswith("x y z")
