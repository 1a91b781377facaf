"""What chats are told: the sentence, its figures and a link, and nothing that a name can make of it."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from events.models import Delivery, Event
from events.vocabulary import PREFIX, TYPES, sentence_of
from events.webhooks.formats import slack, teams
from events.webhooks.messages import SHOWN, message_of
from tests.events.conftest import configure

TEMPLATE = "00000000-0000-0000-0000-000000000001"
MOVED = {"template_id": TEMPLATE, "label": "production", "version": 3}


def delivery(name: str, payload: dict[str, Any], **words: str) -> Delivery:
    """Not written anywhere."""
    event = Event(id=uuid.uuid4(), type=PREFIX + name, aggregate="x", payload=payload)
    event.words = words
    return Delivery(event=event)


@pytest.mark.parametrize(
    ("name", "payload", "title", "path"),
    [
        (
            "template.label_moved",
            MOVED,
            "Label production of “Greeting” points at version 3",
            f"/templates/{TEMPLATE}/versions",
        ),
        (
            "template.label_moved",
            {**MOVED, "version": None},
            "Label production of “Greeting” was taken away",
            f"/templates/{TEMPLATE}/versions",
        ),
        (
            "template.split_ended",
            {**MOVED, "outcome": "label_moved"},
            "The split of “Greeting” by production has ended: label moved",
            f"/templates/{TEMPLATE}/versions",
        ),
        ("evaluation.completed", {"test_id": "t", "success_rate": 0.75}, "A test has completed", "/evaluations/t"),
        (
            "evaluation.regression_detected",
            {"test_id": "t", "difference": -0.2},
            "Worse than its baseline: a test shows a regression",
            "/evaluations/t",
        ),
        (
            "quota.threshold_reached",
            {"percent": 80, "kind": "cost"},
            "80 % of a limit is used (cost)",
            "/settings/usage",
        ),
        ("execution.completed", {"execution_id": "e"}, "A run has completed", ""),
    ],
)
def test_the_sentence_of_an_event(
    settings: Settings, name: str, payload: dict[str, Any], title: str, path: str
) -> None:
    configure(settings, public_url="https://playground.example/")
    message = message_of(delivery(name, payload, template_name="Greeting"))
    assert message.title == title
    assert message.link == (f"https://playground.example{path}" if path else "")


def test_every_type_that_chats_get_by_themselves_is_one_of_ours() -> None:
    assert set(SHOWN) <= set(TYPES)


def test_every_type_has_a_sentence_of_its_own() -> None:
    told = [message_of(delivery(name, {})).title for name in TYPES if name not in SHOWN]
    assert told
    assert len(set(map(sentence_of, TYPES))) == len(TYPES)
    assert all(sentence[0].isupper() and "_" not in sentence for sentence in (*told, *map(sentence_of, TYPES)))
    assert sentence_of(f"{PREFIX}template.updated") == "A template was changed"
    assert sentence_of("of.another_service") == "of.another_service"


def test_without_an_address_of_its_own_there_is_no_link(settings: Settings) -> None:
    configure(settings, public_url="")
    made = delivery("template.label_moved", MOVED, template_name="T")
    assert message_of(made).link == ""
    assert "actions" not in json.dumps(slack(made))
    assert "actions" not in teams(made)["attachments"][0]["content"]


def test_a_name_mentions_nobody_and_formats_nothing() -> None:
    made = delivery("template.label_moved", MOVED, template_name="<!channel> *T* & [x](http://y)")
    told = slack(made)
    assert told["text"] == "Label production of “&lt;!channel&gt; *T* &amp; [x](http://y)” points at version 3"
    assert {block["text"]["type"] for block in told["blocks"] if "text" in block} == {"plain_text"}
    card = teams(made)["attachments"][0]["content"]
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert card["body"][0]["inlines"][0]["text"].startswith("Label production of “<!channel> *T* & [x]")


def test_figures_stand_below(settings: Settings) -> None:
    made = delivery("evaluation.completed", {"test_id": "t", "success_rate": 0.75, "average_score": None})
    assert slack(made)["blocks"][1]["fields"] == [{"type": "plain_text", "text": "Success rate: 0.75"}]
    assert teams(made)["attachments"][0]["content"]["body"][1]["inlines"][0]["text"] == "Success rate: 0.75\n"
