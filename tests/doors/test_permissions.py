"""T03, T04, T27: every endpoint and everybody; a new endpoint without a row here fails."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp

from config.urls import api_urlpatterns
from foundation.database.threads import in_database_thread
from playground.api.openapi import documented
from playground.gateway import openapi as gateway_openapi
from tests.cast import Person
from tests.doors.world import TESTED, World, cast_of
from tests.servers.service import Service

ROLES = ("anonymous", "stranger", "viewer", "editor", "owner", "curator", "admin")
# {template} and {session} are shared with the viewer and the editor; {public} is a template that all may read, with
# the editor as its editor. {gone} and {lost} are the owner's deleted template and session. Curator and admin are
# strangers to what was not published: administration is done in the admin, by its own rules. All but the stranger are
# of one organisation, whose manager is the owner; in {team} are the viewer, the editor as its manager, and {mate}.
TABLE = """
GET    /api/auth/me                                     401 200 200 200 200 200 200
GET    /api/auth/tokens                                 401 200 200 200 200 200 200
POST   /api/auth/tokens                                 401 201 201 201 201 201 201
DELETE /api/auth/tokens/{token}                         401 404 404 404 204 404 404
GET    /api/webhooks                                    401 200 200 200 200 200 200
POST   /api/webhooks                                    401 201 201 201 201 201 201
GET    /api/webhooks/{webhook}                          401 404 404 404 200 404 404
PATCH  /api/webhooks/{webhook}                          401 404 404 404 200 404 404
DELETE /api/webhooks/{webhook}                          401 404 404 404 204 404 404
POST   /api/webhooks/{webhook}/secret                   401 404 404 404 200 404 404
POST   /api/webhooks/{webhook}/test                     401 404 404 404 202 404 404
POST   /api/webhooks/{webhook}/replay                   401 404 404 404 202 404 404
GET    /api/webhooks/{webhook}/deliveries               401 404 404 404 200 404 404
POST   /api/webhooks/{webhook}/deliveries/{delivery}/replay 401 404 404 404 202 404 404
GET    /api/notifications                               401 200 200 200 200 200 200
POST   /api/notifications/{notice}/read                 401 404 404 404 200 404 404
POST   /api/notifications/read-all                      401 200 200 200 200 200 200
GET    /api/notifications/preferences                   401 200 200 200 200 200 200
PUT    /api/notifications/preferences                   401 200 200 200 200 200 200
POST   /api/auth/token/revoke                           401 400 400 400 400 400 400
GET    /api/organisation                                401 404 200 200 200 200 200
PATCH  /api/organisation                                401 404 403 403 200 403 200
GET    /api/organisation/members                        401 404 403 403 200 403 200
PATCH  /api/organisation/members/{colleague}            401 404 403 403 200 403 200
GET    /api/teams                                       401 200 200 200 200 200 200
POST   /api/teams                                       401 403 403 403 201 403 201
GET    /api/teams/{team}                                401 404 200 200 200 404 200
PATCH  /api/teams/{team}                                401 404 403 200 200 404 200
DELETE /api/teams/{team}                                401 404 403 403 204 404 204
GET    /api/teams/{team}/members                        401 404 200 200 200 404 200
POST   /api/teams/{team}/members                        401 404 403 201 201 404 201
PUT    /api/teams/{team}/members/{colleague}            401 404 403 200 200 404 200
DELETE /api/teams/{team}/members/{mate}                 401 404 403 204 204 404 204
GET    /api/mcp-servers                                 401 403 403 403 403 403 200
POST   /api/mcp-servers                                 401 403 403 403 403 403 400
GET    /api/mcp-servers/{mcp_server}                    401 403 403 403 403 403 200
PATCH  /api/mcp-servers/{mcp_server}                    401 403 403 403 403 403 200
DELETE /api/mcp-servers/{mcp_server}                    401 403 403 403 403 403 204
POST   /api/mcp-servers/{mcp_server}/list               401 403 403 403 403 403 200
GET    /api/audit                                       401 200 200 200 200 200 200
GET    /api/quotas                                      401 200 200 200 200 200 200
GET    /api/quotas/limits                               401 403 403 403 200 403 200
GET    /api/quotas/user/{owner}                         401 403 403 403 200 403 200
PUT    /api/quotas/user/{owner}                         401 403 403 403 200 403 200
DELETE /api/quotas/user/{owner}                         401 403 403 403 204 403 204
POST   /api/analytics/cost-estimation                   401 404 200 200 200 404 404
POST   /api/analytics/bills/compare?provider=openai     401 403 403 403 403 403 400
GET    /api/analytics/adoption                          401 403 403 403 403 403 200
GET    /api/analytics/usage                             401 200 200 200 200 200 200
GET    /api/analytics/report                            401 200 200 200 200 200 200
GET    /api/analytics/anomalies                         401 200 200 200 200 200 200
GET    /api/monitoring/objectives                       401 403 403 403 403 403 200
GET    /api/monitoring/providers/openai/history         401 403 403 403 403 403 200
GET    /api/monitoring/slow-calls                       401 403 403 403 403 403 200
GET    /api/monitoring/alert-rules                      401 403 403 403 403 403 200
POST   /api/monitoring/alert-rules                      401 403 403 403 403 403 400
PATCH  /api/monitoring/alert-rules/{alert_rule}         401 403 403 403 403 403 200
DELETE /api/monitoring/alert-rules/{alert_rule}         401 403 403 403 403 403 204
GET    /api/monitoring/alerts                           401 403 403 403 403 403 200
POST   /api/monitoring/alerts/{alert}/mute              401 403 403 403 403 403 400
POST   /api/monitoring/alerts/{alert}/unmute            401 403 403 403 403 403 200
GET    /api/monitoring/errors                           401 403 403 403 403 403 200
GET    /api/monitoring/errors/{error}                   401 403 403 403 403 403 200
POST   /api/monitoring/errors/{error}/mute              401 403 403 403 403 403 200
POST   /api/monitoring/errors/{error}/resolve           401 403 403 403 403 403 200
POST   /api/analytics/anomalies/1/dismiss               401 404 404 404 404 404 404
POST   /api/events                                      401 403 403 403 403 403 415
GET    /api/audit/export                                401 200 200 200 200 200 200
GET    /api/privacy/retention                           401 403 403 403 403 403 200
PUT    /api/privacy/retention                           401 403 403 403 403 403 200
POST   /api/privacy/retention/dry-run                   401 403 403 403 403 403 202
GET    /api/privacy/retention/runs/{kept}               401 403 403 403 403 403 200
GET    /api/privacy/holds                               401 403 403 403 403 403 200
POST   /api/privacy/holds                               401 403 403 403 403 403 201
DELETE /api/privacy/holds/{hold}                        401 403 403 403 403 403 200
GET    /api/privacy/erasures                            401 200 200 200 200 200 200
POST   /api/privacy/erasures                            401 403 403 403 403 403 400
GET    /api/privacy/erasures/{erasure}                  401 404 404 404 200 404 200
POST   /api/privacy/erasures/{leaving}/approve          401 403 403 403 403 403 202
POST   /api/privacy/erasures/{leaving}/refuse           401 403 403 403 403 403 200
GET    /api/privacy/erasures/{erasure}/export           401 403 403 403 403 403 404
GET    /api/privacy/own-data                            401 200 200 200 200 200 200
POST   /api/privacy/own-data                            401 202 202 202 202 202 202
GET    /api/privacy/own-data/{own}                      401 404 404 404 200 404 404
GET    /api/privacy/own-data/{own}/download             401 404 404 404 409 404 404
GET    /api/models                                      401 200 200 200 200 200 200
GET    /api/models/openai/echo                          401 200 200 200 200 200 200
GET    /api/providers/status                            401 200 200 200 200 200 200
GET    /api/projects                                    401 200 200 200 200 200 200
GET    /api/knowledge/search?query=risks                401 200 200 200 200 200 200

GET    /api/privacy/masking                             401 403 403 403 403 200 200
PUT    /api/privacy/masking/{masked}                    401 403 403 403 403 200 200
GET    /api/privacy/masking/{masked}                    401 403 403 403 403 200 200
DELETE /api/privacy/masking/{masked}                    401 403 403 403 403 204 204
POST   /api/privacy/masking/test                        401 403 403 403 403 200 200
GET    /api/privacy/masking/test                        401 403 403 403 403 404 404
PUT    /api/privacy/masking/test                        401 403 403 403 403 400 400
DELETE /api/privacy/masking/test                        401 403 403 403 403 404 404

GET    /api/templates                                   401 200 200 200 200 200 200
POST   /api/templates                                   401 201 201 201 201 201 201
GET    /api/templates/categories                        401 200 200 200 200 200 200
GET    /api/templates/tags                              401 200 200 200 200 200 200
POST   /api/templates/lint                              401 200 200 200 200 200 200
GET    /api/templates/lint/rules                        401 200 200 200 200 200 200
GET    /api/templates/export?ids={template}             401 404 200 200 200 404 404
POST   /api/templates/import                            401 200 200 200 200 200 200
POST   /api/templates/import/{brought}/undo             401 404 404 404 200 404 404
GET    /api/templates/{template}                        401 404 200 200 200 404 404
PUT    /api/templates/{template}                        401 404 403 200 200 404 404
PATCH  /api/templates/{template}                        401 404 403 200 200 404 404
DELETE /api/templates/{template}                        401 404 403 403 204 404 404
POST   /api/templates/{gone}/undelete                   401 404 404 404 200 404 404
GET    /api/templates/{template}/versions               401 404 200 200 200 404 404
GET    /api/templates/{template}/used-by                401 404 200 200 200 404 404
GET    /api/templates/{template}/diff?from=1&to=1       401 404 200 200 200 404 404
POST   /api/templates/{template}/restore                401 404 403 200 200 404 404
POST   /api/templates/{template}/render                 401 404 200 200 200 404 404
POST   /api/templates/{template}/fork                   401 404 201 201 201 404 404
GET    /api/templates/{template}/labels                 401 404 200 200 200 404 404
PUT    /api/templates/{template}/labels/production      401 404 403 200 200 404 404
DELETE /api/templates/{template}/labels/production      401 404 403 204 204 404 404
GET    /api/templates/{template}/labels/production/history  401 404 200 200 200 404 404
POST   /api/templates/{template}/labels/production/rollback 401 404 403 409 409 404 404
GET    /api/templates/{template}/labels/production/split 401 404 404 404 404 404 404
PUT    /api/templates/{template}/labels/production/split 401 404 403 400 400 404 404
PATCH  /api/templates/{template}/labels/production/split 401 404 403 404 404 404 404
DELETE /api/templates/{template}/labels/production/split 401 404 403 404 404 404 404
GET    /api/templates/{template}/labels/production/splits 401 404 200 200 200 404 404
GET    /api/templates/{guarded}/labels/production/protection 401 404 200 200 200 404 404
PUT    /api/templates/{template}/labels/production/protection 401 404 403 403 200 404 404
PUT    /api/templates/{guarded}/labels/production       401 404 403 409 409 404 404
DELETE /api/templates/{guarded}/labels/production       401 404 403 409 409 404 404
GET    /api/templates/{guarded}/labels/production/requests 401 404 200 200 200 404 404
POST   /api/templates/{guarded}/labels/production/requests 401 404 403 201 201 404 404
GET    /api/templates/{guarded}/labels/production/requests/{asked} 401 404 200 200 200 404 404
POST   /api/templates/{guarded}/labels/production/requests/{asked}/approve 401 404 403 200 403 404 404
POST   /api/templates/{guarded}/labels/production/requests/{asked}/refuse 401 404 403 200 403 404 404
POST   /api/templates/{guarded}/labels/production/requests/{asked}/withdraw 401 404 403 403 200 404 404
POST   /api/templates/{template}/rate                   401 404 200 200 200 404 404
PUT    /api/templates/{template}/favourite              401 404 204 204 204 404 404
DELETE /api/templates/{template}/favourite              401 404 204 204 204 404 404
GET    /api/templates/{template}/share                  401 404 200 200 200 404 404
PUT    /api/templates/{template}/share                  401 404 403 403 200 404 404
GET    /api/templates/{template}/export                 401 404 200 200 200 404 404

GET    /api/templates/{public}                          401 200 200 200 200 200 200
PUT    /api/templates/{public}                          401 403 403 200 200 200 200
PATCH  /api/templates/{public}                          401 403 403 200 200 200 200
DELETE /api/templates/{public}                          401 403 403 403 204 204 204
POST   /api/templates/{public}/restore                  401 403 403 200 200 200 200
POST   /api/templates/{public}/render                   401 200 200 200 200 200 200
POST   /api/templates/{public}/fork                     401 201 201 201 201 201 201
PUT    /api/templates/{public}/labels/production        401 403 403 200 200 200 200
DELETE /api/templates/{public}/labels/production        401 403 403 204 204 204 204
POST   /api/templates/{public}/rate                     401 200 200 200 200 200 200
PUT    /api/templates/{public}/labels/production/protection 401 403 403 403 200 200 200
PUT    /api/templates/{public}/share                    401 403 403 403 200 200 200
GET    /api/templates/{public}/share                    401 200 200 200 200 200 200

GET    /api/sessions                                    401 200 200 200 200 200 200
POST   /api/sessions                                    401 201 201 201 201 201 201
POST   /api/sessions/import                             401 201 201 201 201 201 201
GET    /api/sessions/{session}                          401 404 200 200 200 404 404
PUT    /api/sessions/{session}                          401 404 403 200 200 404 404
PATCH  /api/sessions/{session}                          401 404 403 200 200 404 404
DELETE /api/sessions/{session}                          401 404 403 403 204 404 404
POST   /api/sessions/{lost}/undelete                    401 404 404 404 200 404 404
GET    /api/sessions/{session}/history                  401 404 200 200 200 404 404
GET    /api/sessions/{session}/analytics                401 404 200 200 200 404 404
GET    /api/sessions/{session}/export?format=jsonl      401 404 403 200 200 404 404
GET    /api/sessions/{session}/share                    401 404 200 200 200 404 404
PUT    /api/sessions/{session}/share                    401 404 403 403 200 404 404
POST   /api/sessions/{session}/fork                     401 404 403 201 201 404 404
GET    /api/artifacts/{artifact}                        401 404 404 404 200 404 404
GET    /api/artifacts/{artifact}/download               401 404 404 404 409 404 404
POST   /api/artifacts                                   401 400 400 400 400 400 400
GET    /api/artifacts/{upload}                          401 404 200 200 200 404 404
GET    /api/artifacts/{upload}/content                  401 404 200 200 200 404 404

POST   /api/prompts/execute                             401 404 403 200 200 404 404
POST   /api/prompts/execute/stream                      401 404 403 200 200 404 404
GET    /api/executions/{execution}                      401 404 200 200 200 404 404
GET    /api/executions/{execution}/stream               401 404 200 200 200 404 404
POST   /api/executions/{execution}/cancel               401 404 403 200 200 404 404
POST   /api/executions/{execution}/replay               401 404 201 201 201 404 404
POST   /api/executions/{execution}/resume               401 404 403 409 409 404 404
POST   /v1/chat/completions                             401 200 200 200 200 200 200
POST   /v1/responses                                    401 200 200 200 200 200 200
POST   /v1/messages                                     401 200 200 200 200 200 200
POST   /v1/messages/count_tokens                        401 200 200 200 200 200 200
POST   /mcp                                             401 200 200 200 200 200 200
POST   /v1/traces                                       401 200 200 200 200 200 200
GET    /v1/models                                       401 200 200 200 200 200 200
GET    /v1/models/template:{template}                   401 404 200 200 200 404 404
GET    /v1/responses/resp_{execution}                   401 404 404 404 200 404 404
GET    /api/tools                                       401 200 200 200 200 200 200
POST   /api/tools/calculator/test                       401 200 200 200 200 200 200
GET    /api/executions/{execution}/comments             401 404 200 200 200 404 404
POST   /api/executions/{execution}/comments             401 404 201 201 201 404 404
GET    /api/executions/{execution}/rating               401 404 200 200 200 404 404
PUT    /api/executions/{execution}/rating               401 404 200 200 200 404 404
PATCH  /api/comments/{comment}                          401 404 403 200 403 404 404
DELETE /api/comments/{comment}                          401 404 403 204 204 404 404
POST   /api/comparisons                                 401 404 403 202 202 404 404
GET    /api/comparisons/{comparison}                    401 404 200 200 200 404 404
POST   /api/comparisons/{comparison}/vote               401 404 200 200 200 404 404

GET    /api/evaluation                                  401 200 200 200 200 200 200
POST   /api/evaluation/probabilistic                    401 202 202 202 202 202 202
POST   /api/evaluation/compare                          401 202 202 202 202 202 202
POST   /api/evaluation/plan                             401 200 200 200 200 200 200
GET    /api/evaluation/scorers                          401 200 200 200 200 200 200
POST   /api/evaluation/scorers/try                      401 200 200 200 200 200 200
GET    /api/evaluation/{test}                           401 404 200 200 200 404 404
GET    /api/evaluation/{test}/samples                   401 404 200 200 200 404 404
GET    /api/evaluation/{test}/export                    401 404 200 200 200 404 404
GET    /api/evaluation/{test}/export?format=csv         401 404 200 200 200 404 404
GET    /api/evaluation/{test}/export?format=junit       401 404 409 409 409 404 404
POST   /api/evaluation/{test}/pause                     401 404 403 409 409 404 404
POST   /api/evaluation/{test}/resume                    401 404 403 409 409 404 404
POST   /api/evaluation/{test}/cancel                    401 404 403 409 409 404 404
POST   /api/evaluation/{test}/rerun-errors              401 404 403 202 202 404 404
POST   /api/evaluation/{test}/rescore                   401 404 403 202 202 404 404
GET    /api/evaluation/scorers/webhook-secret           401 200 200 200 200 200 200
GET    /api/evaluation/{test}/judges                    401 404 200 200 200 404 404
GET    /api/evaluation/{test}/recommendations           401 404 200 200 200 404 404
POST   /api/evaluation/{test}/recommendations           401 404 403 403 409 404 404
POST   /api/evaluation/recommendations/{advice}/verify  401 404 403 409 409 404 404
POST   /api/evaluation/recommendations/{advice}/accept  401 404 403 403 409 404 404
POST   /api/evaluation/recommendations/rounds/{round}/cancel 401 404 403 403 409 404 404
DELETE /api/evaluation/{spare}                          401 404 403 403 204 404 404
POST   /api/evaluation/{away}/undelete                  401 404 404 404 200 404 404
GET    /api/evaluation/{away}                           401 404 404 404 404 404 404
GET    /api/evaluation/{test}/share                     401 404 200 200 200 404 404
PUT    /api/evaluation/{test}/share                     401 404 403 403 200 404 404

GET    /api/datasets                                    401 200 200 200 200 200 200
POST   /api/datasets                                    401 201 201 201 201 201 201
POST   /api/datasets/import?name={unique}               401 201 201 201 201 201 201
GET    /api/datasets/{dataset}                          401 404 404 404 200 404 404
PATCH  /api/datasets/{dataset}                          401 404 404 404 200 404 404
DELETE /api/datasets/{dataset}                          401 404 404 404 204 404 404
GET    /api/datasets/{dataset}/versions                 401 404 404 404 200 404 404
GET    /api/datasets/{dataset}/cases                    401 404 404 404 200 404 404
POST   /api/datasets/{dataset}/cases                    401 404 404 404 201 404 404
PUT    /api/datasets/{dataset}/cases                    401 404 404 404 200 404 404
GET    /api/datasets/{dataset}/cases/{case}             401 404 404 404 200 404 404
PATCH  /api/datasets/{dataset}/cases/{case}             401 404 404 404 200 404 404
DELETE /api/datasets/{dataset}/cases/{case}             401 404 404 404 200 404 404
POST   /api/datasets/{dataset}/bad-runs                 401 404 404 404 404 404 404
POST   /api/datasets/{dataset}/import                   401 404 404 404 200 404 404
GET    /api/datasets/{dataset}/export                   401 404 404 404 200 404 404
GET    /api/reviews                                     401 200 200 200 200 200 200
POST   /api/reviews                                     401 404 403 403 409 404 404
GET    /api/reviews/{review}                            401 404 404 404 200 404 404
PATCH  /api/reviews/{review}                            401 404 404 404 200 404 404
DELETE /api/reviews/{review}                            401 404 404 404 204 404 404
POST   /api/reviews/{review}/next                       401 404 404 404 200 404 404
POST   /api/reviews/{review}/undo                       401 404 404 404 409 404 404
POST   /api/reviews/{review}/items/{test}               401 404 404 404 404 404 404
POST   /api/reviews/{review}/items/{test}/adopt         401 404 404 404 404 404 404
GET    /api/reviews/{review}/labels                     401 404 404 404 200 404 404
GET    /api/reviews/{review}/agreement                  401 404 404 404 200 404 404
POST   /api/evaluation/{test}/baseline                  401 404 403 403 400 404 404
GET    /api/evaluation/baselines?template_id={template} 401 404 200 200 200 404 404
GET    /api/evaluation/benchmarks                       401 200 200 200 200 200 200
GET    /api/evaluation/gates?template_id={template}     401 404 200 200 200 404 404
GET    /api/evaluation/scoring-rules                    401 200 200 200 200 200 200
POST   /api/evaluation/scoring-rules                    401 201 201 201 201 201 201
GET    /api/evaluation/scoring-rules/{rule}             401 404 404 404 200 404 404
PATCH  /api/evaluation/scoring-rules/{rule}             401 404 404 404 200 404 404
DELETE /api/evaluation/scoring-rules/{rule}             401 404 404 404 204 404 404
GET    /api/evaluation/scoring-rules/{rule}/calls       401 404 404 404 200 404 404
GET    /api/evaluation/calls/{execution}/scores         401 404 200 200 200 404 404
GET    /api/suites                                      401 200 200 200 200 200 200
POST   /api/suites                                      401 201 201 201 201 201 201
GET    /api/suites/{suite}                              401 404 404 200 200 404 404
PATCH  /api/suites/{suite}                              401 404 404 403 200 404 404
DELETE /api/suites/{suite}                              401 404 404 403 204 404 404
POST   /api/suites/{suite}/run                          401 404 404 403 202 404 404
GET    /api/suites/{suite}/runs                         401 404 404 200 200 404 404
GET    /api/suites/{suite}/runs/{run}                   401 404 404 200 200 404 404
POST   /api/suites/{suite}/runs/{run}/override          401 404 404 201 201 404 404
GET    /api/datasets/{dataset}/proposals                401 404 404 404 200 404 404
POST   /api/datasets/{dataset}/proposals                401 404 404 404 202 404 404
POST   /api/datasets/{dataset}/proposals/{proposal}/accept   401 404 404 404 200 404 404
POST   /api/datasets/{dataset}/proposals/{proposal}/decline  401 404 404 404 200 404 404
"""
SAVED = {"name": "N", "category": "C", "prompt": "Say {{x}}"}
RUN = {"model_id": "openai/echo", "prompt": "x", "session_id": "{session}"}
DOCUMENT = {
    "format": "llm-playground-templates",
    "version": 1,
    "templates": [{"name": "I", "category": "C", "versions": [{"number": 1, "prompt": "x"}]}],
}
BUNDLE = {"format": "llm-playground-session", "version": 1, "session": {"name": "I"}, "executions": []}
BODIES: dict[str, Any] = {
    "POST /api/auth/tokens": {"name": "{unique}", "scopes": ["read"]},
    "POST /api/auth/token/revoke": {"token": "x"},
    "PUT /api/quotas/user/{}": {"limits": [{"period": "month", "executions": 1_000_000}]},
    "PUT /api/privacy/masking/{}": {"email": True},
    "PUT /api/privacy/masking/test": {"files": "x"},  # 400: it must stay without rules
    "POST /api/privacy/masking/test": {"text": "x", "rules": {}},
    "PATCH /api/organisation": {"name": "N"},
    "PATCH /api/organisation/members/{}": {"role": "manager"},
    "POST /api/teams": {"name": "{unique}"},
    "PATCH /api/teams/{}": {"name": "{unique}"},
    "POST /api/teams/{}/members": {"user": "{known_as}"},
    "PUT /api/teams/{}/members/{}": {"role": "manager"},
    "PUT /api/privacy/retention": {"days": {"executions": None}},
    "POST /api/privacy/retention/dry-run": {"kind": "sessions"},
    "POST /api/privacy/holds": {"covers": "project", "object_id": "{unique}", "reason": "x"},
    "POST /api/privacy/erasures": {"user_id": "00000000-0000-0000-0000-000000000001"},
    "POST /api/privacy/erasures/{}/refuse": {"reason": "x"},
    "POST /api/analytics/cost-estimation": {
        "template_id": "{template}",
        "model_id": "openai/echo",
        "variables": {"x": "y"},
    },
    "POST /api/analytics/anomalies/1/dismiss": {"reason": "x"},
    "POST /api/webhooks": {"name": "W", "url": "https://example.com/hook"},
    "PATCH /api/webhooks/{}": {"name": "W"},
    "POST /api/mcp-servers": {"name": "a__b", "url": "https://example.com/mcp"},  # 400: it must be asked for nothing
    "PATCH /api/mcp-servers/{}": {"seconds": 9},
    "PUT /api/notifications/preferences": {"quota": {"page": True, "email": False}},
    "POST /api/templates": SAVED,
    "POST /api/templates/lint": {"prompt": "x"},
    "POST /api/templates/import": DOCUMENT,
    "PUT /api/templates/{}": SAVED,
    "PATCH /api/templates/{}": {"note": "x"},
    "POST /api/templates/{}/restore": {"version": 1},
    "POST /api/templates/{}/render": {"variables": {"x": "y"}},
    "PUT /api/templates/{}/labels/production": {"version": 1},
    "PUT /api/templates/{}/labels/production/split": {"version": 1, "share": 10},
    "PATCH /api/templates/{}/labels/production/split": {"share": 10},
    "POST /api/templates/{}/labels/production/requests": {"act": "remove", "reason": "x"},
    "POST /api/templates/{}/labels/production/requests/{}/approve": {"reason": "x"},
    "POST /api/templates/{}/labels/production/requests/{}/refuse": {"reason": "x"},
    "POST /api/templates/{}/labels/production/requests/{}/withdraw": {},
    "POST /api/templates/{}/rate": {"rating": 3},
    "PUT /api/templates/{}/share": {"visibility": "public"},
    "POST /api/sessions": {"name": "S"},
    "POST /api/sessions/import": BUNDLE,
    "PUT /api/sessions/{}": {"name": "S"},
    "PATCH /api/sessions/{}": {"name": "S"},
    "PUT /api/sessions/{}/share": {"members": []},
    "PUT /api/evaluation/{}/share": {"members": []},
    "POST /api/prompts/execute": RUN,
    "POST /api/prompts/execute/stream": RUN,
    "POST /v1/chat/completions": {"model": "openai/echo", "messages": [{"role": "user", "content": "x"}]},
    "POST /v1/responses": {"model": "openai/echo", "input": "x"},
    "POST /v1/messages": {"model": "openai/echo", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}]},
    "POST /v1/messages/count_tokens": {"model": "openai/echo", "messages": [{"role": "user", "content": "x"}]},
    "POST /mcp": {"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
    "POST /v1/traces": {"resourceSpans": []},
    "POST /api/tools/calculator/test": {"parameters": {"expression": "1 + 1"}},
    "POST /api/executions/{}/comments": {"text": "x"},
    "PUT /api/executions/{}/rating": {"value": 3},
    "PATCH /api/comments/{}": {"text": "y"},
    "POST /api/comparisons": {"prompt": "x", "session_id": "{session}", "variants": [{"model_id": "openai/echo"}] * 2},
    "POST /api/comparisons/{}/vote": {"execution_id": None},
    "POST /api/evaluation/probabilistic": {**TESTED, "prompt": "x", "model_id": "openai/echo"},
    "POST /api/evaluation/compare": {
        **TESTED,
        "variants": [{"name": name, "prompt": "x", "model_id": "openai/echo"} for name in "AB"],
    },
    "POST /api/evaluation/plan": {"half_width": 0.1},
    "POST /api/datasets": {"name": "{unique}"},
    "POST /api/datasets/import": [{"input": {"x": "y"}}],
    "POST /api/datasets/{}/proposals": {"model_id": "openai/echo", "kinds": ["edge"], "count": 1},
    "PATCH /api/datasets/{}": {"description": "x"},
    "POST /api/datasets/{}/cases": {"cases": [{}]},
    "PUT /api/datasets/{}/cases": {"cases": [{}]},
    "PATCH /api/datasets/{}/cases/{}": {"name": "x"},
    "POST /api/datasets/{}/bad-runs": {"execution_id": "00000000-0000-0000-0000-000000000001"},
    "POST /api/evaluation/scoring-rules": {
        "name": "R",
        "share": 10,
        "budget_per_day": 1,
        "scorers": [{"scorer": "contains", "params": {"keywords": ["x"]}}],
    },
    "PATCH /api/evaluation/scoring-rules/{}": {"share": 20},
    "POST /api/datasets/{}/import": [{"input": {"x": "y"}}],
    "POST /api/reviews": {"test_id": "{test}", "name": "R", "rubric": {"text": "x"}},
    "PATCH /api/reviews/{}": {"name": "R"},
    "POST /api/reviews/{}/items/{}": {"skip": True},
    "POST /api/reviews/{}/items/{}/adopt": {"text": "x"},
    "POST /api/evaluation/{}/baseline": {"template_id": "{template}"},
    "POST /api/suites": {"name": "S", "tests": [{**TESTED, "prompt": "x", "model_id": "openai/echo"}]},
    "PATCH /api/suites/{}": {"name": "S"},
    "POST /api/suites/{}/runs/{}/override": {"reason": "x"},
    "POST /api/evaluation/scorers/try": {"scorer": "exact", "params": {"value": "x"}, "output": "x"},
}
# Open to anybody (tests/doors/test_closed.py), or for machines to read the API by.
ELSEWHERE = {("POST", "/api/auth/token"), ("POST", "/api/auth/token/refresh")}
PARAMETER = re.compile(r"<[^>]+>|\{\w+\}")


@dataclass(frozen=True)
class Row:
    """One endpoint, and what each role gets there."""

    method: str
    path: str
    expected: tuple[int, ...]

    @property
    def shape(self) -> str:
        """The endpoint without its parameters' names."""
        return f"{self.method} {PARAMETER.sub('{}', self.path.partition('?')[0])}"


def rows() -> list[Row]:
    """The table."""
    found = []
    for line in filter(None, map(str.strip, TABLE.splitlines())):
        method, path, *statuses = line.split()
        found.append(Row(method, path, tuple(map(int, statuses))))
    return found


def endpoints() -> Iterator[tuple[str, str]]:
    """Method and shape of every endpoint of the API."""
    for pattern in (*api_urlpatterns, *documented, *gateway_openapi.documented):
        view: Any = vars(pattern.callback)["view_class"]
        for method in ("get", "post", "put", "patch", "delete"):
            if hasattr(view, method):
                yield method.upper(), "/" + PARAMETER.sub("{}", str(pattern.pattern))


def test_every_endpoint_has_a_row():
    listed = {row.shape for row in rows()}
    listed |= {"GET /api/models/{}"}  # ids of models contain slashes
    for one, other in (
        ("/production", "/{}"),
        ("/quotas/user/", "/quotas/{}/"),
        ("/1/dismiss", "/{}/dismiss"),
        ("/calculator/", "/{}/"),
        ("/template:{}", "/{}"),
        ("/resp_{}", "/{}"),
        ("/providers/openai/", "/providers/{}/"),
    ):
        listed |= {shape.replace(one, other) for shape in listed}
    missing = {f"{method} {path}" for method, path in endpoints() if (method, path) not in ELSEWHERE} - listed
    assert missing == set()
    assert all(len(row.expected) == len(ROLES) for row in rows())


def filled(value: Any, ids: dict[str, str]) -> Any:
    """The value with `{name}` replaced by ids."""
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda found: ids.get(found[1], found[0]), value)
    if isinstance(value, dict):
        return {name: filled(inner, ids) for name, inner in value.items()}
    return [filled(inner, ids) for inner in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Verdict:
    """What a door answered."""

    status: int
    text: str


async def asked(client: aiohttp.ClientSession, row: Row, caller: Person, world: World) -> Verdict:
    """The answer of a door to `caller`, for things that are made for this call."""
    body = BODIES.get(row.shape)
    wanted = set(re.findall(r"\{(\w+)\}", f"{row.path} {json.dumps(body)}"))
    ids = await in_database_thread(world.make, wanted)
    async with client.request(
        row.method,
        caller.url + filled(row.path, ids),
        json=filled(body, ids) if body is not None else None,
        headers=caller.headers,
    ) as response:
        return Verdict(response.status, (await response.read()).decode(errors="replace"))


async def test_t03_t04_t27_everybody_gets_what_the_table_says(service: Service):
    people = await in_database_thread(cast_of, ROLES[1:])
    world, places = World(people), asyncio.Semaphore(6)
    callers = {role: Person(service.url, people.get(role)) for role in ROLES}

    async with aiohttp.ClientSession() as client:

        async def one(row: Row, role: str, expected: int) -> str | None:
            async with places:
                verdict = await asked(client, row, callers[role], world)
            if verdict.status == expected:
                return None
            return f"{row.method} {row.path} as {role}: {verdict.status}, not {expected}: {verdict.text[:150]}"

        calls = [one(row, role, status) for row in rows() for role, status in zip(ROLES, row.expected, strict=True)]
        wrong = [told for told in await asyncio.gather(*calls) if told]
    assert wrong == []
