"""What a template is found by: its own name whatever it is made of, beginnings of words, and its texts."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.db import connection

from foundation.database.threads import in_database_thread
from templates_app.library import reindexing, search
from templates_app.models import PromptTemplate
from tests.cast import Person
from tests.templates_app.conftest import MakeTemplate

NAMES = (
    "gpt-4.1", "llama 3.1", "node.js", "v2.0", "readme.md", "and/or", "2024-01-15", "user@example.org", "日本語の要約",
    "Zürich", "IT", "Who is who", "🚀 Launch", "C++", "C# for .NET", "R&D", "e-mail", "don\u2019t", "snake_case_name",
    "Łódź Ørsted", "Straße", "\uff26\uff35\uff2c\uff2c", "คู่มือการใช้งาน", "한국어요약", "हिन्दी भाषा", "???", "->",
    "The", "or", "A", "\U0001f469\u200d\U0001f4bb\u2764\ufe0f", "\ufb01ne", "Ελλάδα", "naïve Bayes", "x",
    "https://example.org/a/b?c=d", "customerName", "it's 50% off!", "C:\\reports\\today.txt",
    "'quoted' & \\ | ! <-> :*", "H₂O", "[system]", "¿Qué?", "a" * 255, "日" * 255,
)  # fmt: skip


async def found(person: Person, text: str, more: str = "") -> list[str]:
    """Names of the templates that a search gives, in its order."""
    answer = await person.get(f"/api/templates?owner=me&search={quote(text, safe='')}{more}")
    assert answer.status == 200, answer.body
    return [each["name"] for each in answer.body["results"]]


async def test_everything_is_found_by_its_own_name_and_comes_first(make_template: MakeTemplate, author: Person):
    for name in NAMES:
        await make_template(name=name, prompt=" ".join(NAMES[:30]), description=" ".join(NAMES[:30]))
    for name in NAMES:
        assert (await found(author, name))[0] == name, name


@pytest.mark.parametrize(
    ("name", "queries"),
    {
        "gpt-4.1-mini": ("g", "gp", "gpt", "gpt-4", "gpt-4.", "gpt 4.1", "4.1", "GPT-4.1-m", "mini", "gpt4"),
        "Node.js helper": ("node", "node.j", "js", ".js", "nodejs", "NODE JS", "help"),
        "user@example.org": ("user@", "example", "example.org", "@example.org", "user@exa"),
        "2024-01-15 report": ("2024", "2024-01", "01-15", "2024/01/15"),
        "日本語の要約テンプレート": ("日", "本語", "の要", "要約テン", "レート", "ﾃﾝﾌﾟﾚｰﾄ"),
        "คู่มือการใช้งาน": ("การ", "ใช้", "งาน"),
        "한국어요약": ("국어", "요약"),
        "GPT模型 评测": ("gpt", "模型", "gpt模", "型 评", "评测"),
        "Zürich São Paulo": ("zurich", "ZUR", "sao", "são paulo", "Zu\u0308rich"),
        "Straße nach Øresund": ("strasse", "stras", "oresund"),
        "C++ and C#": ("c++", "c#", "c", "C+"),
        "🚀 Launch plan ❤️": ("🚀", "launch 🚀", "❤", "🚀launch"),
        "customerName ChatGPT": ("name", "customer", "gpt", "chat", "customername"),
        "Email": ("e-mail", "e-m"),
        "Stories of zebras": ("story", "zebra", "ZEBRAS", "stor"),
        "Who is who": ("who is", "is", "wh"),
    }.items(),
)
async def test_a_name_is_found_by_the_beginning_of_any_word(
    make_template: MakeTemplate, author: Person, name: str, queries: tuple[str, ...]
):
    await make_template(name=name, prompt="x")
    for tagged in (False, True):
        if tagged:
            await author.call("PATCH", f"/api/templates/{(await _only(author))}", {"name": "Other", "tags": [name]})
        for query in queries:
            assert await found(author, query) == ["Other" if tagged else name], (query, tagged)
        for query in ("gpt-5", "javascript", "語本", "京", "zürichsee", "🚗", "whose", "orm"):
            assert await found(author, query) == [], query


async def _only(author: Person) -> str:
    return str((await author.get("/api/templates?owner=me")).body["results"][0]["id"])


@pytest.mark.parametrize("place", ["prompt", "description"])
async def test_texts_are_found_by_the_same_words(make_template: MakeTemplate, author: Person, place: str):
    text = (
        "Ask gpt-4.1 or llama 3.1 on node.js (v2.0, readme.md) and/or C++20 by 2024-01-15; write to "
        "user@example.org in IT. 日本語のプロンプトを要約する。 Zürich! 🚀🔥 Who is who? คู่มือการใช้งาน 한국어요약 "
        "customerName, "
        "experiments don't fail. {{größe}} Grazing e-mails"
    )
    await make_template(name="Text", **{"prompt": "x", place: text})
    for query in (
        "gpt-4.1", "gpt 4.1", "gpt-4", "4.1", "llama 3.1", "node.js", "nodejs", "js", "v2.0", "readme.md", "and/or",
        "c++", "2024-01-15", "01-15", "user@example.org", "example.org", "IT", "who is who", "who", "プロンプト",
        "本語", "要約", "する", "約", "zurich", "ZÜRICH", "🚀", "🚀🔥", "การใช้", "국어", "customername", "name",
        "experiment", "experimenting", "don\u2019t", "größe", "grosse", "graze", "e-mail",
    ):  # fmt: skip
        assert await found(author, query) == ["Text"], query
    for query in ("gpt-5", "3.4", "2024-15", "語本", "node.py", "zürichsee", "🚗", "where", "@example.com", "京"):
        assert await found(author, query) == [], query
    assert await found(author, "experim") == (["Text"] if place == "description" else [])


async def test_an_exact_name_comes_before_others_and_a_name_before_a_tag(make_template: MakeTemplate, author: Person):
    await make_template(name="In the text", prompt="art " * 50)
    await make_template(name="In the description", description="art and art", prompt="x")
    await make_template(name="In a tag", tags=["art"], prompt="x")
    await make_template(name="Articles", prompt="x")
    await make_template(name="The art of asking", prompt="x")
    await make_template(name="Art", prompt="x")
    await make_template(name="Of art and of articles", prompt="x", tags=["art"], description="art")
    assert await found(author, "art") == [
        "Art", "Of art and of articles", "The art of asking", "Articles", "In a tag", "In the description",
        "In the text",
    ]  # fmt: skip
    assert (await found(author, "ÁRT"))[0] == "Art"


@pytest.mark.parametrize("unit", ["word{n} ", "字{c}", "a.b{n}-c/", "x" * 50, "🚀{n}", "é{n}é "])
async def test_prompts_of_any_size_and_make_are_indexed(make_template: MakeTemplate, author: Person, unit: str):
    text = "".join(unit.format(n=number, c=chr(0x4E00 + number % 20000)) for number in range(200_000))
    await make_template(name="Large", prompt="needle " + text[:199_000], description="needle " + text[:9_000])
    assert await found(author, "needle") == ["Large"]
    assert await found(author, "large") == ["Large"]


async def test_what_an_older_release_indexed_is_indexed_anew(make_template: MakeTemplate, author: Person):
    made = await make_template(name="The gpt-4.1", prompt="Zebras and IT")

    def as_before() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE prompt_templates SET search = to_tsvector('english', name) WHERE id = %s", [made["id"]]
            )
        return search.not_indexed().filter(id=made["id"]).count()

    assert await in_database_thread(as_before) == 1
    assert await found(author, "gpt") == ["The gpt-4.1"]
    assert await found(author, "it") == []
    assert await in_database_thread(reindexing.reindex) >= 1
    assert await found(author, "gpt-4.1 it zebra") == ["The gpt-4.1"]
    assert await in_database_thread(search.not_indexed().filter(id=made["id"]).count) == 0
    assert await in_database_thread(reindexing.reindex) == 0


async def test_an_index_of_another_key_is_written_anew(make_template: MakeTemplate, author: Person, settings):
    made = await make_template(prompt="zebra")
    mine = PromptTemplate.objects.filter(id=made["id"])
    assert await in_database_thread(search.not_indexed().filter(id__in=mine.values("id")).count) == 0
    settings.SECRET_KEY = "another " * 10
    assert await in_database_thread(search.not_indexed().filter(id__in=mine.values("id")).count) == 1


async def test_no_word_of_a_sealed_text_stands_in_the_index(make_template: MakeTemplate):
    made = await make_template(name="Plain", prompt="canaryword gpt-9", description="parakeetword")

    def index() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT search::text FROM prompt_templates WHERE id = %s", [made["id"]])
            return str(cursor.fetchone()[0])

    held = await in_database_thread(index)
    assert "plain" in held
    assert not {"canary", "parak", "gpt"} & {held[at : at + n] for n in (3, 5, 6) for at in range(len(held))}


async def test_names_are_ordered_as_people_look_for_them(make_template: MakeTemplate, author: Person):
    ordered = [
        "_private", "(draft)", "#1", "🚀 Launch", "9 lives", "10 things", "ähre", "Äpfel", "apple", "Banane", "Éclair",
        "eclairs", "Łódź", "lodz b", "straße", "strassf", "v1.9", "v1.10", "v2", "V2", "v10", "Zebra", "Ωmega",
        "яблоко", "한국", "かき", "日本",
    ]  # fmt: skip
    for name in reversed(ordered):
        await make_template(name=name, prompt="x")
    told = (await author.get("/api/templates?owner=me&ordering=name&page_size=100")).body["results"]
    assert [each["name"] for each in told] == ordered
    pages = [await author.get(f"/api/templates?owner=me&ordering=name&page_size=5&page={n}") for n in range(1, 7)]
    assert [each["name"] for page in pages for each in page.body["results"]] == ordered
    for name in reversed(ordered):
        assert (await author.post("/api/sessions", {"name": name})).status == 201
    sessions = (await author.get("/api/sessions?ordering=name&page_size=100")).body["results"]
    assert [each["name"] for each in sessions if each["name"] in ordered] == ordered


async def test_facets_follow_the_search_and_the_other_filters(make_template: MakeTemplate, author: Person):
    await make_template(name="Zebra one", category="Animals", tags=["wild", "striped"])
    await make_template(name="Zebra two", category="Roads", tags=["striped"])
    await make_template(name="Lion", category="Animals", tags=["wild"])

    async def counts(facet: str, query: str) -> dict[str, int]:
        told = (await author.get(f"/api/templates/{facet}?owner=me&{query}")).body
        return {each["name"]: each["count"] for each in told}

    assert await counts("categories", "") == {"Animals": 2, "Roads": 1}
    assert await counts("categories", "search=zebra") == {"Animals": 1, "Roads": 1}
    assert await counts("categories", "search=zebra&category=Roads") == {"Animals": 1, "Roads": 1}
    assert await counts("categories", "tag=wild") == {"Animals": 2}
    assert await counts("tags", "search=zebra") == {"wild": 1, "striped": 2}
    assert await counts("tags", "category=Animals&tag=striped") == {"wild": 2, "striped": 1}
    assert await counts("tags", "search=nothing") == {}
    assert (await author.get("/api/templates/tags?colour=red")).status == 400
    page = (await author.get("/api/templates?owner=me&search=zebra&category=Roads")).body
    assert page["count"] == 1


async def test_a_search_gives_its_best_matches_first_unless_an_order_is_chosen(
    make_template: MakeTemplate, author: Person
):
    await make_template(name="Zebra", prompt="x")
    await make_template(name="A later one", prompt="zebra")
    assert await found(author, "zebra") == ["Zebra", "A later one"]
    assert await found(author, "zebra", "&ordering=-updated_at") == ["A later one", "Zebra"]
    assert await found(author, "zebra", "&ordering=name") == ["A later one", "Zebra"]
