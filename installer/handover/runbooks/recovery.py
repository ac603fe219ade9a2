"""Runbooks for data and emergencies: back up, restore the database, check drift, emergency access, remove."""

from collections.abc import Iterator
from typing import Final

from installer.conventions.naming import INSTALLATION_TAG
from installer.estate.parameters import stages
from installer.estate.parameters.context import Installation
from installer.estate.parameters.data import customer_key, server_ids
from installer.estate.parameters.protection import backups
from installer.estate.parameters.resource_ids import endpoints
from installer.handover.runbooks.model import Instruction, Runbook, at, in_environment
from installer.invocation import command as typed
from installer.json_access import as_list, as_object, as_text
from installer.resource_id import name_of

_BACKUP_VERSION: Final = "2025-07-01"
_RULE: Final = "BackupDaily"
_TIME: Final = "2026-12-01T14:30:00Z"


def recovery(it: Installation, run: str) -> Iterator[Runbook]:
    """The runbooks; `run`: name of the run that has installed it."""
    yield Runbook(
        "back-up",
        "Back up now",
        "Before a risky change, beside the automatic backups. Azure takes no backup on demand of servers in the tier Burstable.",
        tuple(_back_up(it)),
    )
    yield Runbook(
        "restore-database",
        "Restore the database",
        "After data was lost or damaged: a new server as of a point in time. The running server is not changed; data is taken "
        "over with pg_dump and pg_restore.",
        tuple(_restore(it)),
    )
    yield Runbook(
        "check-drift",
        "Check drift",
        "To see what others have changed since the deployment. It changes nothing.",
        tuple(_drift(it, run)),
    )
    yield Runbook(
        "emergency-access",
        "Emergency access",
        "When the usual access does not work. Every step is in the activity log; give the rights back afterwards.",
        tuple(_emergency(it)),
    )
    yield Runbook(
        "remove",
        "Remove",
        "To end the installation. All data is lost. Soft-deleted key vaults and backups stay for their retention; role assignments "
        f"and app registrations outside the groups are not found this way: {typed('uninstall')} lists and removes them.",
        tuple(_remove(it)),
    )


def _servers(it: Installation) -> Iterator[tuple[str, str]]:
    """Servers that are used, with their environments in words."""
    for one in server_ids(it):
        if users := ", ".join(site.name for site in it.sites if it.postgres(site) == name_of(one)):
            yield one, users


def _back_up(it: Installation) -> Iterator[Instruction]:
    for one, users in _servers(it):
        where = at(one, name="--server-name")
        yield Instruction(
            f"The database server of {users}; the list shows the backup once it is complete",
            (
                f"az postgres flexible-server backup create {where} --name before-change",
                f"az postgres flexible-server backup list {where} --output table",
            ),
        )
    if it.answers.monitoring.storage_backup:
        for vault, lake in backups(it):
            instance = f"{vault}/backupInstances/{name_of(lake)}"
            body = f'{{"backupRuleOptions": {{"ruleName": "{_RULE}", "triggerOption": {{}}}}}}'
            yield Instruction(
                f"The data lake {name_of(lake)}; the second command lists its recovery points",
                (
                    f"az rest --method post --uri \"{instance}/backup?api-version={_BACKUP_VERSION}\" --body '{body}'",
                    f'az rest --method get --uri "{instance}/recoveryPoints?api-version={_BACKUP_VERSION}"',
                ),
            )


def _restore(it: Installation) -> Iterator[Instruction]:
    for one, users in _servers(it):
        new = f"{one[: -len(name_of(one))]}{name_of(one)[:54]}-restored"
        yield Instruction(
            f"{users}: earliest restore point",
            (f"az postgres flexible-server show {at(one)} --query backup.earliestRestoreDate --output tsv",),
        )
        yield Instruction(
            f"{users}: the new server, as of {_TIME}; write the time that is needed, in UTC",
            (
                f"az postgres flexible-server restore {at(new)} --source-server {one} --restore-time {_TIME}{_key(it, one)}",
            ),
        )
        yield from _settings(it, one, new, users)
        yield Instruction(
            f"{users}: delete the new server when it is no longer needed",
            (f"az postgres flexible-server delete {at(new)} --yes",),
        )


def _key(it: Installation, server: str) -> str:
    """Options for the customer-managed key of a server, "" without one."""
    if not it.answers.governance.customer_keys:
        return ""
    own = next((site for site in it.sites if site.own_server and it.postgres(site) == name_of(server)), None)
    found = as_object(customer_key(it, own).get("customerKey"))
    key = f"{as_text(found['vaultUri'])}keys/{as_text(found['keyName'])}"
    return f" --identity {as_text(found['identityId'])} --key {key}"


def _settings(it: Installation, running: str, new: str, users: str) -> Iterator[Instruction]:
    """Settings that a restore does not take over."""
    yield Instruction(
        f"{users}: the extension that Prefect needs; a restore does not take over server parameters",
        (
            f"az postgres flexible-server parameter set {at(new, name='--server-name')} --name azure.extensions --value PG_TRGM",
        ),
    )
    yield Instruction(
        f"{users}: the administrators of the running server; the second command for each, with its objectId, principalName and "
        "principalType",
        (
            f"az postgres flexible-server microsoft-entra-admin list {at(running, name='--server-name')}",
            (
                f"az postgres flexible-server microsoft-entra-admin create {at(new, name='--server-name')} "
                "--object-id OBJECT_ID --display-name PRINCIPAL_NAME --type PRINCIPAL_TYPE"
            ),
        ),
    )
    home = "hub" if name_of(running) == it.names.postgres else "prod"
    if it.answers.data.postgres_network != "endpoint":
        return
    for found in endpoints(it, home, new, "postgresqlServer", it.names.answers_at.zone("postgres")):
        one = as_object(found)
        name = as_text(one["name"])
        where = f"--subscription {as_text(one['subscriptionId'])} --resource-group {as_text(one['resourceGroupName'])}"
        commands = [
            (
                f"az network private-endpoint create {where} --name {name} --location {as_text(one['location'])} "
                f"--subnet {as_text(one['subnetId'])} --private-connection-resource-id {new} --group-id postgresqlServer "
                f"--connection-name {name}"
            )
        ]
        commands += [
            f"az network private-endpoint dns-zone-group create {where} --endpoint-name {name} --name default "
            f"--private-dns-zone {as_text(zone)} --zone-name postgresqlServer"
            for zone in as_list(one.get("zoneIds"))
        ]
        yield Instruction(f"{users}: its private endpoint", tuple(commands))


def _drift(it: Installation, run: str) -> Iterator[Instruction]:
    yield Instruction(
        "The parameter files of this installation, once; README.md beside them has the environment variables that they read",
        (typed(f"export {run} --parameters parameters"),),
    )
    commands = [
        f"az deployment sub what-if --subscription {it.subscription} --location {spec.location} --name {spec.deployment_name} "
        f"--parameters parameters/{number:02d}-{spec.stage}{f'-{spec.environment}' if spec.environment else ''}.bicepparam"
        for number, spec in enumerate(stages(it.answers), start=1)
    ]
    yield Instruction(
        "Each deployment: lines with ~ differ from the templates, lines with + were deleted by others", tuple(commands)
    )


def _emergency(it: Installation) -> Iterator[Instruction]:
    role = "Azure Kubernetes Service RBAC Cluster Admin"
    for site in it.sites:
        if not site.on_kubernetes:
            continue
        where, cluster = in_environment(it, site), it.names.kubernetes(site.name)
        group = f"/subscriptions/{site.subscription}/resourceGroups/{it.names.group(site.name)}"
        scope = f"{group}/providers/Microsoft.ContainerService/managedClusters/{cluster}"
        yield Instruction(
            f"{site.name}: rights in the cluster; USER is the object ID of the user",
            (
                f'az role assignment create --assignee-object-id USER --assignee-principal-type User --role "{role}" --scope {scope}',
            ),
        )
        yield Instruction(
            f"{site.name}: commands in the private cluster, without a way into the network",
            (
                f'az aks command invoke {where} --name {cluster} --command "kubectl get pods --namespace {it.names.namespace(site.name)}"',
            ),
        )
        yield Instruction(
            f"{site.name}: give the rights back",
            (f'az role assignment delete --assignee USER --role "{role}" --scope {scope}',),
        )
    for one, users in _servers(it):
        yield Instruction(
            f"The database server of {users}: its administrators, who sign in with a token as password",
            (
                f"az postgres flexible-server microsoft-entra-admin list {at(one, name='--server-name')} --output table",
                "az account get-access-token --resource-type oss-rdbms --query accessToken --output tsv",
            ),
        )


def _remove(it: Installation) -> Iterator[Instruction]:
    subscriptions = list(dict.fromkeys((it.subscription, *(site.subscription for site in it.sites))))
    yield Instruction(
        "The resource groups of the installation",
        tuple(
            f"az group list --subscription {one} --tag {INSTALLATION_TAG}={it.names.prefix} --output table"
            for one in subscriptions
        ),
    )
    yield Instruction(
        "Locks prevent deletion: delete those of the installation",
        tuple(f"az lock list --subscription {one} --output table" for one in subscriptions),
    )
    groups = [(site.subscription, it.names.group(site.name)) for site in it.sites]
    yield Instruction(
        "The groups of the environments, then the shared one",
        tuple(
            f"az group delete --subscription {subscription} --name {group} --yes"
            for subscription, group in (*groups, (it.subscription, it.names.platform_group))
        ),
    )
