"""promptfoo's test cases (promptfoo.dev, "Test case configuration"): `tests` of a configuration, or a list of them.

What a case has that promptfoo does not know stands in its metadata, so that a file which comes back is what went out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, Final

from rest_framework.exceptions import ValidationError

from evaluation_app.creation.bodies import LEAST_WEIGHT, MOST_CASES, MOST_WEIGHT
from evaluation_app.creation.case_scorers import is_plain
from evaluation_app.datasets.bodies import checked_cases
from evaluation_app.datasets.formats import json_text, yaml_values
from evaluation_app.datasets.formats.asserts import assertion_of, asserts_of, scorers_of_asserts
from evaluation_app.datasets.formats.format import Body, Format, Read, Reading, checked_bytes, refused
from evaluation_app.models.dataset import Split
from foundation.problems import FieldError, Problem, invalid

OURS: Final = "playground"
"""Our part of a test's metadata."""
JUDGED: Final = ("expected_output", "scorers")
LONGEST_NAME: Final = 255
KEPT: Final = (
    "key", "name", "tags", "split", "cluster", "weight", "origin", "is_generated", "expected_output", "scorers",
)  # fmt: skip
UNDERSTOOD: Final = frozenset({"vars", "assert", "description", "metadata", "options"})
OF_A_DOCUMENT: Final = frozenset({"tests", "defaultTest", "assertionTemplates", "$schema"})


def is_test(value: Mapping[str, Any]) -> bool:
    """Whether an object is one of promptfoo's tests, and no case of ours."""
    return "vars" in value or ("assert" in value and "input" not in value)


def read(data: bytes, reading: Reading) -> Read:
    """The tests of a configuration in YAML or JSON, of a list, or of JSON Lines; raises Problem."""
    data = checked_bytes(data)
    if data.lstrip()[:1] not in (b"{", b"["):
        value = yaml_values.values(data)
    elif (value := json_text.whole(data)) is None:
        value = list(json_text.lines(data))
    return read_tests(value) if isinstance(value, list) else read_document(value)


def read_document(value: Any) -> Read:
    """The tests of a configuration; everything else of it is told not to be carried over. Raises Problem."""
    if not isinstance(value, Mapping) or "tests" not in value:
        raise refused("invalid", "A configuration of promptfoo has tests: this one has none.")
    tests = value["tests"]
    if isinstance(tests, str) or not isinstance(tests, list):
        raise refused("elsewhere", f"The tests stand elsewhere ({str(tests)[:80]!r}): send that file.")
    common = value.get("defaultTest", {})
    found = read_tests(tests, common=common if isinstance(common, Mapping) else {}, templates=value)
    if not isinstance(common, Mapping):
        found.note("defaultTest", "not_carried", "It stands in another file: what it asserts is not added.")
    for name in sorted(map(str, value.keys() - OF_A_DOCUMENT)):
        found.note(name[:100], "not_carried", f"{name[:60]} belongs to a run, and has no place in a dataset.")
    return found


def read_tests(
    tests: Sequence[Any], *, common: Mapping[str, Any] | None = None, templates: Mapping[str, Any] | None = None
) -> Read:
    """The cases of tests; `common` is what each of them has too, `templates` where `$ref` leads."""
    found = Read()
    for number, test in enumerate(tests):
        if isinstance(test, str):
            found.note(f"tests.{number}", "not_carried", f"It stands in another file: send {test[:80]!r} itself.")
        elif not isinstance(test, Mapping):
            raise invalid([FieldError(f"tests.{number}", "type", "A test is an object.")])
        else:
            _read_test(number, test, common or {}, templates or {}, found)
    return found


def _read_test(
    number: int, test: Mapping[str, Any], common: Mapping[str, Any], templates: Mapping[str, Any], found: Read
) -> None:
    place = f"tests.{number}"
    for name in sorted(map(str, {*test, *common} - UNDERSTOOD)):
        found.note(f"{place}.{name[:60]}", "not_carried", f"{name[:60]} of a test has no place in a case.")
    variables = {**_object(common.get("vars"), f"{place}.vars"), **_object(test.get("vars"), f"{place}.vars")}
    asserts = [_resolved(each, templates) for each in [*_listed(common, place), *_listed(test, place)]]
    options = {**_object(common.get("options"), place), **_object(test.get("options"), place)}
    for name in sorted(options.keys() - {"disableVarExpansion"}):
        found.note(f"{place}.options.{name[:60]}", "not_carried", f"The option {name[:60]} has no place in a case.")
    facts = _facts(test, place, found)
    stored = _stored(facts, place, found)
    is_as_written = _is_as_written(stored, asserts, place, found)
    for combination in _expanded(variables, is_expanded=not options.get("disableVarExpansion"), found=found):
        _note_files(combination, place, found)
        body: Body = {"input": combination, **{name: value for name, value in facts.items() if name in KEPT}}
        if is_as_written:
            body |= stored
        else:
            body = {name: value for name, value in body.items() if name not in JUDGED}
            body |= scorers_of_asserts(asserts, place, found, combination)
        found.add(body)


def _is_as_written(stored: Body, asserts: Sequence[Any], place: str, found: Read) -> bool:
    """Whether nobody has changed the assertions since; what is lost where somebody has is noted."""
    if not stored:
        return False
    written, lost = asserts_of({"expected_output": None, "scorers": [], **stored})
    if written == asserts:
        return True
    if is_plain(stored.get("expected_output") or {}):
        lost = ["expected_output", *lost]
    if lost:
        told = f"The assertions were changed since: they count, and {', '.join(lost)} of the case is left out."
        found.note(f"{place}.metadata.{OURS}", "not_carried", told)
    return False


def _stored(facts: Mapping[str, Any], place: str, found: Read) -> Body:
    """How we judged the case when it went out; nothing where somebody has made it something else."""
    given = {name: facts[name] for name in JUDGED if facts.get(name)}
    try:
        return checked_cases([given], types=None)[0]
    except (Problem, ValidationError):
        found.note(f"{place}.metadata.{OURS}", "unreadable", "It is not what was written: the assertions count.")
        return {}


def _object(value: Any, place: str) -> dict[str, Any]:
    if isinstance(value, str):
        raise refused("elsewhere", f"{place} stands in another file ({value[:80]!r}), which is not read.")
    if value is not None and not isinstance(value, Mapping):
        raise invalid([FieldError(place, "type", "An object is expected.")])
    return {str(name): inner for name, inner in (value or {}).items()}


def _listed(test: Mapping[str, Any], place: str) -> list[Any]:
    value = test.get("assert") or []
    if not isinstance(value, list):
        raise invalid([FieldError(f"{place}.assert", "type", "A list is expected.")])
    return [assertion_of(each) if isinstance(each, str) else each for each in value]


def _resolved(given: Any, templates: Mapping[str, Any]) -> Any:
    """What `$ref: '#/assertionTemplates/name'` leads to."""
    if not isinstance(given, Mapping) or not isinstance(given.get("$ref"), str):
        return given
    value: Any = templates
    for step in given["$ref"].removeprefix("#/").split("/"):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {"type": f"$ref {given['$ref'][:60]}"}


def _facts(test: Mapping[str, Any], place: str, found: Read) -> dict[str, Any]:
    metadata = _object(test.get("metadata"), f"{place}.metadata")
    ours = metadata.pop(OURS, None) or {}
    if not isinstance(ours, Mapping):
        found.note(f"{place}.metadata.{OURS}", "unreadable", "It is not what was written, and is left out.")
        ours = {}
    for name in sorted(ours.keys() - {*KEPT, "no_counterpart"}):
        found.note(f"{place}.metadata.{OURS}.{name[:60]}", "not_carried", f"A case has no {name[:60]}.")
    facts = {name: ours[name] for name in KEPT if name in ours}
    if (description := _description(test)) and description != (facts.get("name") or facts.get("key")):
        # Also of a test of ours, where somebody has called it otherwise since.
        facts["name"] = description[:LONGEST_NAME]
        if len(description) > LONGEST_NAME:
            told = f"A name has up to {LONGEST_NAME} characters: the rest is left out."
            found.note(f"{place}.description", "not_carried", told)
    for name, value in metadata.items():
        if name == "tags" and "tags" not in facts:
            facts["tags"] = [str(each) for each in value] if isinstance(value, list) else [str(value)]
        elif name == "cluster" and "cluster" not in facts:
            facts["cluster"] = str(value)
        elif name == "weight" and "weight" not in facts and _is_weight(value):
            facts["weight"] = value
        elif name == "split" and "split" not in facts and value in Split.values:
            facts["split"] = value
        else:
            told = f"Metadata has no place in a case: {name[:40]} = {str(value)[:60]!r} is left out."
            found.note(f"{place}.metadata.{name[:60]}", "not_carried", told)
    return facts


def _description(test: Mapping[str, Any]) -> str:
    return str(test["description"]) if test.get("description") is not None else ""


def _is_weight(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and LEAST_WEIGHT <= value <= MOST_WEIGHT


def _expanded(variables: Mapping[str, Any], *, is_expanded: bool, found: Read) -> Iterator[dict[str, Any]]:
    """A list of values is a case each, every combination of several lists, as promptfoo runs them."""
    lists = {name: value for name, value in variables.items() if isinstance(value, list)} if is_expanded else {}
    if not lists:
        yield dict(variables)
        return
    for count, combination in enumerate(product(*lists.values())):
        if count > MOST_CASES:
            return  # one more than `found` takes
        yield {**variables, **dict(zip(lists, combination, strict=True))}


def _note_files(variables: Mapping[str, Any], place: str, found: Read) -> None:
    for name, value in variables.items():
        if isinstance(value, str) and value.startswith("file://"):
            told = "promptfoo would read this file; here the address is the value."
            found.note(f"{place}.vars.{name[:60]}", "as_text", told)


def write(about: Mapping[str, Any], cases: Iterable[Body]) -> Iterator[bytes]:
    """`tests` in YAML, to be put into a configuration; scorers without a counterpart are named at their case."""
    head = f"# {_one_line(about['name'])}, version {about['version']}: tests for a promptfoo configuration.\n"
    return yaml_values.written(head, "tests", map(_test, cases))


def _test(case: Body) -> dict[str, Any]:
    asserts, lost = asserts_of(case)
    ours = {name: case[name] for name in KEPT if case.get(name) not in (None, "", [], False)}
    if ours.get("weight") == 1:
        del ours["weight"]
    test: dict[str, Any] = {"description": case["name"] or case["key"], "vars": case["input"]}
    if any(isinstance(value, list) for value in case["input"].values()):
        test["options"] = {"disableVarExpansion": True}
    if asserts:
        test["assert"] = asserts
    # What stands elsewhere must be there to tell a case without a name from one that is called by its key.
    ours.setdefault("name", "")
    test["metadata"] = {OURS: {**ours, **({"no_counterpart": lost} if lost else {})}}
    return test


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


PROMPTFOO: Final = Format("promptfoo", "promptfoo", "application/yaml", ".promptfoo.yaml", read, write)
