"""Microsoft's own definitions: all are judged or listed, and a corporate landing zone lets private installations through."""

from pathlib import Path
from typing import Final

import pytest

from installer.emulator.state.resources import Resource
from installer.estate.parameters import stages
from installer.json_access import JsonObject, as_list, as_object, as_text, member
from installer.policy.definitions import CompiledDefinition, compile_definition
from installer.policy.evaluation import Evaluation
from installer.policy.fields import GROUP, Subject
from installer.policy.outcomes import EvaluationError, NotJudgedError
from installer.resource_id import parse_id
from tests.bicep.answers_matrix import MATRIX
from tests.bicep.stage_requests import stage_resources
from tests.emulator.asgi_client import Local, local
from tests.emulator.governance.every_definition import SAMPLES
from tests.emulator.governance.landing_zone import definitions, enforced, landing_zone, needs_policies

pytestmark = needs_policies

PROVIDER_MODES: Final = {
    "Microsoft.Kubernetes.Data",
    "Microsoft.KeyVault.Data",
    "Microsoft.ManagedHSM.Data",
    "Microsoft.LoadTestService.Data",
    "Microsoft.MachineLearningServices.v2.Data",
    "Microsoft.DataFactory.Data",
    "Microsoft.CognitiveServices.Data",
}
EXTERNAL: Final = {"Deny-ContainerApps-Public-Network-Access: Microsoft.App/containerApps"}
"""The rest of the network calls these apps; bicep/README.md names the exemption."""
PRIVATE: Final[dict[str, set[str]]] = {
    "03": set(),
    "05": EXTERNAL,
    "07": set(),
    "11": set(),
    "18": set(),
    "25": EXTERNAL,
    "26": set(),
}
"""Private answers files of the matrix, and what a corporate landing zone refuses of them."""
NOW: Final = 1_800_000_000.0


def bodies(name: str) -> list[Resource]:
    """Every resource of an answers file of the matrix, as it would be requested."""
    (answers,) = (found for key, found in MATRIX.items() if key.startswith(name))
    made = []
    for stage in dict.fromkeys(spec.stage for spec in stages(answers)):
        for item in stage_resources(answers, stage):
            parsed = parse_id(as_text(item["id"]))
            if parsed is not None and parsed.type.lower() != "microsoft.resources/deployments":
                body = {key: value for key, value in item.items() if key not in {"id", "name", "type", "apiVersion"}}
                version = as_text(item.get("apiVersion"))
                made.append(Resource(parsed.id, parsed.type, parsed.names[-1], version, "Creating", 0, 0, desired=body))
    return made


def compiled_definitions() -> tuple[list[CompiledDefinition], list[str]]:
    """The definitions with defaults, and sample values where there are none; and why others are not judged."""
    made, reasons = [], []
    for item in definitions():
        declared = as_object(member(item, "properties", "parameters"))
        given = {
            name.lower(): SAMPLES[as_text(member(entry, "type")).lower()]
            for name, entry in declared.items()
            if "defaultValue" not in as_object(entry)
        }
        try:
            made.append(compile_definition(as_text(item["id"]), item, given))
        except NotJudgedError as problem:
            reasons.append(str(problem))
    return made, reasons


def test_every_definition_is_judged_or_names_the_mode_of_a_provider() -> None:
    made, reasons = compiled_definitions()
    assert len(made) > 700
    assert all(any(mode in reason for mode in PROVIDER_MODES) for reason in reasons), reasons


@pytest.mark.parametrize("name", ["03", "26"])
def test_no_evaluation_of_the_estate_raises(name: str) -> None:
    made, _ = compiled_definitions()
    failed = []
    for resource in bodies(name):
        kind = GROUP if resource.type == "Microsoft.Resources/resourceGroups" else resource.type
        group: JsonObject = {"name": "rg", "location": "swedencentral", "tags": {}}
        home: JsonObject = {"id": "/subscriptions/s", "subscriptionId": "s", "tenantId": "t", "tags": {}}
        subject = Subject(
            resource.id,
            kind,
            resource.name,
            resource.name,
            resource.desired,
            resource.api_version,
            subscription=home,
            group=group,
        )
        for definition in made:
            if not definition.applicable(subject):
                continue
            try:
                definition.judged(Evaluation(subject, NOW, {}))
            except EvaluationError as problem:
                failed.append(f"{definition.name} on {resource.type}: {problem}")
    assert failed == []


@pytest.fixture
def corp(tmp_path: Path) -> Local:
    """An emulated subscription in a corporate landing zone."""
    return local(tmp_path, survey=landing_zone())


def test_a_landing_zone_is_compiled_and_its_gaps_are_listed(corp: Local) -> None:
    report = corp.emulator.policies.report()
    assert isinstance(report["rules"], int)
    assert report["rules"] > 150
    reasons = {as_text(member(item, "reason")) for item in as_list(report["notJudged"])}
    kinds = ("is not known", "judges objects inside the service", "judged by version", "cannot be evaluated")
    assert all(any(kind in reason for kind in kinds) for reason in reasons), reasons


@pytest.mark.parametrize(("name", "expected"), PRIVATE.items())
def test_a_corporate_landing_zone_refuses_only_what_is_known(corp: Local, name: str, expected: set[str]) -> None:
    refused = {
        f"{rule.reference}: {resource.type}"
        for resource in bodies(name)
        for rule in corp.emulator.policies.refusals(resource)
    }
    assert refused == expected


STRICTER: Final = {
    "ACRCmkDeny": "customer-managed keys are an answer (governance.customer_keys), off by default",
    "Deny-Adf-Cmk": "customer-managed keys of a data factory are not offered",
    "Deny-Disk-Double-Encryption": "AKS asks for data disks that are encrypted with the customer-managed key alone",
    "Deny-Adf-Git": "the factory has no repository; its owner adds one",
    "Deny-ContainerRegistry-Arm-Audience": "Container Apps pull images with tokens of Resource Manager's audience",
    "Deny-ContainerRegistry-Sku-PrivateLink": "a public registry (network.private_registry) is not Premium",
    "Deny-ContainerRegistry-Unrestricted-Network-Access": "a public registry is open to all networks",
    "Deny-ContainerRegistry-Exports": "exports can be disabled only in a private registry",
    "Deny-Subnet-Without-Udr": "only subnets behind a firewall have a route table",
    "Deny-Storage-Infra-Encryption": "set together with customer-managed keys, at creation only",
    "Deny-Storage-ServicesEncryption": "set together with customer-managed keys, at creation only",
    "Deny-Storage-NetworkAclsBypass": "Azure Backup and diagnostics use the exception for trusted services",
}
"""Refusals of private installations where every guardrail is enforced, with the reason; see bicep/README.md."""


@pytest.mark.parametrize("name", ["03", "07", "26"])
def test_with_every_guardrail_enforced_each_refusal_has_a_reason(tmp_path: Path, name: str) -> None:
    policies = local(tmp_path, survey=enforced(landing_zone())).emulator.policies
    refused = {(rule.reference, resource.type) for resource in bodies(name) for rule in policies.refusals(resource)}
    assert {reference for reference, _ in refused} <= set(STRICTER)
    if name != "03":
        assert "Deny-ContainerRegistry-Exports" not in {reference for reference, _ in refused}


ENCRYPTION: Final = {"ACRCmkDeny", "Deny-Storage-Infra-Encryption", "Deny-Storage-ServicesEncryption"}


@pytest.mark.parametrize(("name", "keys"), [("03", True), ("26", True), ("07", False)])
def test_customer_managed_keys_satisfy_the_guardrails_of_encryption(tmp_path: Path, name: str, *, keys: bool) -> None:
    policies = local(tmp_path, survey=enforced(landing_zone())).emulator.policies
    refused = {rule.reference for resource in bodies(name) for rule in policies.refusals(resource)}
    assert refused & ENCRYPTION == (set() if keys else ENCRYPTION)
