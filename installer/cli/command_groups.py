"""The root command, whose help lists the commands in groups, in the order in which one needs them."""

from collections.abc import Mapping
from typing import Final

import click

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "Install": ("rehearse", "apply", "resume", "attach"),
    "Before an installation": ("validate", "check", "plan", "cost", "picture", "roles"),
    "Operate": (
        "status",
        "doctor",
        "flows",
        "scale",
        "environment",
        "promote",
        "upgrade",
        "rotate",
        "migrate",
        "backup",
        "restore",
        "report",
        "uninstall",
        "fleet",
        "runs",
    ),
    "Answers": ("schema", "export", "pipelines"),
    "Help": ("explain", "support-bundle", "replay", "kit", "completion"),
}


class GroupedCommands(click.Group):
    """A group of commands whose help has a list for each of GROUPS."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's
        """Write the lists; names are aligned over all of them."""
        width = max(len(name) for name in self.commands)
        for title, names in GROUPS.items():
            room = formatter.width - 6 - width
            rows = [(name.ljust(width), self.commands[name].get_short_help_str(room)) for name in names]
            with formatter.section(title):
                formatter.write_dl(rows)
