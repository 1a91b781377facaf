"""Full-text search over templates, with ranking; texts stay sealed.

What a template is found by stands in one tsvector (`vector`), what is looked for in one tsquery (`query`), and both
are cut into words by `foundation.search.cutting`. See docs/decisions/006.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import connection
from django.db.models import Case, IntegerField, QuerySet, Value, When

from foundation.search.cutting import Word, humps, words
from templates_app.library.blind import blind
from templates_app.library.query import LexemeQuery, Search
from templates_app.library.terms import stems_of, words_of
from templates_app.library.vector import MARK, TAG, blind_lexemes, open_lexemes, quoted
from templates_app.models import PromptTemplate

INDEXED: Final = 1_000_000
"""Characters of all texts of a call together; what lies behind is not found."""
_WRITE: Final = "UPDATE prompt_templates SET search = %s::tsvector WHERE id = %s"


def index(template: PromptTemplate) -> None:
    """Writes what `template` is found by."""
    content = template.content
    tools = [f"{tool['name']} {tool.get('description', '')}" for tool in content.tools]
    described = words_of(template.description)
    texts = words_of("\n".join([*tools, *(text for _, text in content.texts)])[:INDEXED])
    name = _fields(template.name)
    labels = _fields(template.category, template.slug or "", *template.tags)
    stems = stems_of({*described, *texts, *(word for field in (*name, *labels) for word in field)})
    lexemes = [
        *open_lexemes(name, stems),
        *open_lexemes(labels, stems, before=TAG),
        *map(quoted, blind_lexemes(name=template.name, described=described, texts=texts, stems=stems)),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [" ".join(lexemes), template.id])


def _fields(*texts: str) -> list[list[Word]]:
    """Words that are neighbours together; parts of words with capitals inside each alone."""
    fields: list[list[Word]] = []
    for text in texts:
        fields.append(list(words(text)))
        fields += [[(part,)] for part in sorted(humps(text))]
    return fields


def found(templates: QuerySet[PromptTemplate], text: str) -> QuerySet[Any]:
    """Those that hold every word of `text`, or are called so, each with its `relevance`.

    Up to twelve words count. Words of name, category and tags may be unfinished, and those of descriptions from three
    letters on; words of prompts are found in any English inflection, and scripts without spaces in any part.
    """
    search = Search(text)
    if not search:
        return templates.none().annotate(relevance=Value(0))
    return templates.filter(search=search.found).annotate(relevance=_relevance(search))


def not_indexed() -> QuerySet[PromptTemplate]:
    """Templates whose index was written by an older release, or with another SECRET_KEY."""
    return PromptTemplate.objects.exclude(search=LexemeQuery(quoted(blind(MARK))))


def _relevance(search: Search) -> Case:
    """How well it matches: by the first of the ranks that holds."""
    ranks = enumerate(reversed(search.ranks), start=1)
    cases = [When(search=query, then=Value(points)) for points, query in reversed(list(ranks))]
    return Case(*cases, default=Value(0), output_field=IntegerField())
