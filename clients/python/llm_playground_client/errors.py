"""All that the client raises, as one tree below `PlaygroundError`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class PlaygroundError(Exception):
    """Whatever went wrong; its text is a sentence for a person."""


class Misconfigured(PlaygroundError):
    """No address or token was given, or one that is none. The text never holds the token."""


class Unreachable(PlaygroundError):
    """The service is away: no connection, or an answer 502 to 504 of what stands before it."""


class TimedOut(Unreachable):
    """The service did not answer in time. A run may go on there."""


class UnexpectedAnswer(PlaygroundError):
    """What answered is no playground, or leads elsewhere: redirects are not followed, the token stays here."""


class NeedsService(PlaygroundError):
    """This template is rendered by the service only (Jinja2, pictures, files), which is away."""


class UnreadableFile(PlaygroundError):
    """A file of pulled templates is not what was pulled."""


class FieldProblem(NamedTuple):
    """What is wrong with one field; `field` is a dotted path such as `variables.tone`."""

    field: str
    code: str
    message: str


class ProblemError(PlaygroundError):
    """A refusal, as the service words it (RFC 9457), or as the client does where it renders by itself."""

    def __init__(
        self, status: int, code: str, detail: str, errors: Iterable[FieldProblem] = (), body: Mapping[str, Any] = {}
    ) -> None:
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.body = dict(body)
        super().__init__(self._sentence())

    @property
    def execution_id(self) -> str | None:
        """The run that failed, whose words are kept under it."""
        return self.body.get("execution_id")

    def _sentence(self) -> str:
        said = [each.message for each in self.errors if each.message not in self.detail]
        return " ".join([self.detail or self.code, *dict.fromkeys(said)])


class TemplateNotFound(ProblemError):
    """There is no such template, version or label, or not for this token's user."""

    def __init__(self, detail: str, code: str = "not_found") -> None:
        super().__init__(404, code, detail)


class AmbiguousSlug(ProblemError):
    """Several templates of others have this slug; `choices` are the `owner/slug` to choose from."""

    def __init__(self, slug: str, choices: Iterable[str]) -> None:
        self.choices = tuple(choices)
        super().__init__(409, "ambiguous_slug", f"Several templates are called {slug!r}: {', '.join(self.choices)}.")


def unfit(errors: Iterable[FieldProblem]) -> ProblemError:
    """Values that do not fit their variables, in the service's words."""
    listed = list(errors)
    names = ", ".join(dict.fromkeys(each.field for each in listed))
    return ProblemError(400, "invalid_variables", f"Not valid: {names}.", listed)


def cannot_render(message: str, *, code: str = "cannot_render", field: str = "prompt") -> ProblemError:
    """A template that fails with these values, in the service's words."""
    return ProblemError(400, code, message, [FieldProblem(field, code, message)])
