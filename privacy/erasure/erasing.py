"""An erasure carried out: the export first, then step by step in turns of a transaction each, then the proof.

Each turn asks whether a legal hold has come; the proof tells how far it is after every stretch. So either goes on where
it was, whatever stopped it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from privacy import holds
from privacy.erasure import lifecycle
from privacy.erasure.searching import Find, stretches
from privacy.erasure.steps import Held, NotYet, Step, in_order
from privacy.models import Erasure, OwnData
from privacy.own_data import making, ordering

logger = logging.getLogger(__name__)

Status = Erasure.Status
SHORTEST: Final = 4
"""Signs of a word that the proof looks for: a shorter one stands in anything."""
MOST_FINDS: Final = 200


def go_on(erasure_id: UUID, *, is_over: Callable[[], bool] = lambda: False) -> bool:
    """Works on it until it is done (True), `is_over`, or something is in the way, which its reason then says."""
    erasure = lifecycle.claim(erasure_id, now=timezone.now())
    if erasure is None:
        return lifecycle.get(erasure_id).status in (Status.DONE, Status.REFUSED)
    try:
        is_done = _carried_out(erasure, is_over)
    except NotYet as reason:
        if isinstance(reason, Held) and lifecycle.get(erasure_id).status == Status.ERASING:
            lifecycle.move(erasure, Status.HELD)
        lifecycle.release(erasure, reason=str(reason))
        return False
    except BaseException:
        lifecycle.release(erasure)
        raise
    lifecycle.release(erasure)
    return is_done


def _carried_out(erasure: Erasure, is_over: Callable[[], bool]) -> bool:
    subject = User.objects.filter(id=erasure.subject).first()
    if erasure.status != Status.ERASING:
        _refuse_where_held(subject)
        if erasure.status == Status.HELD:
            lifecycle.move(erasure, Status.ERASING)
        elif subject is not None:
            _begin(erasure, subject)
    if erasure.searched is None and not _erased(erasure, subject, is_over):
        return False
    return _proven(erasure, is_over)


def _refuse_where_held(subject: User | None) -> None:
    if subject is not None and lifecycle.is_covered(subject):
        raise Held("A legal hold covers this person, or something of theirs. It goes on when the hold is lifted.")


def _begin(erasure: Erasure, subject: User) -> None:
    """Nobody comes in any more from here on, and the export is made while there is something to export."""
    lifecycle.remember_words(erasure, words_of(subject))
    User.objects.filter(id=subject.id, is_active=True).update(is_active=False)
    if erasure.with_export:
        lifecycle.move(erasure, Status.EXPORTING)
        _exported(erasure, subject)
    lifecycle.move(erasure, Status.ERASING)


def _exported(erasure: Erasure, subject: User) -> None:
    made = OwnData.objects.filter(id=erasure.own_data_id).first() if erasure.own_data_id else None
    if made is None:
        made = ordering.order(user=subject, for_erasure=True)
        Erasure.objects.filter(id=erasure.id).update(own_data_id=made.id)
    making.make(made.id)
    made.refresh_from_db()
    if made.status != OwnData.Status.COMPLETED:
        if made.status == OwnData.Status.FAILED:
            Erasure.objects.filter(id=erasure.id).update(own_data_id=None)
        raise NotYet(f"The export of their data is not made yet. {made.error}")


def words_of(subject: User) -> list[str]:
    """What names the person: the proof looks for it, and for nothing that they wrote."""
    return [word for word in (subject.username, subject.name, subject.email) if len(word) >= SHORTEST]


def _erased(erasure: Erasure, subject: User | None, is_over: Callable[[], bool]) -> bool:
    for step in in_order():
        while True:
            if is_over():
                return False
            if not _turn(erasure, subject, step):
                break
    return True


@transaction.atomic
def _turn(erasure: Erasure, subject: User | None, step: Step) -> int:
    """One turn, where no hold has come; none comes before it has ended."""
    holds.keep_off()
    _refuse_where_held(subject)
    rows = step.turn(erasure.subject)
    lifecycle.note(erasure, step=step.name, rows=rows, now=timezone.now())
    return rows


def _proven(erasure: Erasure, is_over: Callable[[], bool]) -> bool:
    fresh = lifecycle.get(erasure.id)
    words: list[str] = fresh.words or []
    finds: list[str] = list(fresh.finds)
    # What is looked for stands there until it has been.
    ours = Find(Erasure._meta.db_table, f"{erasure.id} words")
    begun = fresh.searched or {"place": "", "after": None}
    for stretch in stretches(words, place=begun["place"], after=begun["after"]):
        found = [str(find) for find in stretch.finds if find != ours]
        finds += found[: MOST_FINDS - len(finds)]
        lifecycle.search_done(erasure, place=stretch.place, after=stretch.after, finds=finds, now=timezone.now())
        if is_over():
            return False
    emptied = {"words": None, "searched": None, "step": ""}
    lifecycle.move(erasure, Status.DONE, finds=finds, ended_at=timezone.now(), **emptied)
    logger.info("person_erased", extra={"erasure": str(erasure.id), "finds": len(finds)})
    return True
