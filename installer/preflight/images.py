"""Check: Azure can import the images of the answers, judged by what Resource Manager shows of their registries.

The form of a reference and the ways that a private registry excludes are rules of the answers. Sources: azure-docs,
articles/container-registry/container-registry-import-images.md (credentials, network-restricted registries) and
articles/container-registry/anonymous-pull-access.md (off unless it was enabled).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.conventions.clouds import CLOUDS
from installer.estate.parameters.images import image_source, image_uses, imported_from
from installer.json_access import as_text, member
from installer.preflight.commands import in_subscription
from installer.preflight.model import Check, Finding, NotChecked, Proof, WayOut
from installer.preflight.reads import resource
from installer.preflight.subscription_reads import resources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_TYPE: Final = "microsoft.containerregistry/registries"
_VERSION: Final = "2025-11-01"
_PUSHED: Final = {"prefect": "images.prefect_source", "web": "images.web_source"}


def _entries(subject: Subject) -> Iterator[Entry]:
    uses = [use for use in image_uses(subject.it) if image_source(subject.it, use.kind) == "import"]
    imported = {imported_from(subject.it, use.kind, use.environment): use.kind for use in uses}
    if not imported:
        yield Proof("no image is imported from another registry")
        return
    subject.arm.ahead(resources(one) for one in subject.subscriptions)
    for image, kind in imported.items():
        yield from _source(subject, kind, image)


def _source(subject: Subject, kind: str, image: str) -> Iterator[Entry]:
    host = image.partition("/")[0].lower()
    push = WayOut("push the image yourself during the run", ((_PUSHED[kind], "push"),))
    other = _other_cloud(subject, host)
    if other and not subject.answers.images.user:
        yield Finding(
            "blocks",
            f"the registry {host} belongs to the cloud {other}, and the answers have no user for it",
            image,
            "Azure imports from the registry of another cloud with its own credentials only",
            (WayOut("enter a user or token of that registry and its password (images.user, images.password)"), push),
        )
        return
    found = _registry(subject, host)
    if found is None:
        yield NotChecked(f"the image {image}", "only Azure reaches its registry: the import proves that it exists")
        return
    yield from _access(subject, found, image, push)
    yield NotChecked(f"whether {host} has the image {image}", "Azure Resource Manager lists no images")


def _access(subject: Subject, registry: str, image: str, push: WayOut) -> Iterator[Entry]:
    """Whether a registry that this account sees admits the import."""
    request = resource(f"{registry}?api-version={_VERSION}", "the registry of the imported image")
    facts = member(subject.arm.find(request), "properties")
    host, wrong = image.partition("/")[0], 0
    name = host.partition(".")[0]
    if not subject.answers.images.user and member(facts, "anonymousPullEnabled") is not True:
        wrong += 1
        yield Finding(
            "blocks",
            f"the registry {host} requires a sign-in, and the answers have no user for it",
            registry,
            "Azure refuses the import",
            (
                WayOut(
                    f"enter a token: az acr token create {in_subscription(registry)} -r {name} -n flowforge --scope-map _repositories_pull"
                ),
                push,
            ),
        )
    closed = as_text(member(facts, "publicNetworkAccess")).lower() == "disabled"
    closed = closed or as_text(member(facts, "networkRuleSet", "defaultAction")).lower() == "deny"
    if closed and as_text(member(facts, "networkRuleBypassOptions"), "AzureServices").lower() != "azureservices":
        wrong += 1
        yield Finding(
            "blocks",
            f"the firewall of the registry {host} does not admit trusted Azure services",
            registry,
            "Azure refuses the import",
            (
                WayOut(
                    f"admit them: az acr update {in_subscription(registry)} -n {name} --allow-trusted-services true"
                ),
                push,
            ),
        )
    if not wrong:
        yield Proof(f"the registry {host} admits the import")


def _registry(subject: Subject, host: str) -> str | None:
    """ID of a registry in the subscriptions of the plan, by its host name; None for any other registry."""
    name, _, domain = host.partition(".")
    if domain != subject.it.names.registry_host.partition(".")[2].lower():
        return None
    for one in subject.subscriptions:
        for each in subject.arm.every(resources(one)):
            if as_text(each.get("type")).lower() == _TYPE and as_text(each.get("name")).lower() == name:
                return as_text(each.get("id"))
    return None


def _other_cloud(subject: Subject, host: str) -> str:
    """The cloud of an Azure registry that is not that of the answers, else ""."""
    own = subject.answers.subscription.cloud
    return next((name for name, names in CLOUDS.items() if name != own and host.endswith(f".{names.registry}")), "")


IMAGES: Final = Check("images", "Images", _entries, repeated=False)
