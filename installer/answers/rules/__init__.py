"""Rules between answers: what each answer alone may be is said in pages/, what they may be together is said here.

A rule reads the effective values and yields problems; it keeps silent about what is missing or malformed, since that is
reported by the question itself.
"""

from collections.abc import Callable, Iterator

from installer.answers.ask import View
from installer.answers.questions import all_questions
from installer.answers.rules import basic, combinations, governance, places
from installer.errors import Problem

Rule = Callable[[View], Iterator[Problem]]

RULES: tuple[Rule, ...] = (
    basic.required,
    basic.distinct_environments,
    basic.address_space_fits,
    basic.firewall_is_an_address,
    basic.standby_needs_a_tier,
    governance.names_are_lawful,
    governance.tags_are_given_once,
    places.regions_are_allowed,
    places.regions_have_zones,
    places.regions_have_a_partner,
    places.regions_back_up_lakes,
    places.spokes_are_complete,
    places.the_cloud_has_it,
    combinations.public_is_for_trials,
    combinations.services_need_each_other,
    combinations.an_injected_server_has_a_zone,
    combinations.a_gateway_reads_in_its_subscription,
)


def broken(view: View) -> list[Problem]:
    """All problems between the answers, in the order of the questions."""
    order = {key: index for index, key in enumerate(all_questions())}
    return sorted((p for rule in RULES for p in rule(view)), key=lambda problem: order[problem.key])
