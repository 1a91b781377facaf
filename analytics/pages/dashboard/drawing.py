"""A picture as a file of its own: an SVG without styles or script, in the colours of the light page."""

from __future__ import annotations

from typing import Final

from django.template.loader import render_to_string

from foundation.presentation.series import TimeChart
from foundation.presentation.tradeoff import Tradeoff

COLOURS: Final = ("#0b666c", "#d98324", "#45378f", "#7fa650", "#a2235e", "#868f97")
ACROSS: Final = 3
"""Names of the legend in a row."""
WIDTH, ROW = 284, 20


def svg_of(chart: TimeChart, *, period: str) -> str:
    """The file; `period` is told beside the unit."""
    legend = [
        (24 + WIDTH * (at % ACROSS), 72 + ROW * (at // ACROSS), COLOURS[colour - 1], name)
        for at, (colour, name) in enumerate(chart.legend)
    ]
    return render_to_string(
        "analytics/picture.svg",
        {
            "chart": chart,
            "period": period,
            "legend": legend,
            "pieces": [(each, COLOURS[each.colour - 1]) for each in chart.pieces] if chart.is_stacked else [],
            "curves": [] if chart.is_stacked else [(each, COLOURS[each.colour - 1]) for each in chart.curves],
        },
    )


def tradeoff_svg_of(chart: Tradeoff) -> str:
    """Quality against cost, with what the numbers stand for beneath."""
    names = [(24 + 426 * (at % 2), 432 + ROW * (at // 2), mark) for at, mark in enumerate(chart.marks)]
    height = 424 + ROW * (1 + (len(names) + 1) // 2)
    return render_to_string("analytics/tradeoff.svg", {"chart": chart, "names": names, "height": height})
