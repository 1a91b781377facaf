"""What people have judged: pairs as they are, one label of several, how far they agree, what a correction changes."""

from __future__ import annotations

import uuid

import pytest

from evaluation_app.models import AdoptedAnswer, EvaluationCase
from evaluation_app.review.labels import human_labels, pairwise_labels
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.browser import browser_of
from tests.evaluation_app.reviews.people import Guest, Reviews, stored_test


async def test_a_pair_is_shown_both_ways_round_and_told_as_it_is(author: Person, reviews: Reviews):
    test = await stored_test(author, cases=6, runs=3, variants=("one", "two"))
    made = await reviews.make(test.id, kind="pairwise")
    assert made["progress"]["items"] == 18
    assert made["rubric"]["scale"] is None
    sides = []
    for _ in range(18):
        item = await reviews.next(made["id"])
        assert item
        assert (await reviews.next(made["id"]) or {})["answers"] == item["answers"]
        texts = {each["side"]: each["text"] for each in item["answers"]}
        assert {text[:-1] for text in texts.values()} == {texts["a"][:-1]}
        assert "variant" in item["answers"][0]
        assert {each["variant"] for each in item["answers"]} == {None}
        better = next(side for side, text in texts.items() if text.endswith("of B"))
        sides.append(better)
        assert (await reviews.say(made["id"], item["id"], passed=True)).status == 400
        assert (await reviews.say(made["id"], item["id"], winner=better)).status == 200
    assert set(sides) == {"a", "b"}
    labels = await in_database_thread(pairwise_labels, test.id)
    assert len(labels) == 18
    assert {each.winner for each in labels} == {"b"}
    names = {variant.id: variant.name for variant in await in_database_thread(lambda: list(test.variants.all()))}
    assert {(names[each.variant_id], names[each.other_variant_id]) for each in labels} == {("one", "two")}
    told = await reviews.told(made["id"], "/labels?page_size=200")
    assert {each["winner"] for each in told["results"]} == {"b"}


async def test_labels_of_several_people_are_one_by_majority_and_ties_are_counted(author: Person, reviews: Reviews):
    test = await stored_test(author, cases=2)
    made = await reviews.make(test.id, raters_per_item=3)
    verdicts = {"Ada": ["pass", "pass"], "Bob": ["pass", "fail"]}
    for name, said in verdicts.items():
        guest = await Guest(author.url, made["link"]["address"]).come(name)
        for verdict in said:
            item = await guest.item()
            assert item
            await guest.say(item, verdict)
    labels = await in_database_thread(human_labels, test.id)
    assert [(each.passed, each.raters) for each in labels] == [(True, 2)]
    assert labels.ties == 1
    # The same person in another queue has said it last: one voice a person.
    again = await reviews.make(test.id, raters_per_item=3)
    guest.path = "/review/" + again["link"]["address"].rpartition("/")[2]
    for _ in range(2):
        item = await guest.item()
        assert item
        await guest.say(item, "pass")
    labels = await in_database_thread(human_labels, test.id)
    assert [(each.passed, each.raters) for each in labels] == [(True, 2), (True, 2)]
    assert labels.ties == 0


async def test_agreement_is_told_with_its_interval_and_where_they_differ(author: Person, reviews: Reviews):
    test = await stored_test(author, cases=6, runs=2)
    made = await reviews.make(test.id, raters_per_item=2)
    none = await reviews.told(made["id"], "/agreement")
    assert (none["items"], none["kappa"]["value"], none["kappa"]["reason"]) == (0, None, "too_few_labels")
    guests = [await Guest(author.url, made["link"]["address"]).come(name) for name in ("Ada", "Bob")]
    wanted = {"Ada": "ppppppffffff", "Bob": "pppppfffffff"}
    for guest, said in zip(guests, wanted.values(), strict=True):
        for letter in said:
            item = await guest.item()
            assert item
            assert (await guest.say(item, {"p": "pass", "f": "fail"}[letter], comment=f"by {letter}")).status == 200
    told = await reviews.told(made["id"], "/agreement")
    assert (told["items"], told["raters"], told["kappa"]["method"]) == (12, 2, "cohens_kappa")
    # By hand: 11 of 12 agree, 0.5 by chance.
    assert told["kappa"]["value"] == pytest.approx((11 / 12 - 0.5) / 0.5)
    assert told["kappa"]["interval"]["low"] < told["kappa"]["value"] <= 1
    assert told["agreement"]["value"] == pytest.approx(11 / 12)
    assert told["agreement"]["interval"]
    (differs,) = told["disagreements"]
    assert {label["rater"]["name"]: label["passed"] for label in differs["labels"]} == {"Ada": True, "Bob": False}
    assert {label["comment"] for label in differs["labels"]} == {"by p", "by f"}


async def test_agreement_of_three_is_the_mean_of_pairs_and_says_so(author: Person, reviews: Reviews):
    test = await stored_test(author, cases=6)
    made = await reviews.make(test.id, raters_per_item=3)
    for name, said in {"Ada": "pppfff", "Bob": "pppfff", "Eve": "ppffff"}.items():
        guest = await Guest(author.url, made["link"]["address"]).come(name)
        for letter in said:
            item = await guest.item()
            assert item
            await guest.say(item, {"p": "pass", "f": "fail"}[letter])
    told = await reviews.told(made["id"], "/agreement")
    assert told["kappa"]["method"] == "mean_pairwise_cohens_kappa"
    assert told["kappa"]["interval"] is None
    assert len(told["pairs"]) == 3
    # Two pairs agree on 5 of 6 (0.5 by chance), one on all.
    assert told["kappa"]["value"] == pytest.approx((1 + 2 * (5 / 6 - 0.5) / 0.5) / 3)
    assert told["agreement"]["value"] == pytest.approx(16 / 18)
    assert all(pair["kappa"]["interval"] for pair in told["pairs"])


async def test_a_correction_becomes_what_later_tests_expect_and_changes_no_result(author: Person, reviews: Reviews):
    test = await stored_test(author, cases=1)
    review = (await reviews.make(test.id))["id"]
    item = await reviews.next(review)
    assert item
    adopt = f"/api/reviews/{review}/items/{item['id']}/adopt"
    assert (await author.post(adopt, {})).status == 400
    await reviews.say(review, item["id"], passed=False, corrected="A fox.")
    before = (await author.get(f"/api/evaluation/{test.id}")).body
    adopted = await author.post(adopt, {})
    assert (adopted.status, adopted.body["case_key"], adopted.body["text"]) == (200, "k0", "A fox.")
    assert (await author.post(adopt, {"text": "The fox."})).body["label_id"] is None
    row = await in_database_thread(AdoptedAnswer.objects.get)
    assert (row.case_key, row.text) == ("k0", "The fox.")
    assert (await author.get(f"/api/evaluation/{test.id}")).body == before
    case = await in_database_thread(EvaluationCase.objects.get, test=test)
    assert case.expected is None
    assert (await author.post(adopt, {"label_id": str(uuid.uuid4())})).status == 400


async def test_two_reviewers_of_one_name_are_told_apart(author: Person, reviews: Reviews):
    test = await stored_test(author, cases=1)
    made = await reviews.make(test.id, raters_per_item=2)
    browser = await in_database_thread(browser_of, author)
    address = f"/evaluations/{test.id}/reviews/{made['id']}"
    none = (await browser.get(address)).text
    assert "No answer has been judged by two people yet." in none
    assert "give each item two reviewers" not in none
    for name, said in (("Otto", "fail"), ("Otto (2)", "skip"), ("Otto", "pass")):
        guest = await Guest(author.url, made["link"]["address"]).come(name)
        item = await guest.item()
        assert item
        assert (await guest.say(item, said, corrected=f"Better {said}." if said != "skip" else "")).status == 200
    assert "You review as Otto (3)." in (await guest.page()).text
    told = await reviews.told(made["id"], "/agreement")
    (differs,) = told["disagreements"]
    wanted = {"Otto": False, "Otto (3)": True}
    assert {label["rater"]["name"]: label["passed"] for label in differs["labels"]} == wanted
    assert {each["name"] for each in told["pairs"][0]["raters"]} == set(wanted)
    labels = (await reviews.told(made["id"], "/labels"))["results"]
    assert [each["rater"]["name"] for each in labels] == ["Otto", "Otto (2)", "Otto (3)"]
    page = (await browser.get(address)).text
    assert page.count("<strong>Otto (3)</strong>") == 2


async def test_who_gave_each_item_one_reviewer_is_told_to_give_two(author: Person, reviews: Reviews):
    test = await stored_test(author, cases=1)
    made = await reviews.make(test.id)
    browser = await in_database_thread(browser_of, author)
    page = (await browser.get(f"/evaluations/{test.id}/reviews/{made['id']}")).text
    assert "give each item two reviewers" in page
