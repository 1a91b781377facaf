"""A refusal before any view: for programs a problem, for whoever looks at a page that page's kind of answer."""

from __future__ import annotations

from collections.abc import Mapping

from django.template import loader

from foundation.http.doors import is_for_programs
from foundation.problems import Problem


def refusal(problem: Problem, path: str, headers: Mapping[str, str]) -> tuple[str, bytes]:
    """Content type and body; `headers` are the request's, in small letters."""
    if not is_for_programs(path):
        if headers.get("hx-request") == "true":
            return "text/plain; charset=utf-8", problem.detail.encode()
        if "text/html" in headers.get("accept", ""):
            return "text/html; charset=utf-8", loader.render_to_string("refused.html", {"problem": problem}).encode()
    return problem.written(path, asked_in=headers.get("content-type", ""))
