"""The report of the week that is over, told to those who asked for it: from Monday 07:00 of their time zone on, once.

A mail is noted as sent before it is handed to the server: where the server does not take it the note is taken back and
it is tried again for a day; who is killed in between leaves it unsent, never sent twice. The page has the same.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from accounts.models import User
from analytics.models import WeeklyReport
from analytics.reports.asking import question, zone_of
from analytics.reports.changes import changes_of
from analytics.reports.report import Report, report_of
from analytics.reports.weeks import Week, week_at
from events.models import Kind
from events.notifications import preferences
from events.notifications.writing import notify
from foundation import mail

logger = logging.getLogger(__name__)

AT: Final = time(7)
TOLD_FOR: Final = timedelta(days=1)
"""After that: who asks for reports later gets the next one, and mails are no longer tried."""
WAIT: Final = timedelta(minutes=15)
"""After a failure."""
_EVENTS: Final = uuid.UUID("7b0c6a0e-3d0d-4a57-9a53-5a0b5ce2e0c4")


def begin_due(*, now: datetime) -> int:
    """Notes for whom a report is due, and tells those in the page who want it there; how many."""
    wanted = preferences.who_want(Kind.WEEKLY_REPORT)
    begun = 0
    for user in User.objects.filter(id__in=wanted, is_active=True).order_by("id"):
        week = week_at(now, zone=zone_of(user))
        first = datetime.combine(week.monday, AT, ZoneInfo(week.zone))
        if first <= now < first + TOLD_FOR:
            begun += _begin(user, week.previous, wanted[user.id], now=now)
    return begun


@transaction.atomic
def _begin(user: User, week: Week, way: preferences.Way, *, now: datetime) -> bool:
    # Looked for first, so that rounds without news make no number of the sequence go.
    if WeeklyReport.objects.filter(user=user, week=week.monday).exists():
        return False
    row, is_new = WeeklyReport.objects.get_or_create(user=user, week=week.monday, defaults={"created_at": now})
    if not is_new or not changes_of(question(user, week=str(week), now=now)).total.runs[0]:
        return False
    if way.page:
        event_id = uuid.uuid5(_EVENTS, str(week))
        notify(Kind.WEEKLY_REPORT, people=[user.id], payload={"week": str(week)}, event_id=event_id)
    if way.mail and user.email and settings.ENV.sends_mail:
        WeeklyReport.objects.filter(id=row.id).update(due_at=now)
    return True


def mail_due(*, now: datetime) -> int:
    """Sends what is due; how many the server took."""
    waiting = WeeklyReport.objects.filter(due_at__lte=now, sent_at=None)
    if given_up := waiting.filter(created_at__lte=now - TOLD_FOR).update(due_at=None):
        logger.warning("report_mails_given_up", extra={"count": given_up})
    sent = 0
    for row in waiting.select_related("user").order_by("due_at", "id"):
        mine = WeeklyReport.objects.filter(id=row.id)
        if not mine.filter(due_at=row.due_at, sent_at=None).update(due_at=None, sent_at=now):
            continue
        try:
            sent += _send(row, now=now)
        except mail.NotSent as error:
            mine.update(due_at=now + WAIT, sent_at=None)
            logger.warning("report_not_mailed", extra={"user_id": str(row.user_id), "reason": str(error)})
            if not error.is_the_recipients_fault:
                break
    return sent


def _send(row: WeeklyReport, *, now: datetime) -> bool:
    user = row.user
    way = preferences.ways(Kind.WEEKLY_REPORT, [user.id])[user.id]
    if not (way.mail and user.email and user.is_active):
        WeeklyReport.objects.filter(id=row.id).update(sent_at=None)
        return False
    report = report_of(question(user, week=str(Week(row.week, "UTC")), now=now))
    context: dict[str, Any] = {
        "report": report,
        "address": _address(f"/analytics/report/{report.asked.week}"),
        "settings_address": _address("/settings/notifications"),
    }
    mail.send(
        subject=f"LLM Playground: your report of the week {report.asked.week}",
        text=_text(report, address=context["address"], settings_address=context["settings_address"]),
        html=render_to_string("analytics/report_mail.html", context),
        to=[user.email],
    )
    return True


def _text(report: Report, *, address: str, settings_address: str) -> str:
    head = f"{report.whose}, {report.period} ({report.asked.week.zone})\n{address}\n"
    parts = [f"{each.title}\n" + "".join(f"- {finding}\n" for finding in each.findings) for each in report.sections]
    return "\n".join([head, *parts, f"How you are told, and whether at all, is yours to choose: {settings_address}\n"])


def _address(path: str) -> str:
    """Whole where the service knows its own address."""
    return f"{settings.ENV.public_url.rstrip('/')}{path}"
