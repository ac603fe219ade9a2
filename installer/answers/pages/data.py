"""How data is kept: the lake and the database."""

from typing import Annotated, Literal

from pydantic import Field

from installer.answers.ask import Ask, Page, View


def _grows(view: View) -> bool:
    return view.get("network.mode") != "public"


def _has_prod(view: View) -> bool:
    environments = view.get("subscription.environments")
    return isinstance(environments, list) and "prod" in environments and len(environments) > 1


class Data(Page):
    """How data is kept: databases, backups, how long what was deleted can be brought back."""

    postgres_version: Annotated[
        Literal["16", "17", "18"],
        Ask("PostgreSQL version", help="Major version of the server.", bicep="postgresVersion"),
    ] = "17"
    postgres_network: Annotated[
        Literal["endpoint", "injected"],
        Ask(
            "PostgreSQL network",
            help="Through a private endpoint, or from within a subnet of its own where endpoints are not allowed. "
            "It cannot be changed later.",
            options={"endpoint": "by private endpoint", "injected": "in a subnet of its own"},
            applies=_grows,
        ),
    ] = "endpoint"
    prod_server: Annotated[
        bool,
        Ask(
            "Server for prod",
            help="Production has a PostgreSQL server of its own, which no other environment can slow down.",
            applies=_has_prod,
        ),
    ] = False
    postgres_autogrow: Annotated[
        bool,
        Ask("Storage grows", help="PostgreSQL storage grows by itself when it fills.", bicep="postgresAutoGrow"),
    ] = True
    backup_days: Annotated[
        int,
        Field(ge=7, le=35),
        Ask(
            "Backups kept",
            help="Days to which a database can be brought back.",
            unit="days",
            bicep="postgresBackupDays",
        ),
    ] = 14
    geo_backup: Annotated[
        bool,
        Ask(
            "Backups elsewhere",
            help="PostgreSQL backups are copied to the paired region. It cannot be changed later.",
            bicep="postgresGeoBackup",
        ),
    ] = False
    soft_delete_days: Annotated[
        int,
        Field(ge=7, le=90),
        Ask(
            "Deleted blobs kept",
            help="Days in which deleted files, containers and secrets can be brought back.",
            unit="days",
            bicep="softDeleteDays",
        ),
    ] = 14
    cool_after_days: Annotated[
        int,
        Field(ge=0, le=3650),
        Ask(
            "Cool after",
            help="Days without a change after which files of landing and bronze move to the cheaper tier; 0: never.",
            unit="days",
            bicep="coolAfterDays",
        ),
    ] = 30
    landing_days: Annotated[
        int,
        Field(ge=0, le=3650),
        Ask(
            "Landing kept",
            help="Days after which files in landing are deleted; 0: never.",
            unit="days",
            bicep="landingDays",
        ),
    ] = 0
