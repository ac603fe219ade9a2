"""Rules across answers."""

import pytest

from installer.answers.files import parse
from installer.answers.questions import all_questions
from installer.answers.rules import broken
from tests.answers.answers_files import CLIENT, LEAST


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
    assert told == {"subscription.environments": "listed more than once: dev, qa; list each environment once"}
    assert "required" in problems(subscription__environments=[])["subscription.environments"]


@pytest.mark.parametrize(
    ("space", "told"),
    [
        ("10.40.0.0/24", "needs a /21 or larger"),
        ("10.40.1.0/16", "the range is 10.40.0.0/16"),
        ("8.8.0.0/16", "not a private range"),
        ("172.30.0.0/16", "which Azure reserves"),
        ("999.1.1.1/16", "not an IPv4 range"),
    ],
)
def test_hub_and_spokes_have_to_fit(space: str, told: str) -> None:
    assert told in problems(network__address_space=space)["network.address_space"]


def test_what_fits_depends_on_the_runtime() -> None:
    space = "100.100.0.0/16"
    assert problems(network__address_space=space) == {}
    told = problems(network__address_space=space, platform__runtime="container_apps")
    assert "Azure reserves" in told["network.address_space"]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("", "required"),
        ("10.0.0.400", "is not an IPv4 address"),
        ("8.8.8.8", "is not a private IP address"),
        ("firewall.contoso.com", "is not valid"),
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
    assert problems(sign_on__method="secretless", sign_on__registration="new") == {}


def test_rules_ignore_what_a_question_reports_itself() -> None:
    told = problems(network__address_space=5, subscription__environments="dev", sizing__postgres_size=[])
    assert "is not valid" in told["network.address_space"]
    assert "is not a list; write a list of one or more of dev" in told["subscription.environments"]
    assert "required" in told["sizing.postgres_size"]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("key_vault.prod=kv-data-p01", ""),
        ("postgres=psql-shared", ""),
        ("subnet.web=snet-apps", ""),
        ("keyvault.prod=kv-data-p01", "did you mean key_vault?"),
        ("zzz=kv-data-p01", "is not a kind of resource here"),
        ("key_vault=kv-data-p01", "for example key_vault.prod=kv-data-p01"),
        ("postgres.prod=psql", "there is only one postgres"),
        ("key_vault.moon=kv-data", "one of dev, qa, uat, prod, hub"),
        ("key_vault.prod=kv-data-of-the-whole-company", "the maximum is 24: kv-data-of-the-whole-com"),
        ("storage_account.prod=st-data", "lower-case letters and digits"),
    ],
)
def test_a_name_override_must_be_valid(entry: str, told: str) -> None:
    found = problems(governance__names=[entry]).get("governance.names", "")
    assert (told in found) if told else found == ""


@pytest.mark.parametrize(
    ("length", "slot", "told"),
    [
        (40, True, ""),
        (41, False, ""),
        (41, True, "with a staging slot the maximum is 40"),
        (59, True, f"host name: {'a' * 40};"),
    ],
)
def test_the_name_of_a_web_app_with_a_slot_is_not_shortened_by_azure(length: int, slot: bool, told: str) -> None:
    platform = {"platform__control_plane": "app_service", "platform__slot": slot}
    found = problems(governance__names=[f"site.prod={'a' * length}"], **platform).get("governance.names", "")
    assert (told in found) if told else found == ""


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        (["owner=a b"], ""),
        (["Owner=a", "owner=b"], "owner is listed twice"),
        (["Managed-By=us"], "is set by the installer; remove it"),
    ],
)
def test_a_tag_is_given_once_and_is_not_ours(tags: list[str], told: str) -> None:
    found = problems(governance__tags=tags).get("governance.tags", "")
    assert (told in found) if told else found == ""


@pytest.mark.parametrize(
    ("tag", "told"),
    [
        (f"{'a' * 128}=x", ""),
        (f"{'a' * 129}=x", "has 129 characters; the maximum is 128"),
        ("azure-owner=x", "starts with azure; Azure reserves"),
        ("Microsoft=x", "starts with microsoft"),
        ("WindowsPatch=x", "starts with windows"),
        ("azd-env=x", ""),
        ("owner.azure=x", ""),
        ("a\tb=x", "hidden character U+0009"),
        (" =x", "has no name"),
        ("cost:centre=x", ""),
    ],
)
def test_a_tag_name_is_one_that_azure_accepts_at_every_resource(tag: str, told: str) -> None:
    found = problems(governance__tags=[tag]).get("governance.tags", "")
    assert (told in found) if told else found == ""


@pytest.mark.parametrize("tag", ["cost:centre=x", "#1=x"])
def test_front_door_supports_fewer_characters_in_tag_names(tag: str) -> None:
    given: dict[str, object] = {"governance__tags": [tag], "ingress__kind": "frontdoor"}
    assert "Front Door does not support" in problems(**given)["governance.tags"]


def test_more_tags_than_a_private_zone_takes_are_refused_where_there_are_new_zones() -> None:
    tags = [f"t{number}=x" for number in range(16)]
    assert "support 15" in problems(governance__tags=tags)["governance.tags"]
    assert "governance.tags" not in problems(governance__tags=tags[:15])
    given: dict[str, object] = {"governance__tags": tags, "network__mode": "public"}
    assert "governance.tags" not in problems(**given)


def test_regions_outside_of_those_that_are_allowed_are_refused_where_they_are_named() -> None:
    given: dict[str, object] = {
        "governance__allowed_regions": ["westeurope"],
        "subscription__environments": ["dev", "prod"],
        "prod__region": "northeurope",
    }
    assert set(problems(**given)) == {"subscription.region"}
    assert set(problems(**given, subscription__differ=["prod"])) == {"subscription.region", "prod.region"}


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("sizing__postgres_ha", True, "select no, or the region westus3"),
        ("sizing__storage_redundancy", "Standard_ZRS", "select Standard_LRS, or the region westus3"),
    ],
)
def test_a_region_without_zones_is_no_place_for_what_needs_them(key: str, value: object, told: str) -> None:
    ground = {"subscription__region": "westus", "sizing__preset": "trial", "sizing__postgres_size": "Standard_D2ds_v5"}
    assert problems(**ground) == {}
    assert told in problems(**ground, **{key: value})[key.replace("__", ".")]


def test_the_region_of_one_environment_counts_for_its_own_data() -> None:
    given = {"subscription__environments": ["dev", "prod"], "subscription__differ": ["prod"], "prod__region": "westus"}
    assert set(problems(**given)) == {"sizing.storage_redundancy"}
    assert problems(**given, prod__storage_redundancy="Standard_LRS") == {}
    assert set(problems(**given, prod__storage_redundancy="Standard_GZRS")) == {"prod.storage_redundancy"}


def test_backups_elsewhere_need_an_elsewhere() -> None:
    told = problems(subscription__region="polandcentral", data__geo_backup=True)
    assert "select no, or the region germanywestcentral" in told["data.geo_backup"]


def test_geo_redundant_backups_have_no_customer_managed_key() -> None:
    told = problems(governance__customer_keys=True, data__geo_backup=True)
    assert told == {
        "data.geo_backup": "geo-redundant backups cannot be encrypted with customer-managed keys here; select no"
    }
    assert problems(governance__customer_keys=True, data__geo_backup=False) == {}


HUB = (
    "/subscriptions/4f2c8a16-3b1d-4a8e-9c55-0e6a7d9191ab/resourceGroups/r/providers/Microsoft.Network/virtualNetworks/"
)


def test_lakes_are_backed_up_only_where_that_is_known_to_be_offered() -> None:
    asked = {"monitoring__storage_backup": True}
    assert problems(subscription__region="eastasia", **asked) == {}
    told = problems(subscription__region="westeurope", **asked)["monitoring.storage_backup"]
    assert "backup is not available in westeurope; select no, or one of the regions centralindia, eastasia" in told


def test_lakes_are_backed_up_where_each_environment_is() -> None:
    told = problems(
        subscription__region="eastasia",
        subscription__differ=["dev"],
        dev__region="japaneast",
        monitoring__storage_backup=True,
    )
    assert "backup is not available in japaneast" in told["monitoring.storage_backup"]


@pytest.mark.parametrize(
    ("spokes", "told"),
    [
        (["dev=vnet-a", "prod=vnet-b"], ""),
        (["dev=vnet-a"], "no virtual network for prod; add prod=resource ID"),
        (["dev=vnet-a", "prod=VNET-A"], "share a virtual network"),
        (["dev=vnet-a", "dev=vnet-b", "prod=vnet-c"], "more than one virtual network for dev"),
    ],
)
def test_each_environment_has_one_network_that_exists(spokes: list[str], told: str) -> None:
    found = problems(
        subscription__environments=["dev", "prod"],
        network__mode="existing",
        network__dns="created",
        network__hub_id=f"{HUB}vnet-hub",
        network__hub_subnet="snet-endpoints",
        network__spoke_ids=[entry.replace("=", f"={HUB}") for entry in spokes],
    )
    assert set(found) == ({"network.spoke_ids"} if told else set())
    assert told in found.get("network.spoke_ids", "")


def test_what_the_internet_reaches_is_for_trials() -> None:
    assert set(problems(network__mode="public")) == {"network.mode", "ingress.kind"}
    assert set(problems(ingress__kind="direct")) == {"ingress.kind"}
    assert problems(network__mode="public", governance__posture="trial") == {}


@pytest.mark.parametrize("cloud", ["usgov", "china"])
def test_a_sovereign_cloud_is_not_asked_for_what_it_lacks(cloud: str) -> None:
    told = problems(subscription__cloud=cloud, ingress__kind="frontdoor", ingress__host="a.example.com")
    assert told == {"ingress.kind": told["ingress.kind"]}
    assert told["ingress.kind"].endswith("select gateway")


def test_services_that_need_each_other_say_so() -> None:
    assert "enable Event Grid too" in problems(integrations__logic_app=True)["integrations.logic_app"]
    assert problems(integrations__logic_app=True, integrations__event_grid=True) == {}
    assert "Admin group" in problems(integrations__synapse=True)["integrations.synapse"]


def test_a_server_inside_the_network_has_its_zone() -> None:
    assert problems(data__postgres_network="injected") == {}
    assert problems(network__dns="policy") == {}
    told = problems(data__postgres_network="injected", network__dns="policy")
    assert "select endpoint" in told["data.postgres_network"]


def test_a_gateway_reads_its_certificate_where_it_is() -> None:
    given: dict[str, object] = {
        "ingress__kind": "gateway",
        "ingress__host": "flowforge.contoso.com",
        "ingress__certificate_uri": "https://kv-certs.vault.azure.net/certificates/flowforge",
        "ingress__certificate_group": "rg-certificates",
        "subscription__environments": ["dev", "prod"],
        "subscription__differ": ["prod"],
    }
    assert problems(**given) == {}
    assert problems(**given, prod__subscription=CLIENT) == {}, "a shared gateway is in the platform subscription"
    given = {**given, "ingress__shared": False}
    assert "select frontdoor" in problems(**given, prod__subscription=CLIENT)["prod.subscription"]
    private = {name: value for name, value in given.items() if not name.startswith("ingress")}
    assert problems(**private, prod__subscription=CLIENT) == {}


def test_front_door_needs_a_region_that_is_near_a_private_link_origin() -> None:
    asked = {"ingress__kind": "frontdoor", "ingress__host": "a.example.com"}
    for region in ("swedencentral", "uaenorth", "southeastasia"):
        assert problems(subscription__region=region, **asked) == {}
    told = problems(subscription__region="atlantisnorth", **asked)["subscription.region"]
    assert (
        "no private link origin in or near atlantisnorth; select gateway, or one of the regions australiaeast" in told
    )


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({"platform__runtime": "container_apps"}, True),
        ({"platform__control_plane": "container_app"}, True),
        ({"subscription__differ": ["prod"], "prod__runtime": "container_apps"}, True),
        ({}, False),
        ({"platform__runtime": "container_apps", "subscription__differ": ["prod"], "prod__runtime": "aks"}, False),
    ],
)
def test_container_apps_are_in_the_subscription_of_their_network(more: dict[str, object], refused: bool) -> None:
    foreign = HUB.replace("4f2c8a16", "9d0a6c1e")
    home = str(parse(LEAST.encode(), "f").draft.value("subscription.subscription"))
    own = HUB.replace(HUB.split("/")[2], home)
    told = problems(
        subscription__environments=["dev", "prod"],
        network__mode="existing",
        network__dns="created",
        network__hub_id=f"{HUB}vnet-hub",
        network__hub_subnet="snet-endpoints",
        network__spoke_ids=[f"dev={own}vnet-dev", f"prod={foreign}vnet-prod"],
        **more,
    )
    assert set(told) == ({"network.spoke_ids"} if refused else set())
    assert ("prod uses Container Apps" in told.get("network.spoke_ids", "")) is refused
