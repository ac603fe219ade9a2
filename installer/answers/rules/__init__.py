"""Rules across answers; pages/ declares what a single answer may be.

A rule reads the effective values and yields problems. It ignores missing and malformed values, which the question itself
reports.
"""

from collections.abc import Callable, Iterator

from installer.answers.ask import View
from installer.answers.questions import all_questions
from installer.answers.rules import address_ranges, basic, combinations, flows, governance, places, reachability
from installer.errors import Problem

Rule = Callable[[View], Iterator[Problem]]

RULES: tuple[Rule, ...] = (
    basic.required,
    basic.distinct_environments,
    basic.address_space_fits,
    basic.firewall_is_an_address,
    basic.standby_needs_a_tier,
    address_ranges.connected_ranges_are_ranges,
    address_ranges.cluster_ranges_fit,
    basic.system_nodes_are_large_enough,
    governance.names_are_valid,
    governance.names_fit_a_slot,
    governance.tags_are_given_once,
    governance.tag_names_are_accepted,
    governance.tags_fit_private_zones,
    places.regions_are_allowed,
    places.regions_have_zones,
    places.regions_have_a_partner,
    places.regions_back_up_lakes,
    places.regions_have_a_private_link,
    places.regions_have_a_redundant_nat,
    places.spokes_are_complete,
    places.container_apps_are_beside_their_network,
    places.services_are_in_the_cloud,
    combinations.public_is_for_trials,
    combinations.services_need_each_other,
    combinations.backups_elsewhere_need_no_key,
    combinations.an_injected_server_has_a_zone,
    combinations.a_private_link_scope_has_new_zones,
    combinations.a_shared_cluster_zone_is_known,
    combinations.a_gateway_reads_in_its_subscription,
    flows.flows_are_a_project,
    combinations.tasks_reach_a_public_registry,
    combinations.an_imported_image_has_one_digest,
)

CAUTIONS: tuple[Rule, ...] = (
    reachability.private_addresses_are_reached,
    reachability.policies_register_endpoints,
    reachability.networks_of_others_may_have_a_private_link_scope,
    reachability.a_private_link_scope_serves_others,
)
"""Rules whose problems do not prevent an installation."""


def broken(view: View) -> list[Problem]:
    """All problems across answers, in the order of the questions."""
    return _found(RULES, view)


def cautions(view: View) -> list[Problem]:
    """Facts about valid answers that the user should know before the start, in the order of the questions."""
    return _found(CAUTIONS, view)


def _found(rules: tuple[Rule, ...], view: View) -> list[Problem]:
    order = {key: index for index, key in enumerate(all_questions())}
    return sorted((p for rule in rules for p in rule(view)), key=lambda problem: order[problem.key])
