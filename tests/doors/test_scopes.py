"""T21, T27: every door of the API and every scope of an API token; a new door without a line here fails."""

from __future__ import annotations

import asyncio

import aiohttp

from accounts.bearer import api_tokens
from accounts.bearer.scopes import Scope
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.test_permissions import ROLES, Row, asked, rows
from tests.doors.world import World, cast_of
from tests.servers.service import Service

TABLE = """
GET    /api/auth/me                                                read execute evaluate manage
GET    /api/auth/tokens                                            -
POST   /api/auth/tokens                                            -
DELETE /api/auth/tokens/{}                                         -
GET    /api/webhooks                                               read
POST   /api/webhooks                                               manage
GET    /api/webhooks/{}                                            read
PATCH  /api/webhooks/{}                                            manage
DELETE /api/webhooks/{}                                            manage
POST   /api/webhooks/{}/secret                                     manage
POST   /api/webhooks/{}/test                                       manage
POST   /api/webhooks/{}/replay                                     manage
GET    /api/webhooks/{}/deliveries                                 read
POST   /api/webhooks/{}/deliveries/{}/replay                       manage
GET    /api/notifications                                          read
POST   /api/notifications/{}/read                                  manage
POST   /api/notifications/read-all                                 manage
GET    /api/notifications/preferences                              read
PUT    /api/notifications/preferences                              manage
POST   /api/auth/token/revoke                                      read execute evaluate manage
GET    /api/organisation                                           read
PATCH  /api/organisation                                           -
GET    /api/organisation/members                                   read
PATCH  /api/organisation/members/{}                                -
GET    /api/teams                                                  read
POST   /api/teams                                                  -
GET    /api/teams/{}                                               read
PATCH  /api/teams/{}                                               -
DELETE /api/teams/{}                                               -
GET    /api/teams/{}/members                                       read
POST   /api/teams/{}/members                                       -
PUT    /api/teams/{}/members/{}                                    -
DELETE /api/teams/{}/members/{}                                    -
GET    /api/mcp-servers                                            -
POST   /api/mcp-servers                                            -
GET    /api/mcp-servers/{}                                         -
PATCH  /api/mcp-servers/{}                                         -
DELETE /api/mcp-servers/{}                                         -
POST   /api/mcp-servers/{}/list                                    -
GET    /api/audit                                                  read
GET    /api/quotas                                                 read
GET    /api/quotas/limits                                          read
GET    /api/quotas/user/{}                                         read
PUT    /api/quotas/user/{}                                         manage
DELETE /api/quotas/user/{}                                         manage
GET    /api/audit/export                                           read
POST   /api/events                                                 manage
POST   /api/analytics/cost-estimation                              read execute manage
POST   /api/analytics/bills/compare                                read manage
GET    /api/analytics/adoption                                     read
GET    /api/analytics/usage                                        read
GET    /api/analytics/report                                       read
GET    /api/monitoring/objectives                                  read
GET    /api/monitoring/providers/openai/history                    read
GET    /api/monitoring/slow-calls                                  read
GET    /api/monitoring/alert-rules                                 read
POST   /api/monitoring/alert-rules                                 -
PATCH  /api/monitoring/alert-rules/{}                              -
DELETE /api/monitoring/alert-rules/{}                              -
GET    /api/monitoring/alerts                                      read
POST   /api/monitoring/alerts/{}/mute                              -
POST   /api/monitoring/alerts/{}/unmute                            -
GET    /api/monitoring/errors                                      read
GET    /api/monitoring/errors/{}                                   read
POST   /api/monitoring/errors/{}/mute                              -
POST   /api/monitoring/errors/{}/resolve                           -
GET    /api/analytics/anomalies                                    read
POST   /api/analytics/anomalies/1/dismiss                          manage
GET    /api/privacy/retention                                      -
PUT    /api/privacy/retention                                      -
POST   /api/privacy/retention/dry-run                              -
GET    /api/privacy/retention/runs/{}                              -
GET    /api/privacy/holds                                          -
POST   /api/privacy/holds                                          -
DELETE /api/privacy/holds/{}                                       -
GET    /api/privacy/erasures                                       -
POST   /api/privacy/erasures                                       -
GET    /api/privacy/erasures/{}                                    -
POST   /api/privacy/erasures/{}/approve                            -
POST   /api/privacy/erasures/{}/refuse                             -
GET    /api/privacy/erasures/{}/export                             -
GET    /api/privacy/own-data                                       -
POST   /api/privacy/own-data                                       -
GET    /api/privacy/own-data/{}                                    -
GET    /api/privacy/own-data/{}/download                           -
GET    /api/privacy/masking                                        -
PUT    /api/privacy/masking/{}                                     -
GET    /api/privacy/masking/{}                                     -
DELETE /api/privacy/masking/{}                                     -
POST   /api/privacy/masking/test                                   -
GET    /api/privacy/masking/test                                   -
PUT    /api/privacy/masking/test                                   -
DELETE /api/privacy/masking/test                                   -
GET    /api/models                                                 read
GET    /api/models/openai/echo                                     read
GET    /api/providers/status                                       read
GET    /api/projects                                               read
GET    /api/knowledge/search                                       read
GET    /api/templates                                              read
POST   /api/templates                                              manage
GET    /api/templates/categories                                   read
GET    /api/templates/tags                                         read
POST   /api/templates/lint                                         read manage
GET    /api/templates/lint/rules                                   read
GET    /api/templates/export                                       read
POST   /api/templates/import                                       manage
POST   /api/templates/import/{}/undo                               manage
GET    /api/templates/{}                                           read
PUT    /api/templates/{}                                           manage
PATCH  /api/templates/{}                                           manage
DELETE /api/templates/{}                                           manage
POST   /api/templates/{}/undelete                                  manage
GET    /api/templates/{}/versions                                  read
GET    /api/templates/{}/used-by                                   read
GET    /api/templates/{}/diff                                      read
POST   /api/templates/{}/restore                                   manage
POST   /api/templates/{}/render                                    read execute manage
POST   /api/templates/{}/fork                                      manage
GET    /api/templates/{}/labels                                    read
PUT    /api/templates/{}/labels/production                         manage
DELETE /api/templates/{}/labels/production                         manage
GET    /api/templates/{}/labels/production/history                 read
POST   /api/templates/{}/labels/production/rollback                manage
GET    /api/templates/{}/labels/production/split                   read
PUT    /api/templates/{}/labels/production/split                   manage
PATCH  /api/templates/{}/labels/production/split                   manage
DELETE /api/templates/{}/labels/production/split                   manage
GET    /api/templates/{}/labels/production/splits                  read
GET    /api/templates/{}/labels/production/protection              read
PUT    /api/templates/{}/labels/production/protection              -
GET    /api/templates/{}/labels/production/requests                read
POST   /api/templates/{}/labels/production/requests                manage
GET    /api/templates/{}/labels/production/requests/{}             read
POST   /api/templates/{}/labels/production/requests/{}/approve     -
POST   /api/templates/{}/labels/production/requests/{}/refuse      -
POST   /api/templates/{}/labels/production/requests/{}/withdraw    manage
POST   /api/templates/{}/rate                                      manage
PUT    /api/templates/{}/favourite                                 manage
DELETE /api/templates/{}/favourite                                 manage
GET    /api/templates/{}/share                                     read
PUT    /api/templates/{}/share                                     manage
GET    /api/templates/{}/export                                    read
GET    /api/sessions                                               read
POST   /api/sessions                                               manage
POST   /api/sessions/import                                        manage
GET    /api/sessions/{}                                            read
PUT    /api/sessions/{}                                            manage
PATCH  /api/sessions/{}                                            manage
DELETE /api/sessions/{}                                            manage
POST   /api/sessions/{}/undelete                                   manage
GET    /api/sessions/{}/history                                    read
GET    /api/sessions/{}/analytics                                  read
GET    /api/sessions/{}/export                                     read
GET    /api/sessions/{}/share                                      read
PUT    /api/sessions/{}/share                                      manage
POST   /api/sessions/{}/fork                                       manage
GET    /api/artifacts/{}                                           read execute
GET    /api/artifacts/{}/download                                  read execute
POST   /api/artifacts                                              execute
GET    /api/artifacts/{}/content                                   read execute
POST   /api/prompts/execute                                        execute
POST   /api/prompts/execute/stream                                 execute
GET    /api/executions/{}                                          read execute
GET    /api/executions/{}/stream                                   read execute
POST   /api/executions/{}/cancel                                   execute
POST   /api/executions/{}/replay                                   execute
POST   /api/executions/{}/resume                                   execute
POST   /v1/chat/completions                                        execute
POST   /v1/responses                                               execute
POST   /v1/messages                                                execute
POST   /v1/messages/count_tokens                                   read execute
POST   /mcp                                                        read execute evaluate manage
POST   /v1/traces                                                  execute
GET    /v1/models                                                  read execute
GET    /v1/models/template:{}                                      read execute
GET    /v1/responses/resp_{}                                       read execute
GET    /api/tools                                                  read execute
POST   /api/tools/calculator/test                                  execute
GET    /api/executions/{}/comments                                 read execute
POST   /api/executions/{}/comments                                 execute
GET    /api/executions/{}/rating                                   read execute
PUT    /api/executions/{}/rating                                   execute
PATCH  /api/comments/{}                                            execute
DELETE /api/comments/{}                                            execute
POST   /api/comparisons                                            execute
GET    /api/comparisons/{}                                         read execute
POST   /api/comparisons/{}/vote                                    execute
GET    /api/evaluation                                             read evaluate
GET    /api/evaluation/scoring-rules                               read evaluate
POST   /api/evaluation/scoring-rules                               evaluate
GET    /api/evaluation/scoring-rules/{}                            read evaluate
PATCH  /api/evaluation/scoring-rules/{}                            evaluate
DELETE /api/evaluation/scoring-rules/{}                            evaluate
GET    /api/evaluation/scoring-rules/{}/calls                      read evaluate
GET    /api/evaluation/calls/{}/scores                             read evaluate
POST   /api/evaluation/probabilistic                               evaluate
POST   /api/evaluation/compare                                     evaluate
POST   /api/evaluation/plan                                        read evaluate
GET    /api/evaluation/scorers                                     read evaluate
POST   /api/evaluation/scorers/try                                 evaluate
GET    /api/evaluation/{}                                          read evaluate
GET    /api/evaluation/{}/samples                                  read evaluate
GET    /api/evaluation/{}/export                                   read evaluate
POST   /api/evaluation/{}/pause                                    evaluate
POST   /api/evaluation/{}/resume                                   evaluate
POST   /api/evaluation/{}/cancel                                   evaluate
POST   /api/evaluation/{}/rerun-errors                             evaluate
POST   /api/evaluation/{}/rescore                                  evaluate
GET    /api/evaluation/scorers/webhook-secret                      evaluate
GET    /api/evaluation/{}/judges                                   read evaluate
GET    /api/evaluation/{}/recommendations                          read evaluate
POST   /api/evaluation/{}/recommendations                          evaluate
POST   /api/evaluation/recommendations/{}/verify                   evaluate
POST   /api/evaluation/recommendations/{}/accept                   manage
POST   /api/evaluation/recommendations/rounds/{}/cancel            evaluate
DELETE /api/evaluation/{}                                          evaluate
POST   /api/evaluation/{}/undelete                                 evaluate
GET    /api/evaluation/{}/share                                    read evaluate
PUT    /api/evaluation/{}/share                                    manage
GET    /api/datasets                                               read evaluate
POST   /api/datasets                                               evaluate
POST   /api/datasets/import                                        evaluate
GET    /api/datasets/{}                                            read evaluate
PATCH  /api/datasets/{}                                            evaluate
DELETE /api/datasets/{}                                            evaluate
GET    /api/datasets/{}/versions                                   read evaluate
GET    /api/datasets/{}/cases                                      read evaluate
POST   /api/datasets/{}/cases                                      evaluate
PUT    /api/datasets/{}/cases                                      evaluate
GET    /api/datasets/{}/cases/{}                                   read evaluate
PATCH  /api/datasets/{}/cases/{}                                   evaluate
DELETE /api/datasets/{}/cases/{}                                   evaluate
POST   /api/datasets/{}/bad-runs                                   evaluate
POST   /api/datasets/{}/import                                     evaluate
GET    /api/datasets/{}/export                                     read evaluate
GET    /api/reviews                                                read evaluate
POST   /api/reviews                                                evaluate
GET    /api/reviews/{}                                             read evaluate
PATCH  /api/reviews/{}                                             evaluate
DELETE /api/reviews/{}                                             evaluate
POST   /api/reviews/{}/next                                        evaluate
POST   /api/reviews/{}/undo                                        evaluate
POST   /api/reviews/{}/items/{}                                    evaluate
POST   /api/reviews/{}/items/{}/adopt                              evaluate
GET    /api/reviews/{}/labels                                      read evaluate
GET    /api/reviews/{}/agreement                                   read evaluate
POST   /api/evaluation/{}/baseline                                 evaluate
GET    /api/evaluation/baselines                                   read evaluate
GET    /api/evaluation/benchmarks                                  read evaluate
GET    /api/evaluation/gates                                       read evaluate
GET    /api/suites                                                 read evaluate
POST   /api/suites                                                 evaluate
GET    /api/suites/{}                                              read evaluate
PATCH  /api/suites/{}                                              evaluate
DELETE /api/suites/{}                                              evaluate
POST   /api/suites/{}/run                                          evaluate
GET    /api/suites/{}/runs                                         read evaluate
GET    /api/suites/{}/runs/{}                                      read evaluate
POST   /api/suites/{}/runs/{}/override                             -
GET    /api/datasets/{}/proposals                                  read evaluate
POST   /api/datasets/{}/proposals                                  evaluate
POST   /api/datasets/{}/proposals/{}/accept                        evaluate
POST   /api/datasets/{}/proposals/{}/decline                       evaluate
"""
"""One door a line: the scopes of which a token needs one; `-` for what is for people, and no token opens."""


def scopes_of() -> dict[str, set[str]]:
    """The table: a door's scopes, by its shape."""
    table: dict[str, set[str]] = {}
    for line in filter(None, map(str.strip, TABLE.splitlines())):
        method, path, *scopes = line.split()
        assert f"{method} {path}" not in table, line
        table[f"{method} {path}"] = set(scopes) - {"-"}
    return table


def test_every_door_has_a_line():
    table, shapes = scopes_of(), {row.shape for row in rows()}
    assert shapes - set(table) == set(), "say which scopes open it"
    assert set(table) - shapes == set(), "no row of tests/doors/test_permissions.py is of these"
    assert set().union(*table.values()) == set(Scope.values)


async def test_t21_t27_a_token_opens_what_its_scope_opens_and_no_more(service: Service):
    people = await in_database_thread(cast_of, ROLES[1:])
    owner, world, places, table = people["owner"], World(people), asyncio.Semaphore(6), scopes_of()

    def program(scope: str) -> Person:
        _, secret = api_tokens.make(user=owner, name=scope, scopes=[scope], expires_in_days=1, made_by=owner)
        return Person(service.url, owner, token=secret)

    programs = {scope: await in_database_thread(program, scope) for scope in Scope.values}

    async with aiohttp.ClientSession() as client:

        async def one(row: Row, scope: str) -> str | None:
            async with places:
                verdict = await asked(client, row, programs[scope], world)
            is_refused = "insufficient_scope" in verdict.text
            if scope in table[row.shape]:
                is_right = verdict.status == row.expected[ROLES.index("owner")] and not is_refused
            else:
                is_right = verdict.status == 403 and is_refused
            return None if is_right else f"{row.method} {row.path} by {scope}: {verdict.status} {verdict.text[:150]}"

        wrong = await asyncio.gather(*(one(row, scope) for row in rows() for scope in programs))
    assert [told for told in wrong if told] == []
