"""A runbook: a title, when it is needed, and steps with their commands."""

from collections.abc import Iterator
from dataclasses import dataclass

from installer.estate.parameters.context import Installation, Site
from installer.resource_id import group_of, name_of, subscription_of


@dataclass(frozen=True)
class Instruction:
    """One step.

    Attributes:
        text: The step in words.
        commands: Command lines in Bash, in order.

    """

    text: str
    commands: tuple[str, ...] = ()


@dataclass(frozen=True)
class Runbook:
    """A runbook.

    Attributes:
        key: Name of its files, without extension.
        use: When it is needed, and what it does not do.
        steps: Its steps, in order.

    """

    key: str
    title: str
    use: str
    steps: tuple[Instruction, ...]

    @property
    def commands(self) -> Iterator[str]:
        """All command lines."""
        return (command for step in self.steps for command in step.commands)


def at(resource_id: str, *, name: str = "--name") -> str:
    """Options of the Azure CLI that name a resource."""
    return f"{in_group(resource_id)} {name} {name_of(resource_id)}"


def in_group(resource_id: str) -> str:
    """Options of the Azure CLI that name the resource group of a resource."""
    return f"--subscription {subscription_of(resource_id)} --resource-group {group_of(resource_id)}"


def in_environment(it: Installation, site: Site) -> str:
    """Options of the Azure CLI that name the resource group of an environment."""
    return f"--subscription {site.subscription} --resource-group {it.names.group(site.name)}"
