"""A custom role of exactly the actions that the deployer needs, as `az role definition create` reads it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.estate.parameters.context import Installation
from installer.preflight.rights.needs import needs_of
from installer.resource_id import subscription_of

if TYPE_CHECKING:
    from installer.answers.model import Answers
    from installer.jsontypes import Json


def custom_role(answers: Answers) -> dict[str, Json]:
    """The role; it can be assigned in every subscription in which the installation works."""
    needs = needs_of(answers)
    prefix = Installation(answers).names.prefix
    actions: dict[str, str] = {}
    for need in needs:
        actions.setdefault(need.action.lower(), need.action)
    scopes = dict.fromkeys(f"/subscriptions/{subscription_of(need.scope)}" for need in needs)
    return {
        "Name": f"FlowForge deployer of {prefix}",
        "IsCustom": True,
        "Description": f"Installs and updates the FlowForge installation {prefix}.",
        "Actions": [actions[key] for key in sorted(actions)],
        "NotActions": [],
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": [*scopes],
    }
