"""The cost of answers that are being edited: the difference of each other option, a reason in place of a figure, a proposal."""

from collections.abc import Mapping
from functools import partial

import pytest

from installer.answers.draft import Draft
from installer.answers.files import load
from installer.answers.model import Answers
from installer.answers.questions import all_questions
from installer.cloud.errors import AzureRefused
from installer.cloud.price_list import PriceList
from installer.cost.lines import changes_line, environments_line, proposal_line, total_line
from installer.cost.live import LiveCost, live_cost
from installer.cost.model import Estimate
from installer.jsontypes import Json
from installer.runs.prices import Prices
from tests.answers.answers_files import FOLDER
from tests.cost.made_up_prices import DAY, cost_of

DRAFT = load(FOLDER / "dev.yaml").draft
QUESTIONS = all_questions()


def live(key: str) -> LiveCost:
    return live_cost(DRAFT, QUESTIONS[key], cost_of)


def test_every_other_option_has_its_difference() -> None:
    assert live("sizing.preset").differences() == {"team": 200.0, "production": 250.0}
    assert changes_line(live("sizing.preset"), QUESTIONS["sizing.preset"]) == "Team: + 200, Production: + 250 EUR/month"


def test_of_a_number_the_next_one_is_compared_and_of_many_values_the_neighbours() -> None:
    assert live("sizing.worker_nodes").differences() == {"2": 100.0}
    priced: list[Answers] = []

    def noting(answers: Answers) -> Estimate:
        priced.append(answers)
        return cost_of(answers)

    live_cost(DRAFT, QUESTIONS["sizing.postgres_storage_gb"], noting)
    assert [one.sizing.postgres_storage_gb for one in priced] == [32, 64]


def test_an_option_that_does_not_go_with_the_other_answers_has_no_difference() -> None:
    assert live("sizing.postgres_ha").totals == {}  # a burstable server has no standby
    larger = Draft(DRAFT.given())
    larger.give("sizing.preset", "team")
    assert live_cost(larger, QUESTIONS["sizing.postgres_ha"], cost_of).differences() == {"yes": 50.0}


def test_an_option_that_costs_the_same_is_not_mentioned() -> None:
    assert changes_line(live("sizing.web_size"), QUESTIONS["sizing.web_size"]) == ""


def test_the_draft_itself_stays_as_it_is() -> None:
    before = DRAFT.given()
    live("sizing.preset")
    assert DRAFT.given() == before


def test_the_lines_have_date_currency_and_what_is_missing() -> None:
    found = live("sizing.preset")
    assert total_line(found) == f"Estimate of {DAY}: 100 EUR/month (retail prices)"
    assert environments_line(found) == "dev 100; 1 figure without a price"
    assert len(total_line(live_cost(DRAFT, None, partial(cost_of, rehearsal=True)))) <= 69
    assert proposal_line(found) == "proposed 100 EUR from the estimate"


def test_incomplete_answers_and_an_unread_list_have_a_reason_and_no_figure() -> None:
    assert total_line(live_cost(Draft(), None, cost_of)).startswith("no estimate: needs Tenant ID, Subscription")
    unread = Estimate("EUR", DAY, rehearsal=False, why="the price list could not be read: no route", unread=True)
    found = live_cost(DRAFT, QUESTIONS["sizing.preset"], lambda _answers: unread)
    assert total_line(found) == "no estimate: the price list could not be read: no route"
    assert (changes_line(found, QUESTIONS["sizing.preset"]), proposal_line(found)) == ("", "")


def test_figures_of_a_rehearsal_are_marked_everywhere_and_propose_nothing() -> None:
    found = live_cost(DRAFT, QUESTIONS["sizing.preset"], partial(cost_of, rehearsal=True))
    for line in (total_line(found), changes_line(found, QUESTIONS["sizing.preset"])):
        assert "made-up EUR/month" in line
    assert "no proposal" in proposal_line(found)


def test_a_list_that_could_not_be_read_is_asked_again_only_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Mapping[str, str]] = []

    def lost(_list: PriceList, terms: Mapping[str, str]) -> list[dict[str, Json]]:
        asked.append(terms)
        raise AzureRefused("no route")

    monkeypatch.setattr(PriceList, "items", lost)
    prices, answers = Prices(lambda _answers: None), DRAFT.answers()
    first = prices.estimate(answers, "EUR")
    assert first.why == "the price list could not be read: no route"
    assert prices.estimate(answers, "EUR") is first
    assert len(asked) == 1
    prices.forget()
    prices.estimate(answers, "EUR")
    assert len(asked) == 2
