"""The installation plan: the steps for a set of answers, and their dependencies."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from installer.answers.draft import flatten
from installer.answers.model import Answers
from installer.cloud.arm import Arm
from installer.cloud.graph import Graph
from installer.cloud.rest import Service
from installer.cloud.target import Target
from installer.engine.step import Step
from installer.estate import keys
from installer.estate.parameters import StageSpec
from installer.estate.parameters.context import Installation
from installer.estate.parameters.resource_ids import zone_subscription
from installer.estate.resources import Stage, estate, namespaces, titles
from installer.secret_store import Secrets
from installer.steps.app_registration import EnsureAppRegistration
from installer.steps.app_registration_check import CheckAppRegistration
from installer.steps.approved_plan import NO_PLAN, ApprovedPlan
from installer.steps.apps_zone import NameAppsZone, needs_apps_zone
from installer.steps.deployment import DeployStage
from installer.steps.dns_records import EnsureDnsRecords
from installer.steps.endpoint_records import PRIVATE_ENDPOINTS, WaitForEndpointRecords
from installer.steps.former_roles import RemoveFormerRoles
from installer.steps.former_services import RemoveFormerServices, removes_former_services
from installer.steps.image_steps import image_steps, images_of
from installer.steps.kept_flow_image import ReadFlowImage
from installer.steps.private_link_approvals import ApprovePrivateEndpoints, connections_to_approve
from installer.steps.rbac_propagation import WaitForRbacPropagation
from installer.steps.resource_providers import RegisterProviders
from installer.steps.retry_conditions import StepScope
from installer.steps.secret_fingerprints import MADE
from installer.steps.workloads import workload_steps


def installation(
    answers: Answers, arm: Arm, *, secrets: Secrets, run: str, plan: ApprovedPlan = NO_PLAN
) -> tuple[Step, ...]:
    """The steps of an installation, each after those that it depends on; the checks (keys.PREFLIGHT) come before them."""
    found = estate(answers)
    it = Installation(answers)
    flat, installation = flatten(answers), answers.subscription.prefix
    service = Service.of_arm(arm.target)
    regions = tuple(dict.fromkeys((it.location, *(site.location for site in it.sites))))
    scope = StepScope(service, _subscriptions(answers), regions, ())
    providers = provider_step(answers, arm)
    registering = replace(scope, created=tuple((namespace, "") for namespace in providers.namespaces))
    providers = replace(providers, scope=registering)
    first = (providers.key,)
    waits = tuple(_records(service, found)) if it.answers.network.dns == "policy" else ()
    ready = {wait.stage: wait.key for wait in waits}
    stages = [
        DeployStage(
            arm=arm,
            spec=stage.spec,
            secrets=secrets,
            references=references_of(stage.spec, flat, installation),
            installation=installation,
            duration=stage.duration,
            needs=tuple(ready.get(need, need) for need in _after(it, stage.spec)) or first,
            scope=replace(scope, created=tuple((one.type, one.name) for one in stage.resources)),
            titles=partial(titles, answers, stage.spec),
            plan=plan,
        )
        for stage in found
    ]
    grants = next(stage.spec for stage in stages if stage.spec.stage == keys.GRANTS)
    return (
        providers,
        *stages,
        *waits,
        *image_steps(it, arm, secrets, ready),
        *(ReadFlowImage(service, it, site) for site in it.sites if not site.on_kubernetes),
        WaitForRbacPropagation(arm, grants.deployment_name, needs=(grants.key,)),
        RemoveFormerRoles(service, it, (WaitForRbacPropagation.key,)),
        *_registrations(it, arm.target),
        *(RemoveFormerServices(service, it, site) for site in it.sites if removes_former_services(it, site)),
        *workload_steps(it, service, {stage.key for stage in stages}, run, ready),
        *_approvals(it, service, {stage.key for stage in stages}),
        *name_steps(it, service),
        *(NameAppsZone(it, name, arm.target) for name in it.environments if needs_apps_zone(it, name)),
    )


def provider_step(answers: Answers, arm: Arm) -> RegisterProviders:
    """The registration of the resource providers of all resources."""
    return RegisterProviders(
        arm, namespaces(estate(answers)), _subscriptions(answers), _elsewhere(Installation(answers))
    )


def _records(service: Service, found: tuple[Stage, ...]) -> Iterator[WaitForEndpointRecords]:
    """A wait for DNS records after each stage with private endpoints."""
    for stage in found:
        if ids := tuple(one.id for one in stage.resources if one.type.lower() == PRIVATE_ENDPOINTS):
            yield WaitForEndpointRecords(service, stage.spec.key, stage.spec.title, ids)


def name_steps(it: Installation, arm: Service) -> Iterator[EnsureDnsRecords]:
    """DNS records of the public host names, if the installation has an ingress."""
    for environment in it.environments if it.has_ingress else ():
        yield EnsureDnsRecords(arm, it, environment, (_ingress(it, environment),))


def _ingress(it: Installation, environment: str) -> str:
    """Key of the stage of the ingress of an environment."""
    return keys.INGRESS if it.shares_ingress else keys.ingress(environment)


def _approvals(it: Installation, arm: Service, stages: set[str]) -> Iterator[ApprovePrivateEndpoints]:
    """Approvals of private endpoint connections, once the requesting services are deployed."""
    for environment in it.environments:
        if wanted := connections_to_approve(it, environment):
            asking = {_ingress(it, environment), keys.INTEGRATIONS} & stages
            yield ApprovePrivateEndpoints(arm, environment, wanted, tuple(sorted(asking)))


def _subscriptions(answers: Answers) -> tuple[str, ...]:
    """All subscriptions of the installation, the shared one first."""
    it = Installation(answers)
    return tuple(dict.fromkeys((it.subscription, *(site.subscription for site in it.sites))))


def _elsewhere(it: Installation) -> tuple[tuple[str, str], ...]:
    """Resource providers in the subscription of existing DNS zones, with its ID.

    Source: azure-databases-docs, articles/postgresql/network/concepts-networking-private.md ("Important").
    """
    zones = zone_subscription(it)
    own = {one.lower() for one in _subscriptions(it.answers)}
    return (("Microsoft.DBforPostgreSQL", zones),) if zones and zones.lower() not in own else ()


def _after(it: Installation, spec: StageSpec) -> tuple[str, ...]:
    """Dependencies of a stage.

    Stages that need role assignments wait until these have taken effect, and those that deploy images for the images. The
    control plane also waits for the tables of FlowForge, for its app registration, if one is created, and for the database
    role and the tables of Prefect on Container Apps.
    """
    needs = tuple(WaitForRbacPropagation.key if need == keys.GRANTS else need for need in spec.needs)
    needs = (*needs, *images_of(it, spec))
    if spec.stage != keys.CONTROL_PLANE or spec.environment is None:
        return needs
    own = spec.environment
    # The new version of the web app finds the tables that it expects.
    migrated = (keys.migrate(own),)
    registered = (keys.app_registration(own),) if it.registers else ()
    on_cloud = it.answers.platform.prefect == "cloud"
    database = () if it.site(own).on_kubernetes else (keys.bootstrap(own) if on_cloud else keys.prefect_tables(own),)
    return (*needs, *migrated, *registered, *database)


def _registrations(it: Installation, target: Target) -> Iterator[Step]:
    """The app registration of each environment, created or checked; none if sign-on is set up later."""
    if it.answers.sign_on.method == "later":
        return
    graph = Graph(Service.of_graph(target))
    on_apps = it.answers.platform.control_plane == "container_app"
    for environment in it.environments:
        needs = (keys.FOUNDATION, *((keys.runtime(environment),) if on_apps else ()))
        if it.registers:
            yield EnsureAppRegistration(graph, it, environment, needs, target.speed)
        else:
            yield CheckAppRegistration(graph, it, environment, needs)


def references_of(spec: StageSpec, flat: Mapping[str, object], installation: str) -> dict[str, str]:
    """References to the secrets of a stage by name."""
    return {name: reference_of(key, flat, installation) for name, key in spec.secrets.items()}


def reference_of(key: str, flat: Mapping[str, object], installation: str) -> str:
    """Reference to a secret: that of the answer, or one named after the installation for a made secret."""
    if key.startswith(MADE):
        kind, _, rest = key.partition(":")
        return f"{kind}:{installation}/{rest}"
    return str(flat[key])
