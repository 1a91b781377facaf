"""How scores, times and lengths lie, as histograms: one a variant, on the same scale."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from evaluation_app.pages.presentation.rate import SPACE, percent
from foundation.words import THIN, counted, number, seconds

HEIGHT: Final = 96
"""Pixels of the highest bar."""
WHY: Final = {
    "score": "Where the bars stand at both ends, an answer is either right or wrong; in the middle it wavers.",
    "latency": "From the question to the last word. A long tail to the right are the answers that somebody waits for.",
    "length": "Tokens are the pieces that a model writes, about three quarters of a word each; by them one pays.",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bin in words, and its place in the picture (per cent of the width, pixels)."""

    label: str
    count: int
    x: float
    width: float
    y: int
    height: int

    @property
    def told(self) -> str:
        """Such as `0.2 to 0.4 s: 12`."""
        return f"{self.label}: {number(self.count)}"


@dataclass(frozen=True, slots=True)
class Picture:
    """One variant's histogram; the title says what is found."""

    key: str
    variant: str
    title: str
    bars: list[Bar]
    first: str
    last: str
    of: str
    n: int

    @property
    def filled(self) -> list[Bar]:
        """Those that something is in."""
        return [bar for bar in self.bars if bar.count]

    @property
    def description(self) -> str:
        """The picture in words."""
        return "; ".join(bar.told for bar in self.filled) + "."


@dataclass(frozen=True, slots=True)
class Distribution:
    """One figure of all variants."""

    name: str
    unit: str
    why: str
    pictures: list[Picture]


def distributions_of(results: Mapping[str, Any]) -> list[Distribution]:
    """Score, time and length, those of them that there is something of."""
    variants = [
        (each["name"], each["distributions"]) for each in results.get("variants", ()) if "distributions" in each
    ]
    kinds: tuple[tuple[str, Callable[[Mapping[str, Any]], tuple[str, str]], Callable[[float], str]], ...] = (
        ("score", _of_scores, _share),
        ("latency", lambda _: ("Time to the whole answer", "seconds"), _seconds),
        ("length", lambda _: ("Length of an answer", "tokens"), _tokens),
    )
    found = []
    for kind, named, told in kinds:
        given = [(name, lie[kind]) for name, lie in variants if lie[kind]["n"]]
        if not given:
            continue
        name, unit = named(given[0][1])
        pictures = [_picture(f"{kind}-{place}", kind, *each, told) for place, each in enumerate(given)]
        found.append(Distribution(name, unit, WHY[kind], pictures))
    return found


def _of_scores(told: Mapping[str, Any]) -> tuple[str, str]:
    if told["of"] == "cases":
        return "How often a case passes", "share of its answers"
    return "Score of an answer", "0 to 1"


def _picture(key: str, kind: str, variant: str, told: Mapping[str, Any], words: Callable[[float], str]) -> Picture:
    bins = told["bins"]
    most = max(each["count"] for each in bins)
    width = 100 / len(bins)
    bars = []
    for place, each in enumerate(bins):
        height = max(2, round(HEIGHT * each["count"] / most)) if each["count"] else 0
        bars.append(
            Bar(
                _label(each, words),
                each["count"],
                round(place * width, 3),
                round(width * 0.86, 3),
                HEIGHT - height,
                height,
            )
        )
    first, last = words(bins[0]["low"]), words(bins[-1]["low"] if bins[-1]["high"] is None else bins[-1]["high"])
    last = f"{last} and more" if bins[-1]["high"] is None else last
    title = _title_of_scores(told) if kind == "score" else _title(told, words)
    return Picture(key, variant, title, bars, first, last, told["of"], told["n"])


def _label(each: Mapping[str, Any], words: Callable[[float], str]) -> str:
    low, high = each["low"], each["high"]
    if high is None:
        return f"{words(low)} and more"
    return words(low) if low == high else f"{words(low)} to {words(high)}"


def _title(told: Mapping[str, Any], words: Callable[[float], str]) -> str:
    if told["bins"] and told["median"] == told["p95"]:
        return f"Nearly all {words(told['median'])}"
    return f"Half up to {words(told['median'])}, 95{SPACE}% up to {words(told['p95'])}"


def _title_of_scores(told: Mapping[str, Any]) -> str:
    bins = told["bins"]
    none, whole = bins[0]["count"], bins[-1]["count"]
    between = told["n"] - none - whole
    if told["of"] == "cases":
        return f"{counted(whole, 'case')} always, {number(between)} sometimes, {number(none)} never"
    return f"{percent(whole / told['n'])} full score, {percent(none / told['n'])} none, half up to {told['median']:.2f}"


def _share(value: float) -> str:
    return f"{value:.0%}".replace("%", f"{SPACE}%")


def _seconds(value: float) -> str:
    return seconds(value) if value else f"0{THIN}s"


def _tokens(value: float) -> str:
    return number(round(value))
