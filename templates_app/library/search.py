"""Full-text search over templates, with ranking; texts stay sealed.

Name, tags and category are indexed as words. Of description and prompt only a keyed hash of each word is kept
(a blind index): PostgreSQL can find and rank it, and reads nothing from it. See docs/decisions/006.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connection
from django.db.models import F, QuerySet, Value

from templates_app.models import PromptTemplate

MOST_WORDS: Final = 12
INDEXED: Final = 100_000
"""Characters of one text; what lies behind is not found."""
MOST_INDEXED: Final = 2 * INDEXED + 1
"""Of all texts of a call together."""
BEGINNINGS: Final = range(3, 13)
"""Lengths of unfinished words that descriptions are found by."""
Lexemes = Sequence[tuple[str, Sequence[int]]]
_WORD: Final = re.compile(r"\w{1,64}")
_LETTERS: Final = str.maketrans("0123456789", "ghijklmnop")
_LEXEMES = "SELECT lexeme, positions FROM unnest(to_tsvector('english', %s))"
_WRITE = """
UPDATE prompt_templates SET search =
    setweight(to_tsvector('english', name), 'A')
    || setweight(to_tsvector('english', category || ' ' || array_to_string(tags, ' ')), 'B')
    || setweight(%s::tsvector, 'C')
    || setweight(%s::tsvector, 'D')
WHERE id = %s
"""
_STEMS = "SELECT word, (tsvector_to_array(to_tsvector('english', word)))[1] FROM unnest(%s::text[]) AS word"


def index(template: PromptTemplate) -> None:
    """Writes what `template` is found by."""
    content = template.content
    with connection.cursor() as cursor:
        described = as_vector(_lexemes(cursor, template.description[:INDEXED]), with_beginnings=True)
        texts = [text[:INDEXED] for _, text in content.texts]
        texts += [f"{tool['name']} {tool.get('description', '')}" for tool in content.tools]
        prompted = as_vector(_lexemes(cursor, "\n".join(texts)[:MOST_INDEXED]))
        cursor.execute(_WRITE, [described, prompted, template.id])


def _lexemes(cursor: Any, text: str) -> Lexemes:
    """A text's stems with their positions."""
    cursor.execute(_LEXEMES, [text])
    found: Lexemes = cursor.fetchall()
    return found


def as_vector(lexemes: Lexemes, *, with_beginnings: bool = False) -> str:
    """The stems as a tsvector of keyed hashes, written out; with beginnings they are found unfinished too."""
    places = {blind(lexeme): positions for lexeme, positions in lexemes}
    if with_beginnings:
        for lexeme, positions in lexemes:
            for length in BEGINNINGS:
                if length < len(lexeme):
                    places.setdefault(_blind_beginning(lexeme[:length]), positions[:1])
    return " ".join(f"{word}:{','.join(map(str, positions[:20]))}" for word, positions in places.items())


def found(templates: QuerySet[PromptTemplate], text: str) -> QuerySet[Any]:
    """Those that hold every word of `text` (words may be unfinished, but for those of prompts), with `relevance`."""
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
        if len(word) in BEGINNINGS:
            either = either | SearchQuery(_blind_beginning(word), config="simple", search_type="raw")
        query = either if query is None else query & either
    return query


def _blind_beginning(letters: str) -> str:
    return blind(f"{letters}*")  # no stem ends so


def blind(lexeme: str) -> str:
    """A keyed hash of a word, in letters only, so that PostgreSQL takes it for a word."""
    digest = hmac.new(_key(settings.SECRET_KEY), lexeme.encode(), hashlib.sha256).hexdigest()
    return digest[:20].translate(_LETTERS)


@lru_cache(maxsize=1)
def _key(secret: str) -> bytes:
    return hashlib.sha256(b"template search:" + secret.encode()).digest()
