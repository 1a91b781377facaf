"""The check on a schedule: each chain is walked round after round, a stretch at a time, and what was found is kept.

A round begins anew at the chain's beginning: what was whole yesterday may have been changed today. How far it has come
stands in the database, so that its cost a minute does not grow with the log.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from audit.chain.heads import Head
from audit.chain.verifying import Position, organisations, start_of, unlinked, walk
from audit.models import AuditCheck

logger = logging.getLogger(__name__)

STRETCH: Final = 20_000
"""Rows of one chain at a time."""


def check_on(*, published: Callable[[], Iterable[Head]], now: datetime, stretch: int = STRETCH) -> None:
    """Goes on with the round of each chain, also of those that were published and are gone."""
    known = {head.organisation for head in published()}
    for organisation in sorted({*organisations(), *known, *_checked()}):
        check = AuditCheck.objects.filter(organisation=organisation).first() or AuditCheck(organisation=organisation)
        _go_on(check, published(), now, stretch)
        check.save()


def broken() -> list[str]:
    """The chains in which the last round found something, as what it found."""
    return list(AuditCheck.objects.exclude(fault="").order_by("organisation").values_list("fault", flat=True))


def _checked() -> Iterable[str]:
    return AuditCheck.objects.values_list("organisation", flat=True)


def _go_on(check: AuditCheck, published: Iterable[Head], now: datetime, stretch: int) -> None:
    start = start_of(check.organisation)
    position = start
    if check.hash is not None and check.number >= start.number:
        position = Position(check.number, bytes(check.hash), check.published)
    else:
        check.began_at = now
    walked = walk(check.organisation, position, published=published, most=stretch)
    if not walked.is_over:
        check.number, check.hash = walked.position.number, walked.position.hash
        check.published = walked.position.published
        return
    fault = walked.fault or unlinked(check.organisation, now)
    if fault and not check.fault:
        logger.error("audit_log_broken", extra={"place": str(fault)})
    check.fault = str(fault or "")
    check.length = walked.position.number - start.number
    check.ended_at = now
    check.number, check.hash, check.published = 0, None, 0
