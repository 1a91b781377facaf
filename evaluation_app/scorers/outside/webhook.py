"""A scorer of somebody's own, asked over HTTP."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlsplit

import orjson
from pydantic import Field, field_validator

from evaluation_app.scorers.errors import ScorerError
from evaluation_app.scorers.outside.desk import Desk
from evaluation_app.scorers.parameters import Parameters
from evaluation_app.scorers.sample import Sample, Score
from evaluation_app.scorers.scorer import OutsideScorer
from foundation.http.standard_webhooks import signed

if TYPE_CHECKING:
    from providers.http.transport import Transport

FAILED: Final = "webhook_failed"
LARGEST_ANSWER: Final = 64 * 1024
LONGEST_REASON: Final = 2_000
ASKED_AT_MOST: Final = 2
"""Times; the second where nobody answered, or the address said that it is its own fault."""


# The children that scorers work in read every scorer, and call nobody: what calling needs is loaded by a call.
@cache
def _transport(*, is_trusted: bool) -> Transport:
    from foundation.http.guarded import GuardedResolver, guarded_socket
    from providers.http.transport import Transport

    return Transport() if is_trusted else Transport(resolver=GuardedResolver(), socket_factory=guarded_socket)


def _is_trusted(url: str) -> bool:
    """Whether the operator has named the address's host: it may lie in a private network."""
    from django.conf import settings

    try:
        return urlsplit(url).netloc.lower() in settings.ENV.evaluation_webhook_hosts
    except ValueError:
        return False


class WebhookParameters(Parameters):
    """Who is asked."""

    url: Annotated[str, Field(max_length=2_000)]
    """Gets POST {output, expected, variables, latency, cost} and answers {passed, value?, reason?}."""
    timeout_seconds: Annotated[float, Field(ge=0.1, le=120)] = 10.0
    """For the whole of one call."""

    @field_validator("url")
    @classmethod
    def _may_be_called(cls, url: str) -> str:
        from foundation.http.guarded import AddressRefused, check_url

        try:
            check_url(url, allow_private=_is_trusted(url))
        except AddressRefused as error:
            raise ValueError(f"This address is not called: {error}.") from None
        return url


class Webhook(OutsideScorer[WebhookParameters]):
    """Your own program judges: it is sent the answer, signed as Standard Webhooks does, and says whether it passes."""

    name = "webhook"
    title = "A program of your own judges it"
    parameters = WebhookParameters

    async def ask(self, sample: Sample, desk: Desk) -> Score:
        """What the address says; asked again it is told the same `webhook-id`."""
        body = orjson.dumps(
            {
                "output": sample.output,
                "expected": sample.expected,
                "variables": dict(sample.variables),
                "latency": sample.latency,
                "cost": None if sample.cost is None else float(sample.cost),
            }
        )
        for last in (False, True):
            status, said = await self._post(body, desk, is_last=last)
            if status == 200:
                return _score(said)
            if last or status < 500:
                raise ScorerError(FAILED, f"The webhook answered with status {status}.")
        raise AssertionError("unreachable")

    async def _post(self, body: bytes, desk: Desk, *, is_last: bool) -> tuple[int, bytes]:
        """The status and the body of an answer; 599 where there was none and it may be asked again."""
        from providers.base import Timeouts
        from providers.errors import ProviderFailure

        seconds = self.params.timeout_seconds
        transport = _transport(is_trusted=_is_trusted(self.params.url))
        stamps = signed(desk.secret, name=str(desk.name), timestamp=int(time.time()), body=body)
        headers = {"Content-Type": "application/json", **stamps}
        timeouts = Timeouts(connect=seconds, first_byte=seconds, idle=seconds, total=seconds)
        call = transport.call(
            "POST", self.params.url, headers=headers, body=body, timeouts=timeouts, body_bytes=LARGEST_ANSWER
        )
        try:
            async with call:
                return call.status, await call.read_all()
        except ProviderFailure as failure:
            if is_last or not failure.is_retryable:
                raise ScorerError(FAILED, f"The webhook gave no answer: {failure.code}.") from None
            return 599, b""


def _score(said: bytes) -> Score:
    try:
        told: Any = orjson.loads(said)
    except orjson.JSONDecodeError:
        raise ScorerError(FAILED, "The webhook's answer is no JSON.") from None
    if not isinstance(told, dict) or not isinstance(told.get("passed"), bool):
        raise ScorerError(FAILED, "The webhook's answer does not say whether it passed (true or false).")
    passed, value = told["passed"], told.get("value")
    if value is None:
        value = float(passed)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ScorerError(FAILED, "The webhook's value is no number from 0 to 1.")
    reason = told.get("reason")
    return Score(float(value), passed, reason[:LONGEST_REASON] if isinstance(reason, str) else "The webhook said so.")
