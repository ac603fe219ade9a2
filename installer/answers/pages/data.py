"""Page Data: PostgreSQL server, backups, retention and lifecycle of the data lake."""

from typing import Annotated, Literal

from pydantic import Field

from installer.answers.ask import Ask, Page, View


def _private(view: View) -> bool:
    return view.get("network.mode") != "public"


def _has_prod(view: View) -> bool:
    environments = view.get("subscription.environments")
    return isinstance(environments, list) and "prod" in environments and len(environments) > 1


class Data(Page):
    """PostgreSQL, backups, soft delete and the lifecycle of files in the data lake."""

    postgres_version: Annotated[
        Literal["16", "17", "18"],
        Ask(
            "PostgreSQL version",
            help="Major version of Azure Database for PostgreSQL flexible server.",
            bicep="postgresVersion",
        ),
    ] = "17"
    postgres_network: Annotated[
        Literal["endpoint", "injected"],
        Ask(
            "PostgreSQL access",
            help="Connectivity method: a private endpoint, or VNet integration in a delegated subnet. "
            "It cannot be changed after creation.",
            options={"endpoint": "private endpoint", "injected": "VNet integration (delegated subnet)"},
            applies=_private,
        ),
    ] = "endpoint"
    prod_server: Annotated[
        bool,
        Ask(
            "Dedicated server",
            help="Production gets a dedicated PostgreSQL server, isolated from load and administrators of the other "
            "environments. A run moves no databases to another server.",
            applies=_has_prod,
        ),
    ] = True
    postgres_autogrow: Annotated[
        bool,
        Ask(
            "Storage autogrow",
            help="Increase the PostgreSQL storage automatically when it fills up.",
            bicep="postgresAutoGrow",
        ),
    ] = True
    backup_days: Annotated[
        int,
        Field(ge=7, le=35),
        Ask(
            "Backup retention",
            help="How far back a database can be restored to a point in time.",
            unit="days",
            bicep="postgresBackupDays",
        ),
    ] = 14
    geo_backup: Annotated[
        bool,
        Ask(
            "Geo-redundancy",
            help="Copy PostgreSQL backups to the paired region. It cannot be changed after creation.",
            bicep="postgresGeoBackup",
        ),
    ] = False
    soft_delete_days: Annotated[
        int,
        Field(ge=7, le=90),
        Ask(
            "Soft delete",
            help="How long deleted files, containers and secrets can be restored.",
            unit="days",
            bicep="softDeleteDays",
        ),
    ] = 14
    cool_after_days: Annotated[
        int,
        Field(ge=0, le=3650),
        Ask(
            "Move to cool tier",
            help="Days after last modification before files in landing and bronze move to the cool tier; 0 = never.",
            unit="days",
            bicep="coolAfterDays",
        ),
    ] = 30
    landing_days: Annotated[
        int,
        Field(ge=0, le=3650),
        Ask(
            "Delete from landing",
            help="Days after which files in landing are deleted; 0 = never.",
            unit="days",
            bicep="landingDays",
        ),
    ] = 0
    secret_days: Annotated[
        int,
        Field(ge=0, le=3650),
        Ask(
            "Secret expiry",
            help="Days after which secrets in the key vaults expire; 0 = never. A run writes them again when two thirds of "
            "the time are over, so run the installer regularly.",
            unit="days",
        ),
    ] = 0
