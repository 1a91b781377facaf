"""Whether the playground is taken up: who ran, what was made and shared, how long it takes to something in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from statistics import quantiles
from typing import Final

from django.db import connection

from accounts.models import User
from analytics.usage.asking import MOST_GROUPS, Asked
from analytics.usage.reading import usage_of
from templates_app.models import PromptTemplate, Visibility

PEOPLE_GOAL: Final = 0.8
"""Of all people."""
SHARED_GOAL: Final = 50
"""Templates that somebody beside their owner may read."""
# The first run of a template that is kept no longer is not known: those count from the first one that is.
_TO_A_LABEL: Final = """
SELECT extract(epoch FROM labelled.at - ran.at)::float8
FROM (
    SELECT template_id, min(moved_at) AS at FROM template_label_moves WHERE version_id IS NOT NULL GROUP BY template_id
) AS labelled
CROSS JOIN LATERAL (
    SELECT min(first.at) AS at FROM template_versions v CROSS JOIN LATERAL (
        SELECT e.created_at AS at FROM prompt_executions e WHERE e.template_version_id = v.id
        ORDER BY e.created_at LIMIT 1
    ) AS first WHERE v.template_id = labelled.template_id
) AS ran
WHERE labelled.at >= %s AND labelled.at < %s AND ran.at <= labelled.at
"""


@dataclass(frozen=True)
class Adoption:
    """Figures of a period, and of what is there at its end."""

    people: int
    """Who may sign in, without services."""
    people_who_ran: int
    templates_made: int
    templates_shared: int
    """Of all that people made: shared with somebody, or public."""
    templates_run: int
    to_a_label: Sequence[timedelta]
    """From a template's first run to its first label, of templates that got it in the period; ascending."""

    @property
    def share(self) -> float | None:
        """Of the people; None where there are none."""
        return min(self.people_who_ran / self.people, 1.0) if self.people else None

    @property
    def usual_time(self) -> timedelta | None:
        """The median."""
        if not self.to_a_label:
            return None
        return self.to_a_label[0] if len(self.to_a_label) == 1 else timedelta(
            seconds=quantiles([each.total_seconds() for each in self.to_a_label], n=2, method="inclusive")[0]
        )  # fmt: skip


def adoption_of(asked: Asked) -> Adoption:
    """Of everybody, in the period of the question."""
    everybody = replace(asked, groups=(), people=None, filters={}, limit=MOST_GROUPS)
    people, templates = (usage_of(replace(everybody, groups=(group,))) for group in ("user", "template"))
    theirs = PromptTemplate.objects.filter(starter_key=None)
    made = theirs.filter(created_at__gte=asked.since, created_at__lt=asked.before)
    persons = User.objects.filter(is_service=False)
    ran = persons.filter(id__in=[key for (key,) in people.rows if key]).count()
    with connection.cursor() as cursor:
        cursor.execute(_TO_A_LABEL, [asked.since, asked.before])
        times = sorted(timedelta(seconds=seconds) for (seconds,) in cursor.fetchall())
    return Adoption(
        people=persons.filter(is_active=True).count(),
        people_who_ran=ran + people.others_count,
        templates_made=made.count(),
        templates_shared=theirs.alive().exclude(visibility=Visibility.PRIVATE).count(),
        templates_run=sum(key != (None,) for key in templates.rows) + templates.others_count,
        to_a_label=times,
    )
