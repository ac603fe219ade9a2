"""Two sets of answers compared: sums of both by their names, and what each answer adds."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from installer.answers.draft import Draft
from installer.answers.files import load
from installer.answers.model import Answers
from installer.cost.compare import Comparison, compare
from installer.cost.model import Estimate, in_order
from installer.cost.report import as_json, missing_figures, tables
from tests.answers.answers_files import FOLDER
from tests.cost.made_up_prices import DAY, cost_of

SMALL = load(FOLDER / "dev.yaml").draft


def changed(**given: object) -> Draft:
    draft = Draft(SMALL.given())
    for key, value in given.items():
        draft.give(key.replace("__", "."), value)
    return draft


def against_small(draft: Draft) -> Comparison:
    return compare(("large.yaml", draft), ("small.yaml", SMALL), cost_of)


def of_titles(found: Comparison) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    return {title: rows for title, _columns, rows in tables(found.now, found)}


def test_both_are_named_with_their_totals_and_the_difference_by_environment() -> None:
    found = against_small(changed(sizing__preset="production"))
    (title, columns, rows), *_ = tables(found.now, found)
    assert title == f"Cost per month in EUR, retail prices of {DAY}"
    assert columns == ("for", "large.yaml", "small.yaml", "difference")
    assert rows == (("dev", "350", "100", "+ 250"), ("all", "350", "100", "+ 250"))


def test_environments_are_in_their_order_on_the_way_to_production() -> None:
    assert in_order({"prod", "dev", "", "uat", "qa"}) == ["", "dev", "qa", "uat", "prod"]
    (line, _) = cost_of(SMALL.answers()).lines
    lines = [replace(line, usage=replace(line.usage, environment=one)) for one in ("prod", "qa", "dev")]
    now, other = Estimate("EUR", DAY, False, lines=tuple(lines[:2])), Estimate("EUR", DAY, False, lines=(lines[2],))
    found = Comparison("a.yaml", "b.yaml", now, other)
    assert [name for name, *_ in found.by_environment()] == ["dev", "qa", "prod"]
    (_, _, rows), *_ = tables(now)
    assert [name for name, _ in rows][:2] == ["qa", "prod"]


def test_each_answer_has_what_it_adds_and_the_sum_is_the_difference() -> None:
    found = against_small(changed(sizing__preset="team", sizing__worker_nodes=7, subscription__prefix="other"))
    assert [(part.text, part.change) for part in found.parts] == [
        ("Size: Trial to Team", 200.0),
        ("Node count: 3 to 7", 400.0),
    ]
    assert sum(part.change for part in found.parts) == found.difference
    assert of_titles(found)["From small.yaml to large.yaml, one answer after the other"] == (
        ("Size: Trial to Team", "+ 200 EUR/month"),
        ("Node count: 3 to 7", "+ 400 EUR/month"),
    )


def test_answers_that_are_only_valid_together_are_one_part() -> None:
    burstable = changed(sizing__postgres_size="Standard_D4ds_v5", sizing__postgres_ha=True)
    backwards = compare(("small.yaml", SMALL), ("large.yaml", burstable), cost_of)
    assert [part.keys for part in backwards.parts] in (
        [("sizing.postgres_ha",)],
        [("sizing.postgres_size", "sizing.postgres_ha")],
    )
    assert sum(part.change for part in backwards.parts) == backwards.difference == -50.0


def test_the_way_back_costs_the_same_with_the_other_sign() -> None:
    larger = changed(sizing__preset="production", sizing__worker_nodes=9)
    there = against_small(larger)
    back = compare(("small.yaml", SMALL), ("large.yaml", larger), cost_of)
    assert there.difference == -(back.difference or 0)
    assert sum(part.change for part in back.parts) == back.difference


def test_the_same_answers_have_no_difference() -> None:
    found = against_small(changed(sign_on__method="later"))
    assert (found.difference, found.parts) == (0.0, ())
    assert of_titles(found)["From small.yaml to large.yaml, one answer after the other"][0][0].startswith("no answer")


def test_json_names_both_and_has_cents() -> None:
    found = against_small(changed(sizing__worker_nodes=2))
    told = as_json(found.now, found)
    assert (told["file"], told["total"], told["difference"]) == ("large.yaml", 200.0, 100.0)
    assert told["differenceByEnvironment"] == {"dev": 100.0}
    assert told["differenceByAnswer"] == [
        {"keys": ("sizing.worker_nodes",), "text": "Node count: 1 to 2", "change": 100.0}
    ]
    other = told["comparedWith"]
    assert isinstance(other, dict)
    assert (other["file"], other["total"]) == ("small.yaml", 100.0)


@pytest.mark.parametrize("which", ["large.yaml", "small.yaml"])
def test_without_figures_of_one_there_is_no_comparison_but_the_reason(which: str) -> None:
    larger = changed(sizing__worker_nodes=2)
    unread = larger.answers() if which == "large.yaml" else SMALL.answers()

    def price(answers: Answers) -> Estimate:
        return (
            Estimate("EUR", "", rehearsal=False, why="no route", unread=True) if answers == unread else cost_of(answers)
        )

    found = compare(("large.yaml", larger), ("small.yaml", SMALL), price)
    assert list(tables(found.now, found)) == [("Cost per month in EUR: no figures", ("",), (("no route",),))]
    assert missing_figures(found.now, found) == "no route"
