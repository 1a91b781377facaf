"""Pictures and files in prompts and messages: uploaded, sent on every wire, stored by reference (api.md, "Parts")."""

from __future__ import annotations

import base64
import hashlib
import uuid

from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from tests.cast import Person
from tests.playground.media import data_url, some_png
from tests.playground.uploads import content, sent, upload, with_image
from tests.servers.service import Service


async def test_a_picture_is_uploaded_sent_and_seen_again(author: Person, provider: str, service: Service):
    picture = some_png()
    answer = await upload(author, picture)
    assert answer.status == 201
    told = answer.body
    assert (told["media_type"], told["bytes"]) == ("image/png", len(picture))
    assert told["sha256"] == hashlib.sha256(picture).hexdigest()
    assert told["expires_at"] is not None
    model = f"echo@{uuid.uuid4().hex[:8]}"
    prompt = with_image(told["artifact_id"])
    run = await author.execute(f"{provider}/{model}", prompt)
    assert run.status == 200
    assert run.body["prompt"] == prompt
    (body,) = await sent(service.simulator.url, model)
    assert body["messages"][-1]["content"] == [
        prompt[0],
        {"type": "image_url", "image_url": {"url": data_url(picture)}},
    ]
    facts = (await author.get(f"/api/artifacts/{told['artifact_id']}")).body
    assert facts["expires_at"] is None
    assert facts["sha256"] == told["sha256"]
    status, data, headers = await content(author, told["artifact_id"])
    assert (status, data) == (200, picture)
    assert headers["Content-Type"] == "image/png"
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"].startswith("private")
    stored = await in_database_thread(PromptExecution.objects.get, id=run.body["id"])
    assert stored.request["parts"] == prompt
    assert base64.b64encode(picture).decode() not in str(stored.request)
