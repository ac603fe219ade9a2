"""What answers may be together."""

import pytest

from installer.answers.files import parse
from installer.answers.questions import all_questions
from installer.answers.rules import broken
from tests.answers.given import CLIENT, LEAST


def problems(**given: object) -> dict[str, str]:
    """The problems of the smallest answers with some changed; `page__name=value`."""
    draft = parse(LEAST.encode(), "f").draft
    for name, value in given.items():
        draft.give(name.replace("__", "."), value)
    return {problem.key: problem.message for problem in draft.problems()}


def test_the_smallest_answers_break_no_rule() -> None:
    assert problems() == {}
    assert broken({}) == broken(dict.fromkeys(all_questions(), None))


def test_an_environment_is_named_once() -> None:
    assert problems(subscription__environments=["dev", "qa"]) == {}
    told = problems(subscription__environments=["dev", "qa", "dev", "qa"])
    assert told == {"subscription.environments": "named twice: dev, qa; name each environment once"}
    assert "an answer is needed" in problems(subscription__environments=[])["subscription.environments"]


@pytest.mark.parametrize(
    ("space", "told"),
    [
        ("10.40.0.0/24", "needs a /21 or larger"),
        ("10.40.1.0/16", "the range is 10.40.0.0/16"),
        ("8.8.0.0/16", "not private"),
        ("172.30.0.0/16", "which Azure keeps for itself"),
        ("999.1.1.1/16", "not an IPv4 range"),
    ],
)
def test_hub_and_spokes_have_to_fit(space: str, told: str) -> None:
    assert told in problems(network__address_space=space)["network.address_space"]


def test_what_fits_depends_on_the_runtime() -> None:
    space = "100.100.0.0/16"
    assert problems(network__address_space=space) == {}
    told = problems(network__address_space=space, platform__runtime="container_apps")
    assert "keeps for itself" in told["network.address_space"]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("", "an answer is needed"),
        ("10.0.0.400", "is not an IPv4 address"),
        ("8.8.8.8", "is not a private address"),
        ("firewall.contoso.com", "is not accepted"),
    ],
)
def test_the_next_hop_is_a_private_address(address: str, told: str) -> None:
    behind = problems(network__egress="firewall", network__firewall_address=address)
    assert told in behind["network.firewall_address"]
    assert problems(network__egress="nat", network__firewall_address=address) == {}


@pytest.mark.parametrize("address", ["10.0.0.4", "172.16.3.4", "192.168.0.4", "100.64.0.4"])
def test_a_firewall_elsewhere_in_the_private_world_will_do(address: str) -> None:
    assert problems(network__egress="firewall", network__firewall_address=address) == {}


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1", "169.254.1.1", "255.255.255.255"])  # noqa: S104  no binding
def test_an_address_that_no_firewall_can_have_is_refused(address: str) -> None:
    assert "network.firewall_address" in problems(network__egress="firewall", network__firewall_address=address)


def test_a_firewall_within_what_is_built_here_is_refused() -> None:
    told = problems(network__egress="firewall", network__firewall_address="10.40.0.4")
    assert "10.40.0.0/16" in told["network.firewall_address"]


def test_a_standby_needs_a_size_that_has_one() -> None:
    told = problems(sizing__postgres_ha=True, sizing__postgres_size="Standard_B2s")
    assert list(told) == ["sizing.postgres_ha"]
    assert "Standard_B2s is a burstable size" in told["sizing.postgres_ha"]
    assert problems(sizing__postgres_ha=True, sizing__preset="trial") != {}
    assert problems(sizing__postgres_ha=True, sizing__postgres_size="Standard_E4ds_v5") == {}


def test_a_registration_is_needed_for_every_sign_on_but_later() -> None:
    assert list(problems(sign_on__method="secretless")) == ["sign_on.client_id"]
    assert list(problems(sign_on__method="secret")) == ["sign_on.client_id", "sign_on.client_secret"]
    assert problems(sign_on__method="secret", sign_on__client_id=CLIENT, sign_on__client_secret="env:X") == {}
    assert problems(sign_on__method="later") == {}


def test_rules_keep_silent_about_what_a_question_reports_itself() -> None:
    told = problems(network__address_space=5, subscription__environments="dev", sizing__postgres_size=[])
    assert "is not accepted" in told["network.address_space"]
    assert "is not accepted" in told["subscription.environments"]
    assert "an answer is needed" in told["sizing.postgres_size"]
