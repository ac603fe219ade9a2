"""Rules about combinations: posture, ingress, dependent services."""

from collections.abc import Iterator

from installer.answers.ask import View
from installer.answers.pages.integrations import REQUIRED
from installer.answers.pages.platform import kinds_of_runtime
from installer.errors import Problem


def public_is_for_trials(view: View) -> Iterator[Problem]:
    """Public endpoints are for trials only, and require a public ingress."""
    trial = view.get("governance.posture") == "trial"
    public = view.get("network.mode") == "public"
    if public and not trial:
        yield Problem("network.mode", "public endpoints require the posture Trial; select new hub and spokes")
    if view.get("ingress.kind") == "direct" and not trial:
        yield Problem("ingress.kind", "public access to the web app requires the posture Trial; select private")
    elif public and view.get("ingress.kind") not in (None, "direct"):
        yield Problem("ingress.kind", "with public endpoints the web app has public access; select direct")


def services_need_each_other(view: View) -> Iterator[Problem]:
    """Some services require another answer."""
    for required in REQUIRED:
        if view.get(required.service) is True and view.get(required.other) in required.without:
            yield Problem(required.service, required.message)


def backups_elsewhere_need_no_key(view: View) -> Iterator[Problem]:
    """Geo-redundant backups would need a key vault, a key and an identity in the paired region, too.

    learn.microsoft.com/azure/postgresql/security/security-data-encryption
    """
    if view.get("governance.customer_keys") is True and view.get("data.geo_backup") is True:
        words = "geo-redundant backups cannot be encrypted with customer-managed keys here; select no"
        yield Problem("data.geo_backup", words)


def an_injected_server_has_a_zone(view: View) -> Iterator[Problem]:
    """VNet integration of PostgreSQL requires its private DNS zone at creation; a policy writes records only later."""
    injected = view.get("data.postgres_network") == "injected" and view.get("network.mode") != "public"
    if injected and view.get("network.dns") == "policy":
        words = (
            "VNet integration requires a private DNS zone at creation, which a policy cannot provide; select endpoint"
        )
        yield Problem("data.postgres_network", words)


def a_private_link_scope_has_new_zones(view: View) -> Iterator[Problem]:
    """Networks with the same DNS share one private link scope of Azure Monitor.

    azure-monitor-docs, articles/azure-monitor/fundamentals/private-link-design.md, "Avoid DNS overrides by using a single
    AMPLS": the records of a second scope replace those of the first, in every network that the zones are linked to.
    """
    asked = view.get("monitoring.private_link") in ("open", "private_only")
    if asked and view.get("network.mode") != "public" and view.get("network.dns") in ("existing", "policy"):
        words = (
            "the private DNS zones belong to your organization, and records of another private link scope would replace "
            "those that exist there; select none, and ask the owner of the zones to add the Log Analytics workspace and "
            "the Application Insights components to the scope of the organization"
        )
        yield Problem("monitoring.private_link", words)


def a_shared_cluster_zone_is_known(view: View) -> Iterator[Problem]:
    """AKS needs the ID of a zone that it does not create; with records written by a policy the zones are not known."""
    if (
        view.get("platform.cluster_zone") == "shared"
        and view.get("platform.private_api") is True
        and "aks" in kinds_of_runtime(view)
        and (view.get("network.dns") == "policy" or view.get("network.mode") == "public")
    ):
        yield Problem(
            "platform.cluster_zone",
            "the resource group of the private DNS zones is not known here; select none, or existing private DNS zones",
        )


def a_gateway_reads_in_its_subscription(view: View) -> Iterator[Problem]:
    """An application gateway reads its certificate from a key vault in the platform subscription only."""
    platform = view.get("subscription.subscription")
    differ, environments = view.get("subscription.differ"), view.get("subscription.environments")
    shared = view.get("ingress.shared") is True and view.get("network.mode") == "new"
    if (
        view.get("ingress.kind") != "gateway"
        or shared
        or not isinstance(differ, list)
        or not isinstance(environments, list)
    ):
        return
    for name in differ:
        own = view.get(f"{name}.subscription")
        if name in environments and own and own != platform:
            words = (
                "Application Gateway requires its certificate in its own subscription, and the key vault is in the "
                "platform subscription; use that subscription here too, or select frontdoor"
            )
            yield Problem(f"{name}.subscription", words)


def tasks_reach_a_public_registry(view: View) -> Iterator[Problem]:
    """Tasks run on agents of Microsoft, which a registry with a private endpoint does not admit.

    github.com/Azure/acr/issues/762 (the network rule bypass for tasks does not help either); dedicated agent pools are in
    preview and in few regions (azure-docs, articles/container-registry/tasks-agent-pools.md).
    """
    private = view.get("network.mode") != "public" and view.get("network.private_registry") is True
    if private and view.get("images.prefect_source") == "build":
        words = "tasks cannot reach a registry with a private endpoint; select import or push"
        yield Problem("images.prefect_source", words)


def an_imported_image_has_one_digest(view: View) -> Iterator[Problem]:
    """An image with a digest is that of its source; a built image gets its digest from the build."""
    for name in ("prefect", "web"):
        image, source = str(view.get(f"platform.{name}_image") or ""), view.get(f"images.{name}_source")
        digest = image.partition("@")[2]
        if source == "build" and digest:
            words = "a build decides the digest; give a tag, or select import or push on the page Images"
            yield Problem(f"platform.{name}_image", words)
        given = str(view.get(f"images.{name}_from") or "").partition("@")[2]
        if source == "import" and digest and given and digest != given:
            yield Problem(f"images.{name}_from", f"this is not the digest of {image}")
