"""The shapes in which a webhook gets an event: CloudEvents, or a message that a chat shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from events.models import Delivery, Format
from events.webhooks.cloud_event import CONTENT_TYPE, cloud_event
from events.webhooks.messages import message_of

JSON: Final = "application/json"
LONGEST_TITLE: Final = 150
"""Signs of a header block that Slack takes."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a body is made, and what it is."""

    content_type: str
    of: Callable[[Delivery], dict[str, Any]]


def slack(delivery: Delivery) -> dict[str, Any]:
    """A message of Slack's incoming webhooks; names of people's own mention nobody and format nothing."""
    message = message_of(delivery)
    title = message.title[:LONGEST_TITLE]
    blocks: list[dict[str, Any]] = [{"type": "section", "text": {"type": "plain_text", "text": title}}]
    if message.facts:
        fields = [{"type": "plain_text", "text": f"{name}: {value}"} for name, value in message.facts]
        blocks.append({"type": "section", "fields": fields})
    if message.link:
        button = {"type": "button", "text": {"type": "plain_text", "text": "Look at it"}, "url": message.link}
        blocks.append({"type": "actions", "elements": [button]})
    return {"text": _for_slack(title), "blocks": blocks}


def teams(delivery: Delivery) -> dict[str, Any]:
    """An Adaptive Card, as Teams' workflows ("when a webhook request is received") take it."""
    message = message_of(delivery)
    # TextBlocks read Markdown: a RichTextBlock's runs are text and nothing else.
    title = {"type": "TextRun", "text": message.title, "weight": "Bolder"}
    body: list[dict[str, Any]] = [{"type": "RichTextBlock", "inlines": [title]}]
    if message.facts:
        runs = [{"type": "TextRun", "text": f"{name}: {value}\n"} for name, value in message.facts]
        body.append({"type": "RichTextBlock", "inlines": runs})
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    if message.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Look at it", "url": message.link}]
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [content]}


def _for_slack(text: str) -> str:
    """The fallback text is mrkdwn: `&`, `<` and `>` are its controls, so that no name mentions a channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


SHAPES: Final = {
    Format.CLOUDEVENTS: Shape(CONTENT_TYPE, cloud_event),
    Format.SLACK: Shape(JSON, slack),
    Format.TEAMS: Shape(JSON, teams),
}
