r"""Where the variables of a plain text stand: backslashes before braces, names in any script."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates_app.content import Engine
from templates_app.partials.references import replaced
from templates_app.rendering import plain
from templates_app.rendering.placeholders import name_like, name_of, names_in, placeholders

slashes_and_braces = st.text(alphabet="\\{}x \n", max_size=40)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        (r"C:\reports\{{x}}.txt", "C:\\reports{{x}}.txt"),
        (r"C:\reports\\{{x}}.txt", "C:\\reports\\V.txt"),
        (r"\\\{{x}}", r"\{{x}}"),
        (r"\\\\{{x}}", r"\\V"),
        (r"\{{{x}}}", "{{{x}}}"),
        (r"\\{{{x}}}", r"\{V}"),
        (r"a\\b \n {{x}}\\", r"a\\b \n V\\"),
        (r"\\{{ no place }}", r"\{{ no place }}"),
        (r"{{x}}\{{x}}\\{{x}}", r"V{{x}}\V"),
    ],
)
def test_two_backslashes_before_braces_are_one_and_a_single_one_takes_their_meaning(text, sent):
    assert plain.render(text, {"x": "V"}) == sent


@pytest.mark.parametrize("name", ["größe", "名前", "이름", "नाम", "имя", "اسم", "ชื่อ", "_a1", "x" * 64])
def test_a_name_may_be_of_any_script(name):
    text = f"Say {{{{ {name} }}}} and {{{{{name}}}}}."
    assert names_in(text) == [unicodedata.normalize("NFKC", name)]
    assert plain.render(text, {unicodedata.normalize("NFKC", name): "V"}) == "Say V and V."


@pytest.mark.parametrize(
    "written", ["user-name", "user.name", "user name", "1st", "a²", "x" * 65, "😀", "a|upper", "́a"]
)
def test_what_is_no_name_opens_nothing(written):
    text = f"Say {{{{{written}}}}}."
    assert names_in(text) == []
    assert plain.render(text, {}) == text


def test_ways_to_write_the_same_characters_are_one_name():
    composed, apart = unicodedata.normalize("NFC", "größe"), unicodedata.normalize("NFD", "größe")
    assert composed != apart
    assert names_in(f"{{{{{composed}}}}} {{{{{apart}}}}}") == [composed] == [name_of(apart)]
    assert names_in("{{\uff4e\uff41\uff4d\uff45}}") == ["name"]


def test_a_name_is_proposed_for_what_is_none():
    assert [name_like(each) for each in ("user-name", "user.name", " user  name ", "größe (cm)", "1st", "--")] == [
        "user_name", "user_name", "user_name", "größe_cm", "_1st", "",
    ]  # fmt: skip


@given(text=slashes_and_braces)
def test_places_follow_one_another_and_only_escapes_and_names_change(text):
    at = 0
    for place in placeholders(text):
        assert at <= place.start < place.end <= len(text)
        assert bool(place.name) != bool(place.literal)
        at = place.end
    whole = plain.render(text, {"x": "V"})
    if "{{" not in text:
        assert whole == text


@given(text=st.text(alphabet="\\{}x>y ", max_size=30))
def test_any_text_can_be_written_so_that_it_is_sent_as_it_is(text):
    """What the rule promises: an escape for each opening, two backslashes for each one before it."""
    parts, run, at = [], 0, 0
    while at < len(text):
        if text.startswith("{{", at):
            parts.append("\\" * run + "\\{{")
            at, run = at + 2, 0
            continue
        run = run + 1 if text[at] == "\\" else 0
        parts.append(text[at])
        at += 1
    assert plain.render("".join(parts), {"x": "V", "y": "W"}) == text


@given(
    before=slashes_and_braces,
    inside=slashes_and_braces,
    after=st.sampled_from(["", "{{x}}", "\\{{x}}", "\\\\{{x}}", "a"]),
)
def test_a_partial_reads_the_same_wherever_it_stands(before, inside, after):
    if before.endswith("{") or inside.endswith("{") or ("{{" in before and inside.startswith(("{", "}"))):
        return  # braces that come together at a seam
    values = {"x": "V"}
    even = before.rstrip("\\") + "\\\\" * ((len(before) - len(before.rstrip("\\"))) // 2 + 1)
    whole = replaced(f"{even}{{{{> p}}}}{after}", lambda reference: inside, engine=Engine.PLAIN)
    half = even[: -((len(even) - len(even.rstrip("\\"))) // 2)]
    said = plain.render(half.rstrip("\\"), values) + "\\" * (len(half) - len(half.rstrip("\\")))
    assert plain.render(whole, values) == said + plain.render(inside, values) + plain.render(after, values)
