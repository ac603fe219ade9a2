"""Stages of an installation, their order and parameters. Pure.

Each stage is a subscription-scope template. All values that can be computed are passed as parameters; only values assigned
by Azure, such as object IDs of identities, come from the outputs of completed stages.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from installer.answers.model import Answers
from installer.estate import keys
from installer.estate.parameters.context import Installation
from installer.estate.parameters.controlplane import control_plane, scaled_workers
from installer.estate.parameters.data import data, grown_storage
from installer.estate.parameters.foundation import foundation
from installer.estate.parameters.grants import grants
from installer.estate.parameters.ingress import ingress, shared_ingress
from installer.estate.parameters.integrations import integrations, kept_services, kept_topic_rules
from installer.estate.parameters.kept_access_rules import kept_foundation_rules, kept_lake_rules
from installer.estate.parameters.kept_by_others import kept_budgets, kept_networks, kept_settings, kept_slot_names
from installer.estate.parameters.kept_closed_access import kept_closed_api, kept_closed_servers, with_closed_access
from installer.estate.parameters.kept_connections import kept_connections
from installer.estate.parameters.kept_container_apps import kept_container_apps
from installer.estate.parameters.kept_firewall_rules import kept_firewall_rules
from installer.estate.parameters.kept_lake_settings import kept_lake_settings
from installer.estate.parameters.kept_sizes import kept_extensions, kept_tier
from installer.estate.parameters.kept_tags import kept_group_tags, kept_server_tags, with_tags
from installer.estate.parameters.monitor_access import has_private_link
from installer.estate.parameters.network import network
from installer.estate.parameters.observability import observability
from installer.estate.parameters.prefect_server import has_separate_services
from installer.estate.parameters.principals import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.private_link import private_link
from installer.estate.parameters.protection import backups, protection
from installer.estate.parameters.resource_ids import resource_id
from installer.estate.parameters.runtime import fixed_disks, nat_address, resized_cache, runtime, scaled_nodes
from installer.estate.parameters.stage_spec import Outputs, Reading, StageSpec, template
from installer.estate.parameters.vault_secrets import kept_secrets, secret_sources
from installer.jsontypes import Json

__all__ = ["PLACEHOLDER_OUTPUTS", "Outputs", "Reading", "StageSpec", "stages", "template"]

TEMPLATES = {keys.INTEGRATIONS: "integrations"}
"""Stages whose template has another name than their key."""


def stages(answers: Answers) -> tuple[StageSpec, ...]:
    """The deployments of an installation, each after those that it needs.

    Raises AddressError for an unsuitable address space.
    """
    it = Installation(answers)
    _ = it.addresses
    kept = tuple(_secrets(it, name) for name in it.environments)
    # A role at a secret is assigned once the secret exists.
    before_grants = (keys.FOUNDATION, keys.NETWORK, *(spec.key for spec in kept))
    # Roles at customer-managed keys, which the foundation assigns, have to be in effect.
    with_roles = (keys.GRANTS,) if it.answers.governance.customer_keys else ()
    before_data = (keys.FOUNDATION, keys.NETWORK, *with_roles)
    shared = (
        replace(
            _shared(it, keys.FOUNDATION, "Foundation", (), foundation),
            vaults=_vaults(it),
            kept=(
                *with_tags(it, (*with_closed_access(it, kept_foundation_rules(it)), *kept_tier(it))),
                *kept_group_tags(it),
            ),
        ),
        replace(
            _shared(it, keys.NETWORK, "Network", (keys.FOUNDATION,), network),
            kept=with_tags(it, (*kept_networks(it), *kept_connections(it))),
        ),
        *kept,
        _shared(it, keys.GRANTS, "Role assignments", before_grants, grants),
        replace(
            _shared(it, keys.DATA, "Data", before_data, data),
            readings=grown_storage(it),
            kept=(
                *with_tags(it, with_closed_access(it, kept_lake_rules(it))),
                *kept_lake_settings(it),
                *kept_extensions(it),
                *kept_closed_servers(it),
                *kept_server_tags(it),
            ),
        ),
    )
    runtimes = (_runtime(it, name) for name in it.environments)
    control_planes = (_control_plane(it, name) for name in it.environments)
    ingresses = tuple(_ingresses(it)) if it.has_ingress else ()
    last = tuple(keys.control_plane(name) for name in it.environments) + tuple(spec.key for spec in ingresses)
    linking = tuple(_private_links(it))
    before_watch = (keys.DATA, *last, *(spec.key for spec in linking))
    watch = _shared(it, keys.OBSERVABILITY, "Observability", before_watch, observability)
    watching = (replace(watch, kept=kept_budgets(it)),)
    protecting = (
        (replace(_shared(it, keys.PROTECTION, "Protection", (keys.DATA,), protection), backups=backups(it)),)
        if it.answers.monitoring.storage_backup
        else ()
    )
    services = (
        (
            replace(
                _shared(it, keys.INTEGRATIONS, "Integrations", (keys.NETWORK, keys.DATA), integrations),
                kept=(*with_closed_access(it, kept_topic_rules(it)), *kept_services(it)),
            ),
        )
        if it.answers.integrations.any_selected
        else ()
    )
    every = (*shared, *runtimes, *control_planes, *ingresses, *linking, *watching, *protecting, *services)
    # With public endpoints there is no network stage.
    left_out = {keys.NETWORK} if it.public else set[str]()
    return tuple(
        replace(spec, needs=tuple(need for need in spec.needs if need not in left_out))
        for spec in every
        if spec.key not in left_out
    )


def _shared(
    it: Installation,
    stage: str,
    title: str,
    needs: tuple[str, ...],
    values: Callable[[Installation, Outputs], dict[str, Json]],
) -> StageSpec:
    """A stage with one deployment for all environments."""
    return _spec(it, stage, title, needs, partial(values, it))


def _own(
    it: Installation,
    stage: str,
    environment: str,
    *,
    title: str,
    needs: tuple[str, ...],
    values: Callable[[Installation, Outputs, str], dict[str, Json]],
) -> StageSpec:
    """A stage with a deployment for each environment."""
    titled = f"{title} · {environment}"
    return _spec(it, stage, titled, needs, lambda outputs: values(it, outputs, environment), environment=environment)


def _spec(
    it: Installation,
    stage: str,
    title: str,
    needs: tuple[str, ...],
    values: Callable[[Outputs], dict[str, Json]],
    *,
    environment: str | None = None,
) -> StageSpec:
    return StageSpec(
        key=keys.of_environment(stage, environment) if environment else stage,
        stage=TEMPLATES.get(stage, stage),
        environment=environment,
        deployment_name=it.names.deployment(stage, environment),
        location=it.location,
        title=title,
        needs=needs,
        values=values,
    )


def _vaults(it: Installation) -> tuple[tuple[str, str], ...]:
    """Resource id and region of the key vault of each environment, and of the one of shared resources."""
    kind = "Microsoft.KeyVault/vaults"
    own = tuple(
        (resource_id(site.subscription, it.names.group(site.name), kind, it.names.key_vault(site.name)), site.location)
        for site in it.sites
    )
    if not it.answers.governance.customer_keys:
        return own
    shared = resource_id(it.subscription, it.names.platform_group, kind, it.names.platform_key_vault)
    return (*own, (shared, it.location))


def _runtime(it: Installation, name: str) -> StageSpec:
    # Container Apps jobs refer to secrets in the key vault, which must exist when the jobs are created.
    site = it.site(name)
    kept = () if site.on_kubernetes else (keys.secrets(name),)
    disks = (keys.DATA,) if it.encrypts_disks(site) else ()
    spec = _own(it, keys.RUNTIME, name, title="Runtime", needs=(keys.GRANTS, *kept, *disks), values=runtime)
    days = it.answers.data.secret_days if has_separate_services(it) else 0
    readings = scaled_nodes(it, name) | fixed_disks(it, site) | nat_address(it, name) | resized_cache(it, site)
    return replace(spec, readings=readings, secret_days=days, kept=kept_closed_api(it, site))


def _secrets(it: Installation, name: str) -> StageSpec:
    spec = _own(it, keys.SECRETS, name, title="Secrets", needs=(keys.FOUNDATION,), values=kept_secrets)
    spec = replace(spec, secret_days=it.answers.data.secret_days)
    return replace(spec, secrets=secret_sources(it, it.site(name)), into_vault=True)


def _control_plane(it: Installation, name: str) -> StageSpec:
    needs = (keys.GRANTS, keys.DATA, keys.runtime(name), keys.secrets(name))
    spec = _own(it, keys.CONTROL_PLANE, name, title="Control plane", needs=needs, values=control_plane)
    site = it.site(name)
    kept = (*kept_settings(it, site), *kept_slot_names(it, site), *kept_container_apps(it, site))
    return replace(spec, kept=kept, readings=scaled_workers(it, site))


def _private_links(it: Installation) -> Iterator[StageSpec]:
    """The private link of Azure Monitor, once everything that it leads to exists."""
    if has_private_link(it):
        needs = (keys.NETWORK, *(keys.control_plane(name) for name in it.environments))
        yield _shared(it, keys.PRIVATE_LINK, "Private link of Azure Monitor", needs, private_link)


def _ingresses(it: Installation) -> Iterator[StageSpec]:
    """The ingress of each environment, or the one of all."""
    if it.shares_ingress:
        needs = (keys.NETWORK, *(keys.control_plane(name) for name in it.environments))
        spec = _shared(it, keys.INGRESS, "Ingress", needs, shared_ingress)
        yield replace(spec, kept=kept_firewall_rules(it, it.environments[0]))
        return
    for name in it.environments:
        yield _ingress(it, name)


def _ingress(it: Installation, name: str) -> StageSpec:
    needs = (keys.NETWORK, keys.control_plane(name))
    spec = _own(it, keys.INGRESS, name, title="Ingress", needs=needs, values=ingress)
    return replace(spec, kept=kept_firewall_rules(it, name))
