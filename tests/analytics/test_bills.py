"""A provider's bill beside the ledger: what differs, where, and what stands behind it."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest

from analytics.bills.comparing import compare
from analytics.bills.representation import comparison_json
from foundation.problems import Problem
from playground.models import Status
from providers.models import Provider
from tests.analytics.ledger import run, session

pytestmark = pytest.mark.django_db
HEAD = "date,model,input_tokens,output_tokens,cost,cached_input_tokens,requests\n"
SEMICOLONS = HEAD.replace(",", ";")


@pytest.fixture(autouse=True)
def providers() -> None:
    for slug in ("openai", "anthropic", "openrouter"):
        Provider.objects.get_or_create(slug=slug, defaults={"name": slug, "base_url": "https://x.example/v1"})


def compared(text: str | bytes, provider: str = "openai") -> dict[str, Any]:
    """What the door would answer."""
    data = text if isinstance(text, bytes) else text.encode()
    return comparison_json(compare(provider=provider, file=BytesIO(data)))


def row(found: dict[str, Any], model: str, day: str) -> dict[str, Any]:
    """The row of a model and day."""
    return next(each for each in found["results"] if (each["model"], each["day"]) == (model, day))


def codes(found: dict[str, Any]) -> list[str]:
    """Of a row's reasons."""
    return [each["code"] for each in found["reasons"]]


def refusal(text: str | bytes, provider: str = "openai") -> str:
    """The sentence by which a file is refused."""
    with pytest.raises(Problem) as raised:
        compared(text, provider)
    assert raised.value.status == 400
    return str(raised.value.errors[0]["field"]) + ": " + str(raised.value.errors[0]["message"])


def test_a_bill_that_says_the_same_agrees() -> None:
    place = session()
    run(place, "openai/gpt-4o", "2026-09-28T10:00:00+00:00", cached=400)
    run(place, "openai/gpt-4o", "2026-09-28T11:00:00+00:00")
    found = compared(HEAD + "2026-09-28,gpt-4o,2000,200,0.0056,400,2\n")
    assert found["finding"].startswith("The bill agrees")
    only = row(found, "gpt-4o", "2026-09-28")
    assert (only["ledger"], only["difference"], only["unexplained"], only["agrees"]) == (0.0056, 0, 0, True)


def test_more_tokens_of_a_kind_are_told_in_money_of_that_kind() -> None:
    run(session(), "openai/gpt-4o", "2026-09-28T10:00:00+00:00", cached=400)
    found = row(compared(HEAD + "2026-09-28,gpt-4o,1000,150,0.0033,200,1\n"), "gpt-4o", "2026-09-28")
    lines = {each["kind"]: each for each in found["lines"]}
    assert lines["input"] == {"kind": "input", "ledger_tokens": 600, "bill_tokens": 800, "difference_cost": 0.0004}
    assert lines["cache_read"]["difference_cost"] == -0.0002
    assert lines["output"]["difference_cost"] == 0.0005
    assert found["difference"] == found["explained"] == 0.0007
    assert found["unexplained"] == 0


def test_snapshots_answers_and_names_for_people_are_taken_for_ours() -> None:
    place = session()
    run(place, "openai/gpt-4o", "2026-09-28T10:00:00+00:00", answered="gpt-4o-2024-08-06")
    run(place, "openai/gpt-4o-2024-08-06", "2026-09-28T10:00:00+00:00")
    run(place, "openai/mine", "2026-09-28T10:00:00+00:00", answered="o9-mini-2026-01-01")
    run(place, "openai/gpt-4.1", "2026-09-28T10:00:00+00:00")
    found = compared(
        HEAD
        + "2026-09-28,gpt-4o-2024-08-06,2000,200,0.006,,2\n"
        + "2026-09-28,o9-mini-2026-01-01,1000,100,0.003,,1\n"
        + "2026-09-28,gpt-4.1-2025-04-14,1000,100,0.003,,1\n"
    )
    assert all(each["agrees"] for each in found["results"]), found["results"]
    assert {(each["bill"], each["model_id"], each["by"]) for each in found["models"]} == {
        ("gpt-4o-2024-08-06", "openai/gpt-4o", "answered_model"),
        ("gpt-4o-2024-08-06", "openai/gpt-4o-2024-08-06", "name"),
        ("o9-mini-2026-01-01", "openai/mine", "answered_model"),
        ("gpt-4.1-2025-04-14", "openai/gpt-4.1", "snapshot"),
    }


def test_of_two_snapshots_none_is_guessed() -> None:
    run(session(), "openai/gpt-4o", "2026-09-28T10:00:00+00:00")
    found = compared(HEAD + "2026-09-28,gpt-4o-2024-08-06,1,1,1,,1\n2026-09-28,gpt-4o-2024-11-20,1,1,1,,1\n")
    assert codes(row(found, "gpt-4o", "2026-09-28")) == ["only_here"]


def test_what_only_one_side_has_is_told() -> None:
    run(session(), "openai/gpt-4o", "2026-09-28T10:00:00+00:00")
    run(session(), "other/gpt-4o", "2026-09-28T10:00:00+00:00")
    found = compared(HEAD + "2026-09-28,who-knows,1000,100,0.5,,1\n")
    assert codes(row(found, "who-knows", "2026-09-28")) == ["unknown_model"]
    mine = row(found, "gpt-4o", "2026-09-28")
    assert (codes(mine), mine["difference"], mine["unexplained"]) == (["only_here"], -0.003, 0)


def test_failed_calls_may_have_been_billed_to_what_was_set_aside() -> None:
    place = session()
    run(place, "openai/gpt-4o", "2026-09-28T10:00:00+00:00")
    run(
        place, "openai/gpt-4o", "2026-09-28T10:00:00+00:00", prompt=0, completion=0, status=Status.FAILED,
        reserved_cost=Decimal("0.002"),
    )  # fmt: skip
    found = row(
        compared("date,model,input_tokens,output_tokens,cost\n2026-09-28,gpt-4o,1000,100,0.006\n"),
        "gpt-4o",
        "2026-09-28",
    )
    (failed,) = [each for each in found["reasons"] if each["code"] == "failed_calls"]
    assert failed["cost"] == 0.002
    assert found["difference"] == 0.003


def test_runs_without_a_known_price_are_told() -> None:
    run(session(), "openai/new", "2026-09-28T10:00:00+00:00", is_priced=False)
    found = row(compared(HEAD + "2026-09-28,new,1000,100,0.02,,1\n"), "new", "2026-09-28")
    assert (codes(found), found["explained"], found["unexplained"]) == (["no_price"], 0.02, 0)


def test_copies_and_answers_out_of_the_cache_were_billed_by_nobody() -> None:
    place = session()
    run(place, "openai/gpt-4o", "2026-09-28T10:00:00+00:00")
    for facts in ({"forked_from": "x"}, {"imported_from": "x"}, {"cached": True}):
        run(place, "openai/gpt-4o", "2026-09-28T10:00:00+00:00", metadata=facts)
    assert row(compared(HEAD + "2026-09-28,gpt-4o,1000,100,0.003,,1\n"), "gpt-4o", "2026-09-28")["agrees"]


def test_a_days_edge_of_another_zone_is_told() -> None:
    place = session()
    run(place, "openai/gpt-4o", "2026-09-28T10:00:00+00:00")
    run(place, "openai/gpt-4o", "2026-09-28T23:30:00+00:00")
    run(place, "openai/gpt-4o", "2026-09-29T10:00:00+00:00")
    found = compared(HEAD + "2026-09-28,gpt-4o,1000,100,0.003,,1\n2026-09-29,gpt-4o,2000,200,0.006,,2\n")
    assert all("day_edge" in codes(each) for each in found["results"])
    assert found["finding"].startswith("In sum the bill agrees")


def test_rounded_amounts_and_other_prices_are_told_apart() -> None:
    run(session(), "openai/gpt-4o", "2026-09-28T10:00:00+00:00", prompt=1234)
    rounded = row(compared(HEAD + "2026-09-28,gpt-4o,1234,100,0.00,,1\n"), "gpt-4o", "2026-09-28")
    assert (codes(rounded), rounded["agrees"]) == (["rounding"], True)
    dearer = row(compared(HEAD + "2026-09-28,gpt-4o,1234,100,9.000000,,1\n"), "gpt-4o", "2026-09-28")
    assert (codes(dearer), dearer["unexplained"]) == (["prices"], 0)


def test_exports_of_consoles_know_themselves() -> None:
    place = session()
    run(place, "openai/gpt-4o", "2026-09-28T10:00:00+00:00", cached=400)
    run(place, "anthropic/claude-sonnet-4-5", "2026-09-28T10:00:00+00:00", cached=400)
    run(place, "openrouter/openai/gpt-4o", "2026-09-28T10:00:00+00:00", cached=400)
    usage = (
        "start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,model,batch,input_tokens,"
        "output_tokens,input_cached_tokens\n"
        "1790467200,1790553600,2026-09-27T00:00:00+00:00,2026-09-28T00:00:00+00:00,,,,,,,\n"
        "1790553600,1790640000,2026-09-28T00:00:00+00:00,2026-09-29T00:00:00+00:00,p,1,gpt-4o-2024-08-06,f,1000,100,400\n"
    )
    costs = (
        "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,quantity,quantity_unit,line_item\n"
        "1790467200,1790553600,,,,,,,\n"
        '1790553600,1790640000,,,0.0012,usd,600,tokens,"gpt-4o-2024-08-06, input"\n'
        '1790553600,1790640000,,,0.0004,usd,400,tokens,"gpt-4o-2024-08-06, cached input"\n'
        '1790553600,1790640000,,,0.0010,usd,100,tokens,"gpt-4o-2024-08-06, output"\n'
    )
    console = (
        "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,"
        "usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,"
        "usage_output_tokens,web_search_count,inference_geo,speed\n"
        "2026-09-28,claude-sonnet-4-5-20250929,k,Default,standard,≤ 200k,600,0,0,400,100,0,,\n"
    )
    of_costs = (
        "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type,"
        "inference_geo,speed\n"
        "2026-09-28,Claude Sonnet 4.5,Default,k,message,≤ 200k,input_no_cache,0.0012,0.0012,token,,\n"
        "2026-09-28,Claude Sonnet 4.5,Default,k,message,≤ 200k,input_cache_read,0.0004,0.0004,token,,\n"
        "2026-09-28,Claude Sonnet 4.5,Default,k,message,≤ 200k,output,0.0010,0.0010,token,,\n"
    )
    router = (
        "generation_id,created_at,cost_total,cost_cache,tokens_prompt,tokens_completion,tokens_reasoning,tokens_cached,"
        "model_permaslug,provider_name\n"
        "gen-1,2026-09-28 02:37:51.271,0.0026,0,1000,100,0,400,openai/gpt-4o,Azure\n"
    )
    given = {
        "openai_usage": (usage, "openai"),
        "openai_costs": (costs, "openai"),
        "anthropic_usage": (console, "anthropic"),
        "anthropic_costs": (of_costs, "anthropic"),
        "openrouter": (router, "openrouter"),
    }
    for name, (text, provider) in given.items():
        found = compared(text, provider)
        assert (found["format"], [each["agrees"] for each in found["results"]]) == (name, [True]), found


def test_marks_semicolons_and_decimal_commas_are_read() -> None:
    run(session(), "openai/gpt-4o", "2026-09-28T10:00:00+00:00")
    text = "\ufeffdate;model;input_tokens;output_tokens;cost\r\n2026-09-28;gpt-4o;1.000;100;0,003\r\n"
    with_groups = text.replace("1.000", "1000").replace("0,003", "1.234,5")
    assert row(compared(text.replace("1.000", "1000")), "gpt-4o", "2026-09-28")["agrees"]
    assert row(compared(with_groups), "gpt-4o", "2026-09-28")["bill"] == 1234.5
    assert row(compared(text.replace("1.000", "1000").lstrip("\ufeff").encode("utf-16")), "gpt-4o", "2026-09-28")[
        "agrees"
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "file.1: No known bill"),
        ("a,b\n1,2\n", "file.1: No known bill"),
        (HEAD.replace("requests", "colour") + "x\n", "file.1.colour: In line 1, column colour"),
        (HEAD.replace("requests", "cost"), "file.1.cost: In line 1, column cost: the column stands there twice"),
        (HEAD + "2026-09-28,gpt-4o,1,1,€ 1,,\n", "file.2.cost: In line 2, column cost: amounts are in USD, not in €"),
        (HEAD + "2026-09-28,gpt-4o,1,1,1 EUR,,\n", "file.2.cost: In line 2, column cost: amounts are in USD"),
        (HEAD + '2026-09-28,gpt-4o,1,1,"1,25",,\n', "file.2.cost: In line 2, column cost: “1,25”: a comma"),
        (HEAD + "2026-09-28,gpt-4o,1,1,NaN,,\n", "file.2.cost: In line 2, column cost: “NaN” is no number"),
        (HEAD + "2026-09-28,gpt-4o,-1,1,1,,\n", "file.2.input_tokens: In line 2, column input_tokens: “-1” is"),
        (HEAD + "2026-09-28,gpt-4o,1,1.5,1,,\n", "file.2.output_tokens: In line 2"),
        (HEAD + "\n28.09.2026,gpt-4o,1,1,1,,\n", "file.3.date: In line 3, column date: “28.09.2026” is no day"),
        (HEAD + "2026-09-28,,1,1,1,,\n", "file.2.model: In line 2, column model: the model is missing"),
        (HEAD + "2026-09-28,gpt-4o,1\n", "file.2: In line 2: 3 cells stand"),
        (HEAD + "2026-09-28,gpt-4o,1,1,1e400,,\n", "file.2.cost: In line 2, column cost: “1e400” is too large"),
        (HEAD + "2025-01-01,m,1,1,1,,\n2026-09-28,m,1,1,1,,\n", "file: The file reaches over more than 400 days"),
        (SEMICOLONS + "2026-09-28;gpt-4o;1.000;1;1;;\n", "file.2.input_tokens: In line 2"),
        (SEMICOLONS + "2026-09-28;gpt-4o;1;1;1.250;;\n", "file.2.cost: In line 2, column cost: “1.250”: it"),
        (HEAD, "file: The file tells of no use"),
        (HEAD + "x" * 70_000, "file.2: In line 2: a line has at most"),
        (b"PK\x03\x04xx", "file: This is a ZIP or a spreadsheet"),
        (b"\xff\x00\x01", "file: The file is not written in UTF-8"),
        (HEAD + '2026-09-28,"gpt', "file: The file is no CSV"),
    ],
)  # fmt: skip
def test_what_is_no_bill_is_refused_by_its_place(text: str | bytes, said: str) -> None:
    assert refusal(text).startswith(said)


def test_an_unknown_provider_is_named() -> None:
    assert refusal(HEAD + "2026-09-28,gpt-4o,1,1,1,,\n", "nobody") == "provider: There is no provider of this name."
