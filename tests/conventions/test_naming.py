"""Names are lawful in Azure for every prefix and environment that can be answered, and differ from one another."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from azure.cli.core.cloud import KNOWN_CLOUDS
from hypothesis import given
from hypothesis import strategies as st

from bicep.compile import STAGES
from installer.answers.model import ENVIRONMENTS
from installer.conventions.clouds import Service
from installer.conventions.integrations import INTEGRATIONS
from installer.conventions.naming import CLOUDS, NAME_RULES, Cloud, NameRule, Names
from installer.conventions.naming.rules import HYPHENATED

PREFIXES = st.from_regex(r"[a-z][a-z0-9]{1,9}", fullmatch=True)
LONGEST = Names("abcdefghij")

UNNAMED = {
    "identity": NameRule(HYPHENATED, 128),
    "database": NameRule(r"[a-z_][a-z0-9_]*", 63),
    "security_group": NameRule(HYPHENATED, 80),
    "lock": NameRule(HYPHENATED, 90),
    "peering": NameRule(HYPHENATED, 80),
    "empty_route_table": NameRule(HYPHENATED, 80),
    "resolver_endpoint": NameRule(HYPHENATED, 80),
    "network_link": NameRule(HYPHENATED, 80),
    "private_endpoint": NameRule(r"[A-Za-z0-9-]+", 64),
    "namespace": NameRule(HYPHENATED, 63),
    "job": NameRule(HYPHENATED, 32),
    "app": NameRule(HYPHENATED, 32),
    "prefect_label": NameRule(HYPHENATED, 63),
    "deployment": NameRule(HYPHENATED, 64),
    "action_group_short": NameRule(r"[a-z0-9]+", 12),
    "runs_alert": NameRule(HYPHENATED, 260),
    "cap_alert": NameRule(HYPHENATED, 260),
    "alert": NameRule(HYPHENATED, 260),
    "alert_prefix": NameRule(HYPHENATED, 240),
    "server_alert_prefix": NameRule(HYPHENATED, 240),
}
"""Names that follow from others, and cannot be given one by one."""
EVERY_LAW = {**NAME_RULES, **UNNAMED}

ELSEWHERE = {
    "answers_at",
    "registry_host",
    "postgres_at",
    "key_vault_uri",
    "platform_key_vault_uri",
    "blob_endpoint",
    "site_host",
    "tags",
}
"""Members that are not resource names."""

ARGUMENTS = {
    "environment": ENVIRONMENTS,
    "workload": (
        "web",
        "auth",
        "prefect",
        "services",
        "worker",
        "gateway",
        "cluster",
        "kubelet",
        "dbadmin",
        "encryption",
    ),
    "application": ("flowforge", "prefect"),
    "network": ("hub", *ENVIRONMENTS),
    "subnet": ("nodes", "apps", "web", "endpoints", "gateway", "api", "resolver", "postgres"),
    "target": ("stffabcdefghijprod", "kv-ff-abcdefghij-prod", "pg-ff-abcdefghij"),
    "part": ("blob", "dfs", "vault", "postgresqlServer"),
    "purpose": ("services", "flows", "setup"),
    "stage": STAGES,
    "work": ("bootstrap", "check", "migrate", "upgrade", "register", "report"),
    "what": ("silence", "reach", "health", "storage"),
    "server": ("pg-ff-abcdefghij",),
}


def combinations(parameters: list[str]) -> Iterator[tuple[str, ...]]:
    if not parameters:
        yield ()
        return
    for value in ARGUMENTS[parameters[0]]:
        for rest in combinations(parameters[1:]):
            yield (value, *rest)


def all_names(names: Names, law: str) -> list[str]:
    member = getattr(Names, law)
    if isinstance(member, property):
        return [str(getattr(names, law))]
    parameters = list(inspect.signature(member).parameters)[1:]
    return [member(names, *arguments) for arguments in combinations(parameters)]


@pytest.mark.parametrize("law", EVERY_LAW)
def test_the_longest_prefix_gives_lawful_names(law: str) -> None:
    for name in all_names(LONGEST, law):
        assert re.fullmatch(EVERY_LAW[law].pattern, name), name
        assert len(name) <= EVERY_LAW[law].longest, name


@given(PREFIXES)
def test_every_prefix_gives_lawful_global_names(prefix: str) -> None:
    for law in (kind for kind, law in NAME_RULES.items() if law.unique):
        for name in all_names(Names(prefix), law):
            assert re.fullmatch(NAME_RULES[law].pattern, name)
            assert len(name) <= NAME_RULES[law].longest


def test_every_name_has_a_law() -> None:
    members = {
        name
        for room in Names.__mro__[:-1]
        for name, member in vars(room).items()
        if not name.startswith("_") and (isinstance(member, property) or inspect.isfunction(member))
    }
    assert members == set(EVERY_LAW) | ELSEWHERE


def test_deployments_of_one_installation_differ() -> None:
    names = [LONGEST.deployment(stage, environment) for stage in STAGES for environment in (None, *ENVIRONMENTS)]
    assert len(set(names)) == len(names)


def test_deployments_of_two_installations_differ() -> None:
    assert Names("aa").deployment("network") != Names("ab").deployment("network")


def zones_of(cloud: Cloud) -> set[str]:
    """DNS zones of all private endpoints in a cloud."""
    platform = {CLOUDS[cloud].zone(service) for service in get_args(Service)}
    monitor = CLOUDS[cloud].monitor_zones
    return platform.union(monitor, *(service.zones(cloud).values() for service in INTEGRATIONS.values()))


def test_optional_services_have_their_documented_zones() -> None:
    assert {name: service.zones("public") for name, service in INTEGRATIONS.items()} == {
        "data_factory": {"dataFactory": "privatelink.datafactory.azure.net"},
        "synapse": {
            "Sql": "privatelink.sql.azuresynapse.net",
            "SqlOnDemand": "privatelink.sql.azuresynapse.net",
            "Dev": "privatelink.dev.azuresynapse.net",
        },
        "event_grid": {"topic": "privatelink.eventgrid.azure.net"},
        "logic_app": {},
        "purview": {"account": "privatelink.purview.azure.com", "portal": "privatelink.purviewstudio.azure.com"},
    }


@pytest.mark.parametrize("cloud", CLOUDS)
def test_each_cloud_has_zones_of_its_own(cloud: Cloud) -> None:
    zones = zones_of(cloud)
    portal_of_purview = cloud != "china"
    of_monitor = 4 if cloud != "china" else 0
    assert len(zones) == len(get_args(Service)) + 5 + portal_of_purview + of_monitor
    assert all(zone.startswith("privatelink.") for zone in zones)
    for other in CLOUDS.keys() - {cloud}:
        assert zones.isdisjoint(zones_of(other))


def test_the_public_cloud_answers_where_it_is_known_to() -> None:
    names = Names("contoso")
    assert [CLOUDS["public"].zone(service) for service in ("blob", "dfs", "queue", "postgres", "key_vault")] == [
        "privatelink.blob.core.windows.net",
        "privatelink.dfs.core.windows.net",
        "privatelink.queue.core.windows.net",
        "privatelink.postgres.database.azure.com",
        "privatelink.vaultcore.azure.net",
    ]
    assert names.key_vault_uri("dev") == "https://kv-ff-contoso-dev.vault.azure.net/"
    assert names.blob_endpoint("dev") == "https://stffcontosodev.blob.core.windows.net/"
    assert names.site_host("dev") == "app-ff-contoso-dev.azurewebsites.net"


@pytest.mark.parametrize(
    ("cloud", "known_as"), [("public", "AzureCloud"), ("usgov", "AzureUSGovernment"), ("china", "AzureChinaCloud")]
)
def test_clouds_answer_where_the_azure_cli_says(cloud: Cloud, known_as: str) -> None:
    (known,) = [known for known in KNOWN_CLOUDS if known.name == known_as]
    ours = CLOUDS[cloud]
    assert ours.storage == known.suffixes.storage_endpoint
    assert f".{ours.key_vault}" == known.suffixes.keyvault_dns
    assert f".{ours.registry}" == known.suffixes.acr_login_server_endpoint
    assert f".{ours.postgres}" == known.suffixes.postgresql_server_endpoint


def test_tags_say_whose_a_resource_is() -> None:
    assert Names("contoso").tags() == {"flowforge-installation": "contoso", "managed-by": "flowforge-installer"}
    assert Names("contoso").tags("dev")["flowforge-environment"] == "dev"


def test_the_readme_of_the_templates_lists_every_kind_of_name() -> None:
    readme = (Path(__file__).parents[2] / "bicep" / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## Resource names")[2].partition("\n## ")[0]
    assert [kind for kind in NAME_RULES if f"`{kind}`" not in section] == []
