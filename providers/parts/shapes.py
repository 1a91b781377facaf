"""The shapes of parts (api.md, "Parts"), checked without looking anything up.

`{type: text, text}`, `{type: image | file, artifact_id | data_url | url, media_type?, name?, alt?}`, and OpenAI's
`{type: image_url, image_url: {url}}`.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from foundation.media.facts import LARGEST, Media, NotTaken
from foundation.media.recognise import recognise
from foundation.words import number

LONGEST_TEXT: Final = 1_000_000
LONGEST_ALT: Final = 1_000
LONGEST_NAME: Final = 120
LONGEST_URL: Final = 2_048
MOST_PARTS: Final = 100
OURS: Final = ("image", "file")
SOURCES: Final = ("artifact_id", "data_url", "url")
KNOWN: Final = frozenset({"type", *SOURCES, "media_type", "name", "alt"})
DATA_URL: Final = re.compile(r"data:([\w.+-]+/[\w.+-]+)?((?:;[\w.+-]+=[^;,]*)*);base64,", re.IGNORECASE)

Part = Mapping[str, Any]


class Fault(NamedTuple):
    """What is wrong with one part; `path` begins with its place in the list (`2.media_type`)."""

    path: str
    code: str
    message: str


def faults_of(parts: Any, *, url_hosts: Collection[str] = ()) -> list[Fault]:
    """What does not hold in a content that is a list of parts; `url_hosts` may be named by `url` parts."""
    if not isinstance(parts, list) or not parts:
        return [Fault("", "invalid", "Text, or a list of parts (text, image, file), is expected.")]
    if len(parts) > MOST_PARTS:
        return [Fault("", "too_many", f"Up to {MOST_PARTS} parts are taken.")]
    return [
        fault._replace(path=f"{place}.{fault.path}".rstrip("."))
        for place, part in enumerate(parts)
        for fault in _faults(part, url_hosts)
    ]


def _faults(part: Any, url_hosts: Collection[str]) -> Iterable[Fault]:
    match part:
        case {"type": "text", "text": str(text)}:
            is_short = len(text) <= LONGEST_TEXT
            return (
                [] if is_short else [Fault("text", "max_length", f"Up to {number(LONGEST_TEXT)} characters are taken.")]
            )
        case {"type": "image_url", "image_url": {"url": str(url)}}:
            if url.lstrip()[:8].lower().startswith(("data:", "https://")):
                return []
            return [Fault("image_url.url", "invalid", "A data URL of an image, or an https address, is expected.")]
        case {"type": "image" | "file"}:
            return _faults_of_file(part, url_hosts)
    return [Fault("", "invalid", "Text, or a list of text, image, file and image_url parts, is expected.")]


def _faults_of_file(part: Part, url_hosts: Collection[str]) -> Iterator[Fault]:
    yield from (Fault(str(name), "unknown", "There is no such field.") for name in sorted(part.keys() - KNOWN, key=str))
    for name, longest in (("media_type", 100), ("name", LONGEST_NAME), ("alt", LONGEST_ALT)):
        value = part.get(name, "")
        if not (isinstance(value, str) and len(value) <= longest):
            yield Fault(name, "invalid", f"Text of up to {number(longest)} characters is expected.")
    given = [name for name in SOURCES if name in part]
    if len(given) != 1:
        code, told = ("contradiction", "one of them") if given else ("required", "one")
        yield Fault(given[-1] if given else "artifact_id", code, f"Give {told}: artifact_id, data_url or url.")
        return
    value = part[given[0]]
    if not isinstance(value, str):
        yield Fault(given[0], "type", "In JSON, text is expected here.")
    elif given[0] == "artifact_id":
        if not _is_uuid(value):
            yield Fault("artifact_id", "invalid", "The id of an artifact is expected.")
    elif given[0] == "url":
        yield from _faults_of_url(part, value, url_hosts)
    else:
        yield from _faults_of_data(part, value)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _faults_of_url(part: Part, url: str, hosts: Collection[str]) -> Iterator[Fault]:
    try:
        split = urlsplit(url)
        host, is_plain = split.hostname or "", split.username is None and split.port in (None, 443)
    except ValueError:
        host, is_plain, split = "", False, urlsplit("")
    if split.scheme != "https" or not host or not is_plain or len(url) > LONGEST_URL:
        yield Fault("url", "invalid", "An https address without a user and a port is expected.")
    elif host.lower() not in hosts:
        yield Fault("url", "host_not_allowed", f"Files of {host} are not passed on (PART_URL_HOSTS): upload it.")
    elif part["type"] == "file" and part.get("media_type", "application/pdf") != "application/pdf":
        yield Fault("media_type", "invalid", "By its address only a PDF is passed on.")


def _faults_of_data(part: Part, url: str) -> Iterator[Fault]:
    try:
        media = recognise(data_of(url))
    except NotTaken as error:
        yield Fault("data_url", error.code, error.message)
        return
    if message := misfit(part, media):
        yield Fault("type", "other_type", message)


def data_of(url: str) -> bytes:
    """The bytes of a data URL (RFC 2397, base64 only); raises NotTaken. What it says of its type decides nothing."""
    found = DATA_URL.match(url)
    if found is None:
        raise NotTaken("invalid", "A data URL in base64 is expected: data:image/png;base64,…")
    if (len(url) - found.end()) * 3 // 4 > LARGEST + 3:
        raise NotTaken("too_large", f"A file is taken up to {LARGEST // 2**20} MB.")
    try:
        return base64.b64decode(url[found.end() :], validate=True)
    except (binascii.Error, ValueError):
        raise NotTaken("invalid", "This is no base64.") from None


def misfit(part: Part, media: Media) -> str:
    """What a part says of itself and is not, as a sentence; empty where it holds."""
    if (part["type"] == "image") != media.is_picture:
        expected = "image" if media.is_picture else "file"
        return f"This is {media.media_type}: its part's type is {expected!r}."
    told = part.get("media_type")
    if told is not None and told.lower().partition(";")[0].strip().replace("jpg", "jpeg") != media.media_type:
        return f"This is {media.media_type}, and said to be {told}."
    return ""


def text_of(content: Any) -> str:
    """The words of a text or of a list of parts."""
    if isinstance(content, str):
        return content
    return "\n\n".join(part["text"] for part in content or () if part.get("type") == "text")


def is_blank(content: Any) -> bool:
    """Whether a model would be told nothing."""
    has_more = isinstance(content, list) and any(part.get("type") != "text" for part in content)
    return not has_more and not text_of(content).strip()
