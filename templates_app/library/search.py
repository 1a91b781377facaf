"""Full-text search over templates, with ranking; texts stay sealed.

Name, tags, category and description are indexed as words. Of the prompt only a keyed hash of each word is kept
(a blind index): PostgreSQL can find and rank it, and reads nothing from it. See docs/decisions/006.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connection
from django.db.models import F, QuerySet, Value

from templates_app.models import PromptTemplate

MOST_WORDS: Final = 12
INDEXED: Final = 100_000
"""Characters of the texts; what lies behind is not found."""
_WORD: Final = re.compile(r"\w{1,64}")
_LETTERS: Final = str.maketrans("0123456789", "ghijklmnop")
_LEXEMES = "SELECT lexeme, positions FROM unnest(to_tsvector('english', %s))"
_WRITE = """
UPDATE prompt_templates SET search =
    setweight(to_tsvector('english', name), 'A')
    || setweight(to_tsvector('english', category || ' ' || array_to_string(tags, ' ')), 'B')
    || setweight(to_tsvector('english', left(description, 100000)), 'C')
    || setweight(%s::tsvector, 'D')
WHERE id = %s
"""
_STEMS = "SELECT word, (tsvector_to_array(to_tsvector('english', word)))[1] FROM unnest(%s::text[]) AS word"


def index(template: PromptTemplate) -> None:
    """Writes what `template` is found by."""
    content = template.content
    with connection.cursor() as cursor:
        cursor.execute(_LEXEMES, [f"{content.prompt[:INDEXED]}\n{content.system_prompt[:INDEXED]}"])
        words = [f"{blind(lexeme)}:{','.join(map(str, positions[:20]))}" for lexeme, positions in cursor.fetchall()]
        cursor.execute(_WRITE, [" ".join(words), template.id])


def found(templates: QuerySet[PromptTemplate], text: str) -> QuerySet[Any]:
    """Those that hold every word of `text` (words may be unfinished in what is not sealed), with `relevance`."""
    query = _query(text)
    if query is None:
        return templates.none().annotate(relevance=Value(0.0))
    return templates.filter(search=query).annotate(relevance=SearchRank(F("search"), query))


def _query(text: str) -> Any:
    words = list(dict.fromkeys(_WORD.findall(text.lower())))[:MOST_WORDS]
    with connection.cursor() as cursor:
        cursor.execute(_STEMS, [words])
        stems = [(word, stem) for word, stem in cursor.fetchall() if stem]
    query: Any = None
    for word, stem in stems:
        either = SearchQuery(f"'{word}':*", config="english", search_type="raw")
        either = either | SearchQuery(blind(stem), config="simple", search_type="raw")
        query = either if query is None else query & either
    return query


def blind(lexeme: str) -> str:
    """A keyed hash of a word, in letters only, so that PostgreSQL takes it for a word."""
    digest = hmac.new(_key(settings.SECRET_KEY), lexeme.encode(), hashlib.sha256).hexdigest()
    return digest[:20].translate(_LETTERS)


@lru_cache(maxsize=1)
def _key(secret: str) -> bytes:
    return hashlib.sha256(b"template search:" + secret.encode()).digest()
