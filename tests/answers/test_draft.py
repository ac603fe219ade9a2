"""Answers that are being given: nothing that was typed is ever lost, and each answer knows where it came from."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from installer.answers.draft import Draft, Given, flatten
from installer.answers.files import dump, load, parse
from installer.answers.model import PAGES
from installer.answers.questions import all_questions
from installer.conventions.sizing import PRESETS
from installer.errors import InvalidAnswers
from tests.answers.answers_files import CLIENT, EVERY_FILE, LEAST

NEEDED = ("subscription.tenant", "subscription.subscription", "subscription.region", "subscription.prefix")


def least() -> Draft:
    return parse(LEAST.encode(), "f").draft


def typed(draft: Draft, answers: Mapping[str, str]) -> list[str]:
    """Type answers; the keys of those that were not accepted."""
    return [key for key, text in answers.items() if draft.type(key, text) is not None]


def test_an_empty_draft_asks_for_what_has_no_default() -> None:
    draft = Draft()
    assert [problem.key for problem in draft.problems()] == list(NEEDED)
    assert draft.problems()
    assert all(problem.message.startswith("required: ") for problem in draft.problems())
    with pytest.raises(InvalidAnswers) as caught:
        draft.answers()
    assert [problem.key for problem in caught.value.problems] == list(NEEDED)


def test_every_answer_knows_where_it_came_from() -> None:
    draft = least()
    draft.type("network.egress", "nat")
    draft.give("subscription.region", "westeurope", "discovered")
    draft.give("subscription.prefix", "contoso", "previous run")
    assert draft.source("subscription.tenant") == "file"
    assert draft.source("network.egress") == "given"
    assert draft.source("subscription.region") == "discovered"
    assert draft.source("subscription.prefix") == "previous run"
    assert draft.source("sizing.worker_nodes") == "preset"
    assert draft.source("platform.runtime") == "default"


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_fills_in_what_was_not_answered(preset: str) -> None:
    draft = least()
    draft.type("sizing.worker_nodes", "9")
    draft.type("sizing.preset", preset)
    sizing = draft.answers().sizing.model_dump()
    assert sizing == {**PRESETS[preset], "worker_nodes": 9, "preset": preset}  # type: ignore[index]
    draft.forget("sizing.worker_nodes")
    assert draft.value("sizing.worker_nodes") == PRESETS[preset]["worker_nodes"]  # type: ignore[index]
    assert draft.source("sizing.worker_nodes") == "preset"


def test_an_impossible_preset_leaves_the_defaults() -> None:
    draft = least()
    assert draft.type("sizing.preset", "gigantic") is not None
    assert draft.value("sizing.worker_nodes") == all_questions()["sizing.worker_nodes"].default
    assert draft.source("sizing.worker_nodes") == "default"


def test_a_hidden_answer_is_kept_but_neither_checked_nor_exported() -> None:
    draft = least()
    assert typed(draft, {"network.egress": "firewall", "network.firewall_address": "somewhere"}) == [
        "network.firewall_address"
    ]
    draft.type("network.egress", "nat")
    assert draft.problems() == []
    assert "firewall_address" not in dump(draft, explicit=True)
    assert draft.answers().network.firewall_address == ""
    draft.type("network.egress", "firewall")
    assert draft.value("network.firewall_address") == "somewhere"
    assert [problem.key for problem in draft.problems()] == ["network.firewall_address"]


def test_questions_appear_and_disappear_with_the_answers_they_hang_on() -> None:
    draft = least()

    def asked(page: str) -> list[str]:
        return [question.key.partition(".")[2] for question in draft.questions(page)]

    assert "firewall_address" not in asked("network")
    draft.type("network.egress", "firewall")
    assert asked("network") == [
        *(
            "mode",
            "address_space",
            "private_access",
            "connected_ranges",
            "egress",
            "firewall_address",
            "route_tables",
            "dns",
            "dns_fallback",
            "dns_resolver",
            "private_registry",
        )
    ]
    assert "private_api" in asked("platform")
    draft.type("platform.runtime", "container_apps")
    assert "private_api" not in asked("platform")
    assert "node_size" not in asked("sizing")
    assert asked("sign_on") == ["method", "admin_group"]
    draft.type("sign_on.method", "secretless")
    assert asked("sign_on") == ["method", "registration", "client_id", "assignment", "admin_group"]
    draft.type("sign_on.registration", "new")
    assert asked("sign_on") == ["method", "registration", "assignment", "user_group", "admin_group"]
    draft.type("sign_on.method", "secret")
    assert asked("sign_on") == ["method", "client_id", "client_secret", "assignment", "admin_group"]


def test_changing_ones_mind_and_back_loses_nothing() -> None:
    draft = least()
    typed(draft, {"network.egress": "firewall", "network.firewall_address": "10.0.0.4"})
    typed(draft, {"sign_on.method": "secret", "sign_on.client_id": CLIENT, "sign_on.client_secret": "env:SECRET"})
    typed(draft, {"sizing.node_size": "Standard_D8ds_v5", "sizing.worker_nodes": "5"})
    before, text = draft.answers(), dump(draft)
    for key, other, back in (
        ("network.egress", "nat", "firewall"),
        ("sign_on.method", "later", "secret"),
        ("platform.runtime", "container_apps", "aks"),
        ("sizing.preset", "production", "team"),
    ):
        draft.type(key, other)
        draft.answers()
        draft.type(key, back)
    for key in ("platform.runtime", "sizing.preset"):
        draft.forget(key)
    assert draft.answers() == before
    assert dump(draft) == text


def test_what_is_not_accepted_is_kept_as_it_was_typed() -> None:
    draft = least()
    problem = draft.type("sizing.worker_nodes", "lots")
    assert problem is not None
    assert problem.key == "sizing.worker_nodes"
    assert draft.value("sizing.worker_nodes") == "lots"
    assert draft.given()["sizing.worker_nodes"] == Given("lots", "given")
    assert "sizing.worker_nodes" not in draft.view()
    assert draft.type("sizing.worker_nodes", "4") is None
    assert draft.value("sizing.worker_nodes") == 4


def test_each_question_has_one_problem_in_the_order_of_the_screens() -> None:
    draft = Draft()
    typed(
        draft,
        {
            "sign_on.method": "magic",
            "sizing.worker_nodes": "0",
            "network.address_space": "10.0.0.0/30",
            "subscription.environments": "dev dev moon",
            "subscription.region": "Sweden",
        },
    )
    keys = [problem.key for problem in draft.problems()]
    assert keys == [key for key in all_questions() if key in keys]
    assert len(set(keys)) == len(keys)
    assert {"sign_on.method", "sizing.worker_nodes", "network.address_space", "subscription.tenant"} <= set(keys)
    by_page = [problem for page in PAGES for problem in draft.problems(page)]
    assert by_page == draft.problems()


def test_what_was_read_from_a_draft_cannot_change_it() -> None:
    draft = least()
    draft.given().clear()
    assert draft.given()
    copy = Draft(draft.given())
    copy.type("subscription.prefix", "other")
    assert draft.value("subscription.prefix") == "contoso"


@EVERY_FILE
def test_a_draft_of_finished_answers_gives_them_again(path: Path) -> None:
    loaded = load(path)
    assert Draft.of(loaded.answers).answers() == loaded.answers
    only = Draft.of(loaded.answers, "previous run", only=loaded.draft.given())
    assert set(only.given()) == set(loaded.draft.given())
    assert {given.source for given in only.given().values()} == {"previous run"}
    assert set(flatten(loaded.answers)) == set(all_questions())


def test_finished_answers_cannot_be_changed() -> None:
    answers = least().answers()
    with pytest.raises(ValueError, match="frozen"):
        answers.subscription.prefix = "other"


def test_the_name_of_a_chosen_item_replaces_no_name_that_a_user_has_given() -> None:
    draft, name = Draft(), "sign_on.admin_group_name"
    for group, label in (("1", "first"), ("2", "second")):
        draft.give("sign_on.admin_group", group)
        draft.choose("sign_on.admin_group", group, label)
        assert draft.value(name) == label
    draft.give(name, "mine")
    draft.choose("sign_on.admin_group", "2", "third")
    assert draft.value(name) == "mine"
    draft.forget(name)
    draft.choose("sign_on.admin_group", "another", "of a value that was not taken")
    draft.choose("sign_on.admin_group", "2", "")
    assert draft.value(name) is None
