"""The 26 entries of an architect's reading, "What real Azure would refuse, fail or undo", and where each is found today.

FOUND: a fault of answers or of the subscription, which a check finds before the first write: check, error code ("" if Azure has
none), and the test that shows it. REFUSED: answers that are refused when they are given, with the answer that is named. MENDED:
faults of the templates, the steps or the embedded Azure, which no answer brings back, with the reason and the test that holds it.
"""

from typing import Final

from tests.answers.answers_files import LEAST

NETWORK: Final = "tests/preflight/network/test_network.py"
CHANGES: Final = "tests/preflight/test_changes.py"
OUTSIDE: Final = "tests/preflight/outside/test_surveys.py"
ENTRIES: Final = 26

FOUND: Final[dict[int, tuple[tuple[str, str, str, str], ...]]] = {
    9: (("network", "BadRequest", NETWORK, "test_a_zone_that_the_hub_is_linked_to_can_be_used"),),
    10: (
        (
            "policy",
            "RequestDisallowedByPolicy",
            "tests/preflight/policies/test_landing_zone.py",
            "test_private_installations_are_allowed_or_policy_answer_and_exemption_are_named",
        ),
        ("network", "ResourceNotFound", OUTSIDE, "test_a_landing_zone_needs_one_role_and_the_zones_of_its_owner"),
    ),
    12: (
        (
            "providers",
            "LocationNotAvailableForResourceType",
            "tests/preflight/test_offers.py",
            "test_a_type_that_a_region_does_not_offer",
        ),
    ),
    13: (
        (
            "changes",
            "PropertyChangeNotAllowed",
            CHANGES,
            "test_a_blocked_change_names_the_answer_what_it_takes_and_what_it_interrupts",
        ),
        ("network", "SubnetMissingRequiredDelegation", NETWORK, "test_an_existing_subnet_that_does_not_fit"),
        ("rights", "AuthorizationFailed", "tests/preflight/test_rights.py", "test_a_contributor_may_not_assign_roles"),
    ),
    16: (("images", "", "tests/preflight/test_images.py", "test_a_registry_that_refuses_the_import_leads_to_a_push"),),
    17: (
        (
            "changes",
            "PropertyChangeNotAllowed",
            CHANGES,
            "test_a_blocked_change_names_the_answer_what_it_takes_and_what_it_interrupts",
        ),
    ),
    20: (
        (
            "names",
            "VaultAlreadyExists",
            "tests/preflight/test_offers.py",
            "test_a_deleted_vault_of_others_blocks_its_name",
        ),
    ),
    21: (
        (
            "policy",
            "RequestDisallowedByPolicy",
            "tests/preflight/policies/test_landing_zone.py",
            "test_with_the_exemption_that_it_names_the_installation_is_allowed",
        ),
    ),
    24: (
        (
            "network",
            "RemoteVnetHasNoGateways",
            NETWORK,
            "test_a_hub_without_a_gateway_cannot_be_passed_through_it",
        ),
        ("network", "VnetAddressSpacesOverlap", NETWORK, "test_an_overlap_with_the_hub_has_a_free_range"),
        ("network", "", NETWORK, "test_a_hub_that_nothing_leads_into_is_named"),
    ),
}

_GROUP: Final = "/subscriptions/9d0a6c1e-52b7-4a0f-8d3c-6a1f2b4c5d6e/resourceGroups/rg/providers"
_FOREIGN: Final = f"{_GROUP}/Microsoft.Network/virtualNetworks/vnet"
REFUSED: Final[dict[int, tuple[dict[str, object], str]]] = {
    5: (
        {"ingress.kind": "frontdoor", "ingress.host": "a.example.com", "subscription.region": "atlantisnorth"},
        "subscription.region",
    ),
    14: (
        {
            "network.mode": "existing",
            "network.dns": "created",
            "network.hub_id": _FOREIGN,
            "network.hub_subnet": "snet-endpoints",
            "network.spoke_ids": [f"dev={_FOREIGN}"],
            "platform.runtime": "container_apps",
        },
        "network.spoke_ids",
    ),
    24: ({"platform.pod_range": "10.40.128.0/18"}, "platform.pod_range"),
}

_BICEP: Final = "tests/bicep"
MENDED: Final[dict[int, tuple[str, str, str]]] = {
    1: (
        "the name of the setting is in the templates; the embedded Entra refuses a sign-on without it",
        "tests/steps/test_app_registration.py",
        "test_a_complete_registration_is_created_once",
    ),
    2: (
        "the exclusions are in the templates of both ingresses",
        f"{_BICEP}/test_ingress.py",
        "test_the_firewall_lets_the_callback_of_entra_through",
    ),
    3: (
        "the slot of the templates has the sign-on of the app",
        f"{_BICEP}/test_controlplane.py",
        "test_the_staging_slot_has_the_sign_on_of_the_app",
    ),
    4: (
        "the step requires an assignment, and restricts what lets everyone in",
        "tests/steps/test_app_registration.py",
        "test_a_registration_that_lets_everyone_in_is_restricted_by_the_next_run",
    ),
    6: (
        "the account of the administrator exists only during a run",
        "tests/estate/test_kubernetes.py",
        "test_the_database_administrator_has_no_permanent_service_account",
    ),
    7: (
        "the manifests end TLS at the server",
        "tests/estate/test_kubernetes.py",
        "test_the_server_ends_tls_with_a_certificate_from_the_vault",
    ),
    8: (
        "the manifests meet the level of their namespace",
        "tests/estate/test_kubernetes.py",
        "test_every_pod_meets_the_level_that_its_namespace_enforces",
    ),
    11: (
        "the links of the templates fall back to public DNS",
        f"{_BICEP}/test_network.py",
        "test_private_endpoints_of_others_stay_reachable_through_public_dns",
    ),
    15: (
        "the list of egress is data with a source for each rule",
        "tests/estate/test_egress.py",
        "test_every_rule_has_a_source_a_known_condition_and_targets",
    ),
    18: (
        "a run reads back what others set, and keeps it",
        "tests/emulator/deployments/test_kept_lists.py",
        "test_lists_keep_what_others_have_changed",
    ),
    19: (
        "a run deletes, disables or names what is switched off",
        "tests/emulator/deployments/test_switched_off.py",
        "test_every_type_that_a_run_may_delete_is_deleted",
    ),
    22: (
        "it is the engine of the embedded Azure itself",
        "tests/emulator/governance/test_landing_zone.py",
        "test_every_definition_is_judged_or_names_the_mode_of_a_provider",
    ),
    23: (
        "sizes and minimums are those of the templates",
        f"{_BICEP}/test_minimums.py",
        "test_a_system_pool_has_two_nodes_of_four_cores",
    ),
    25: (
        "the rules are in the templates, one for every resource that has metrics",
        f"{_BICEP}/test_alerts.py",
        "test_every_resource_is_monitored",
    ),
    26: (
        "reasons for skipped checks are data that is compared with the templates",
        f"{_BICEP}/test_checkov_reasons.py",
        "test_the_reasons_about_clusters_are_true",
    ),
}
START: Final = LEAST
"""Answers without a problem, to which those of REFUSED are added."""
