"""Files become drafts: what each file is, is asked of the formats, and an unknown one is told what it looks like."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from foundation.problems import FieldError, Problem, invalid
from foundation.words import number
from templates_app.exchange.archives import is_archive, unpack
from templates_app.exchange.entries import placed
from templates_app.exchange.formats.format import MOST_TEMPLATES, Choices, Draft, Format
from templates_app.exchange.formats.registry import FORMATS
from templates_app.exchange.source import Source

AUTO: Final = "auto"


@dataclass(slots=True)
class Read:
    """What files hold: each draft with its format and the name of its file."""

    drafts: list[tuple[Draft, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    """Names of files that are part of another one's templates."""

    @property
    def format(self) -> str:
        """The format, where all are of one; else `mixed`."""
        names = {name for _, name, _ in self.drafts}
        return names.pop() if len(names) == 1 else "mixed"


def read(
    sources: Iterable[Source],
    *,
    format_name: str = AUTO,
    choices: Choices | None = None,
    leaves_out: bool = False,
) -> Read:
    """The drafts of all files, archives unpacked; a Problem (400) names the file and the place in it.

    What in an archive is of no known format is left out and told, as long as something in it is known. `leaves_out`
    does so with every file that cannot be read, for a person who sees what is left and picks from it.
    """
    found = Read()
    listed, from_archive, refused = _files(sources, found, leaves_out=leaves_out)
    choices = replace(choices or Choices(), files={each.name: each.data for each in listed if len(listed) > 1})
    for source in listed:
        try:
            _read_one(source, format_name, choices, found, is_named=len(listed) > 1)
        except Problem as problem:
            # Columns are asked for: the file can be read once they are told.
            is_left_out = leaves_out and len(listed) > 1 and "columns" not in problem.extra
            if not is_left_out and not (source in from_archive and _is_unknown(problem)):
                raise
            refused.append(problem)
            found.notes.append(_left_out(source.name, problem))
    found.drafts = [each for each in found.drafts if each[2] not in found.files]
    if not found.drafts:
        raise _all_of(refused) or invalid([FieldError("templates", "empty", "The file holds no template.")])
    if len(found.drafts) > MOST_TEMPLATES:
        message = f"Up to {number(MOST_TEMPLATES)} templates are taken at once; here are {number(len(found.drafts))}."
        raise invalid([FieldError("templates", "max_length", message)])
    return found


def _files(
    sources: Iterable[Source], found: Read, *, leaves_out: bool
) -> tuple[list[Source], list[Source], list[Problem]]:
    """All files, those of them that come from an archive, and why an archive was left out."""
    listed: list[Source] = []
    from_archive: list[Source] = []
    refused: list[Problem] = []
    for source in sources:
        if not is_archive(source.data):
            listed.append(source)
            continue
        try:
            unpacked = unpack(source.data)
        except Problem as problem:
            if not leaves_out:
                raise
            refused.append(problem)
            found.notes.append(_left_out(source.name, problem))
            continue
        from_archive += unpacked.sources
        listed += unpacked.sources
        found.notes += unpacked.notes
    return listed, from_archive, refused


def _left_out(name: str, problem: Problem) -> str:
    error = FieldError(**problem.errors[0]) if problem.errors else FieldError("", problem.code, problem.detail)
    place = error.field.removeprefix(name).strip(".")
    where = f" at {place}" if place not in ("", "file", "format") else ""
    # What is taken stands on the page already.
    return f"{name} is left out{where}: {error.message.partition(' Taken are: ')[0]}"


def _all_of(problems: list[Problem]) -> Problem | None:
    """One refusal for all files, of which none could be read."""
    if len(problems) == 1:
        return problems[0]
    errors = [FieldError(**each) for problem in problems for each in problem.errors]
    return invalid(errors) if errors else None


def _read_one(source: Source, format_name: str, choices: Choices, found: Read, *, is_named: bool) -> None:
    try:
        chosen = FORMATS[format_name] if format_name != AUTO else recognised(source)
        drafts = chosen.read(source, choices)
    except Problem as problem:
        if not is_named or not source.name:
            raise
        listed = [FieldError(**each) for each in problem.errors]
        errors = placed(listed, source.name)
        raise Problem(problem.status, problem.code, problem.detail, errors=errors, **problem.extra) from None
    if source.read.note:
        found.notes.append(f"{source.name}: {source.read.note}" if is_named else source.read.note)
    found.notes += drafts.notes
    found.files |= drafts.files
    for draft in drafts.templates if is_named else ():
        draft.place = f"{source.name}.{draft.place}".strip(".")
    found.drafts += [(draft, chosen.name, source.name) for draft in drafts.templates]


def recognised(source: Source) -> Format:
    """The format of a file; a Problem (400) says what it looks like instead, and what is taken."""
    chosen = next((each for each in FORMATS.values() if each.recognises(source)), None)
    if chosen is not None:
        return chosen
    _ = source.text  # a Problem where it is no text
    try:
        looks = _looks(source.value)
    except Problem as problem:
        raise invalid([_hinted(FieldError(**each)) for each in problem.errors]) from None
    taken = ", ".join(each.title for each in FORMATS.values())
    message = f"This {looks}, and is of no format that is known here. Taken are: {taken}."
    raise invalid([_hinted(FieldError("format", "foreign", message))])


def _hinted(error: FieldError) -> FieldError:
    hint = f"A prompt by itself is taken where the format {FORMATS['text'].title} is asked for."
    return error._replace(message=f"{error.message} {hint}") if error.code in ("foreign", "malformed_yaml") else error


def _looks(value: Any) -> str:
    if isinstance(value, dict):
        told = str(value.get("format") or "")
        names = ", ".join(str(name)[:40] for name in list(value)[:8])
        return f"looks like {told[:40]!r}" if told else f"is an object with {names or 'nothing in it'}"
    if isinstance(value, list):
        return f"is a list of {number(len(value))} values"
    return f"is a single value ({str(value)[:60]!r})"


def _is_unknown(problem: Problem) -> bool:
    codes = {each["code"] for each in problem.errors}
    return bool(codes & {"foreign", "not_text", "encoding", "empty", "malformed_yaml"})
