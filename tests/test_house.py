"""The order of the house, where import-linter cannot see: keys, SQL and sizes."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parent.parent
LAYERS = [
    {"config"},
    {"dadms_profile"},
    {"evaluation_app", "history", "analytics", "monitoring"},
    {"playground"},
    {"templates_app", "sessions_app"},
    {"providers"},
    {"quotas", "privacy"},
    {"accounts"},
    {"events"},
    {"audit", "integrations"},
    {"foundation"},
]
"""From the top, as in pyproject.toml; nobody knows what stands above or beside them."""
OURS = [app for layer in LAYERS for app in sorted(layer) if (ROOT / app / "__init__.py").exists()]
MOST_MODULES = 12
TABLE_IN_SQL = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+(?:ONLY\s+)?\"?([a-z_]+)", re.IGNORECASE)
SQL = re.compile(r"\b(?:SELECT\b.+\bFROM|INSERT INTO|UPDATE\b.+\bSET|DELETE FROM|LOCK TABLE)\b", re.DOTALL)


def depth_of(app: str) -> int:
    """The number of its layer, from the top."""
    return next(depth for depth, layer in enumerate(LAYERS) if app in layer)


def models_of_ours() -> list[type[models.Model]]:
    """Every model of an app of ours."""
    return [model for model in apps.get_models() if model._meta.app_label in OURS]


def test_no_key_can_be_followed_upwards() -> None:
    open_keys = [
        str(field)
        for model in models_of_ours()
        for field in model._meta.get_fields()
        if isinstance(field, (models.ForeignKey, models.ManyToManyField))
        and field.related_model._meta.app_label in OURS
        and field.related_model._meta.app_label != model._meta.app_label
        and not field.remote_field.hidden
    ]
    assert open_keys == []


def test_keys_point_downwards_only() -> None:
    upwards = [
        str(field)
        for model in models_of_ours()
        for field in model._meta.get_fields()
        if isinstance(field, (models.ForeignKey, models.ManyToManyField))
        and field.related_model._meta.app_label in OURS
        and field.related_model._meta.app_label != model._meta.app_label
        and depth_of(field.related_model._meta.app_label) <= depth_of(model._meta.app_label)
    ]
    assert upwards == []


def texts_in(path: Path) -> Iterator[str]:
    """Every string of a module, the parts of f-strings put together."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "?" for part in node.values)  # type: ignore[misc]


@pytest.mark.parametrize("app", OURS)
def test_sql_names_tables_of_its_own_app_or_of_a_layer_below(app: str) -> None:
    owner = {model._meta.db_table: model._meta.app_label for model in models_of_ours()}
    strangers = [
        (str(path.relative_to(ROOT)), table)
        for path in sorted((ROOT / app).rglob("*.py"))
        if "migrations" not in path.parts
        for text in texts_in(path)
        if SQL.search(text)
        for table in TABLE_IN_SQL.findall(text)
        if table in owner and owner[table] != app and depth_of(owner[table]) <= depth_of(app)
    ]
    assert strangers == []


def test_the_look_at_sql_would_find_a_table_of_a_layer_above() -> None:
    statement = "SELECT count(*) FROM prompt_executions"
    assert SQL.search(statement)
    assert TABLE_IN_SQL.findall(statement) == ["prompt_executions"]
    assert "prompt_executions" in {model._meta.db_table for model in models_of_ours()}


@pytest.mark.parametrize("app", OURS)
def test_the_root_of_an_app_can_be_taken_in_at_a_glance(app: str) -> None:
    modules = [path.name for path in (ROOT / app).glob("*.py") if path.name != "__init__.py"]
    assert len(modules) <= MOST_MODULES, sorted(modules)


def test_labels_are_written_in_one_place() -> None:
    """Guards are asked there: whoever wrote a label elsewhere would go round every gate."""
    writes = re.compile(
        r"(?:TemplateLabel\.objects|\.labels)\.(?:create|update_or_create|bulk_create|get_or_create|update)\b"
    )
    found = {
        str(path.relative_to(ROOT))
        for app in OURS
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and writes.search(path.read_text())
    }
    assert found == {"templates_app/versions/labels.py"}


def test_the_client_knows_the_standard_library_and_httpx_alone() -> None:
    """It is installed where nothing of the service is."""
    known = sys.stdlib_module_names | {"httpx", "llm_playground_client"}
    modules = sorted((ROOT / "clients" / "python").rglob("*.py"))
    imported = {name for path in modules for name in names_imported(path)}
    assert "httpx" in imported
    assert imported - known == set()


def names_imported(path: Path) -> Iterator[str]:
    """The first part of every module that one imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]
