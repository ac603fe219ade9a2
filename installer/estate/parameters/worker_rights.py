"""Rights of the worker that Azure Resource Manager cannot grant: the commands for those who can.

Users of managed identities in Azure SQL are created by an Entra administrator who is signed in to the database:
learn.microsoft.com/azure/azure-sql/database/authentication-aad-configure.
"""

from collections.abc import Iterator
from typing import Final

from installer.estate.parameters.context import Installation, Site
from installer.estate.parameters.integrations import workspace_rights

_SQL_ROLES: Final = {"read": ("db_datareader",), "write": ("db_datareader", "db_datawriter")}


def worker_rights(it: Installation) -> Iterator[str]:
    """Remaining work, in one line for each workspace and database."""
    for site in it.sites:
        yield from workspace_rights(it, site)
        yield from _databases(it, site)


def _databases(it: Installation, site: Site) -> Iterator[str]:
    asked, user = it.answers.integrations, it.names.identity(site.name, "worker")
    for entry in asked.sql_databases:
        environment, _, where = entry.partition("=")
        if environment != site.name:
            continue
        parts = where.split("/")
        server, database = parts[-3], parts[-1]
        roles = " ".join(f"ALTER ROLE {role} ADD MEMBER [{user}];" for role in _SQL_ROLES[asked.sql_worker])
        yield (
            f"Azure SQL of {site.name}: an Entra administrator of {server} runs in the database {database}: "
            f"CREATE USER [{user}] FROM EXTERNAL PROVIDER; {roles}"
        )
