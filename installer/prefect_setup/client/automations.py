"""Automations: compared field by field with the desired state, created or updated; operators pause and resume them."""

from collections.abc import Mapping

from prefect.client.orchestration import PrefectClient
from prefect.events.schemas.automations import AutomationCore

from installer.prefect_setup.client.output import Reporter
from installer.prefect_setup.model import Automation


async def settle_automation(client: PrefectClient, automation: Automation, reporter: Reporter) -> None:
    """Create or update an automation; its enabled state belongs to operators and is not changed."""
    wanted = AutomationCore.model_validate(
        {
            "name": automation.name,
            "description": automation.description,
            "enabled": True,
            "trigger": dict(automation.trigger),
            "actions": [dict(action) for action in automation.actions],
        }
    )
    found = await client.read_automations_by_name(automation.name)
    if not found:
        await client.create_automation(wanted)
        reporter.created("automation", automation.name)
        return
    own, compared = found[0], ("description", "trigger", "actions")
    fields = [name for name in compared if _plain(own, name) != _plain(wanted, name)]
    if fields:
        await client.update_automation(own.id, wanted.model_copy(update={"enabled": own.enabled}))
        reporter.updated("automation", automation.name, fields)
    else:
        reporter.unchanged("automation", automation.name)


def _plain(automation: AutomationCore, name: str) -> object:
    """A field as JSON, without the ids that the server gives to triggers; sets in order."""
    value = automation.model_dump(mode="json", include={name})[name]
    if isinstance(value, Mapping):
        return {key: sorted(item) if isinstance(item, list) else item for key, item in value.items() if key != "id"}
    return value
