"""What deploy/observability asks for is what `/metrics` serves: every name, and every label of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from foundation.metrics.processes import VARIABLE
from tests.cast import Person
from tests.doors.test_metrics import TOKEN, answer_of
from tests.servers.service import Service

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "observability"
WORDS = {"by", "without", "on", "ignoring", "and", "or", "unless", "bool", "offset", "group_left", "group_right"}
OF_THE_TARGET = {"job", "instance"}
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SELECTOR = re.compile(rf"(?P<name>{NAME})\s*(?:\{{(?P<labels>[^}}]*)\}})?")


def selectors(expression: str) -> Iterator[tuple[str, set[str]]]:
    """Each metric that an expression names, with the labels that it is asked for."""
    strings = re.sub(r'"(?:[^"\\]|\\.)*"', '""', expression)
    bare = re.sub(r"\[[^\]]*\]", "", strings)
    without_lists = re.sub(r"\b(?:by|without|on|ignoring)\s*\([^)]*\)", " ", bare)
    for match in SELECTOR.finditer(without_lists):
        is_call = without_lists[match.end() :].lstrip().startswith("(") and match["labels"] is None
        if match["name"] not in WORDS and not is_call:
            yield match["name"], set(re.findall(rf"({NAME})\s*(?:=|!)", match["labels"] or ""))


def grouped(expression: str) -> set[str]:
    """Labels that it groups by."""
    return {
        label.strip()
        for listed in re.findall(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)", expression)
        for label in listed.split(",")
        if label.strip()
    }


def rules() -> list[dict[str, Any]]:
    """All of them."""
    groups = yaml.safe_load((FOLDER / "rules.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions() -> list[str]:
    """Of rules and dashboard."""
    panels = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
    return [rule["expr"] for rule in rules()] + [target["expr"] for panel in panels for target in panel["targets"]]


def faults(expression: str, served: dict[str, set[str]]) -> list[str]:
    """What of an expression nobody serves."""
    named = list(selectors(expression))
    unknown = [name for name, _ in named if name not in served]
    labels = {label for _, asked in named for label in asked} | grouped(expression)
    had = {label for name, _ in named for label in served.get(name, set())}
    wrong = [f"{name}{{{label}}}" for name, asked in named for label in asked - served.get(name, asked)]
    return unknown + wrong + sorted(labels - had - {label for _, asked in named for label in asked})


async def served_after(service: Service, author: Person, shared: Path) -> dict[str, set[str]]:
    """Names of samples with their labels, once something of each kind has happened; those of rules have none."""
    web = service.start_web(METRICS_TOKEN=TOKEN, **{VARIABLE: str(shared)})
    there = author.at(web.url)
    for model in ("openai/gpt-4o-mini", "openai/gpt-4o-mini", "openai/fault-400"):
        await there.execute(model, parameters={"temperature": 0})
    await there.events("openai/tokens-32")
    _, _, text = await answer_of(web.url)
    served: dict[str, set[str]] = {"up": set(OF_THE_TARGET)}
    for family in text_string_to_metric_families(text):
        names = {family.name} | ({f"{family.name}_total"} if family.type == "counter" else set())
        for name in names if not family.samples else ():
            served.setdefault(name, set())
        for sample in family.samples:
            served.setdefault(sample.name, set()).update(sample.labels, OF_THE_TARGET)
    return served | {rule["record"]: set() for rule in rules() if "record" in rule}


async def test_rules_and_dashboard_ask_for_what_is_served(service: Service, author: Person, tmp_path: Path) -> None:
    served = await served_after(service, author, tmp_path)
    asked = expressions()
    assert len(asked) > 50
    assert {expression: wrong for expression in asked if (wrong := faults(expression, served))} == {}


@pytest.mark.parametrize(
    ("expression", "wrong"),
    [
        ('rate(playground_a_total{door="x"}[5m])', []),
        ("sum by (door) (rate(playground_b_total[5m]))", ["playground_b_total", "door"]),
        ('playground_a_total{dor="x"}', ["playground_a_total{dor}"]),
        ("sum by (le, floor) (playground_a_total)", ["floor", "le"]),
        ("time() - playground_a_total > 3 unless on() nothing", ["nothing"]),
    ],
)
def test_what_nobody_serves_is_found(expression: str, wrong: list[str]) -> None:
    assert faults(expression, {"playground_a_total": {"door"}}) == wrong


def test_every_alert_says_how_grave_it_is_and_what_is_wrong() -> None:
    alerts = [rule for rule in rules() if "alert" in rule]
    assert len(alerts) == 21
    for alert in alerts:
        assert alert["labels"]["severity"] in ("page", "ticket")
        assert alert["annotations"]["summary"].endswith(".")
