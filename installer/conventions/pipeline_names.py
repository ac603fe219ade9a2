"""Names by which the identities of pipelines and their roles are found again: they have no tag of the installation."""

import re
from typing import Final

_IDENTITY: Final = "microsoft.managedidentity/userassignedidentities"
_OF_RUNNERS: Final = ("microsoft.devopsinfrastructure/pools", "microsoft.network/privatednszones")
"""Types of which the user, or Azure, gives the name."""


def pipelines_group(prefix: str) -> str:
    """Resource group of the identities. It has no tag of the installation: the identity that removes one is not removed with it."""
    return f"rg-{prefix}-pipelines"


def pipelines_identity(prefix: str, name: str) -> str:
    """Managed identity of an environment, or of the plan."""
    return f"id-{prefix}-{name}-pipelines"


def runners_name(prefix: str) -> str:
    """Name of everything of the runners inside a network."""
    return f"pipelines-{prefix}-runners"


def role_description(prefix: str) -> str:
    """Description of the role definitions."""
    return f"For the pipelines of the FlowForge installation {prefix}."


def sign_in_deployment(prefix: str) -> str:
    """Deployment that makes all of it."""
    return f"ff-{prefix}-sign-in"


def pipelines_deployment(prefix: str, scope: str = "") -> str:
    """Nested deployment of the identities, or of the role assignments at a scope."""
    return "-".join(["ff", prefix, "pipelines", *([scope] if scope else [])])


def is_of_pipelines(prefix: str, kind: str, name: str) -> bool:
    """Whether a resource in the group was made for the pipelines; `kind`: its type."""
    whose = pipelines_identity(re.escape(prefix), "[a-z]+")
    if kind.lower() == _IDENTITY:
        return re.fullmatch(whose, name, re.IGNORECASE) is not None
    return kind.lower() in _OF_RUNNERS or name.lower().rpartition("/")[2] == runners_name(prefix)


def is_deployment_of_pipelines(prefix: str, name: str) -> bool:
    """Whether a deployment at subscription scope has made it."""
    return name == sign_in_deployment(prefix) or name.startswith(pipelines_deployment(prefix, " ").rstrip())
