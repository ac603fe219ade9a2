"""Options that several commands share: the global ones, answers given in advance, and those of the operations."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from installer.cost.currency import CURRENCIES, CURRENCY_VARIABLE, DEFAULT_CURRENCY
from installer.errors import UsageError
from installer.invocation import called_with

_GLOBAL: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "--cloud",
        {"metavar": "NAME|URL", "help": "Azure cloud (public, usgov, china) or its Resource Manager endpoint."},
    ),
    ("--state-dir", {"metavar": "DIR", "help": "Directory for runs and answers on this machine."}),
    ("--output", {"type": click.Choice(["text", "json"]), "help": "Output format: text or JSON lines."}),
    ("--events", {"metavar": "FILE", "help": "Also write every event to FILE as JSON lines."}),
    (
        "--plain",
        {
            "is_flag": True,
            "default": None,
            "help": "Plain lines instead of a full screen: for pipes and screen readers.",
        },
    ),
    ("--no-color", {"is_flag": True, "default": None, "help": "Disable colors."}),
    ("--verbose", {"is_flag": True, "default": None, "help": "Show every event of every resource."}),
)


def global_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The global options, accepted before and after the name of a command."""

    @functools.wraps(command)
    def with_settings(*args: Any, **given: Any) -> Any:
        context = click.get_current_context()
        settings = context.ensure_object(dict)
        for flag, _ in _GLOBAL:
            name = flag.removeprefix("--").replace("-", "_")
            value = given.pop(name)
            typed = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
            if value is not None and (typed or name not in settings):
                settings[name] = value
                if typed and name == "state_dir":
                    settings["typed_state_dir"] = str(value)
        called_with(settings.get("typed_state_dir"))
        return command(*args, **given)

    wrapped: Callable[..., Any] = with_settings
    for flag, details in reversed(_GLOBAL):
        variable = "FLOWFORGE_" + flag.removeprefix("--").replace("-", "_").upper()
        wrapped = click.option(flag, envvar=variable, **details)(wrapped)
    return wrapped


def replies_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the option that answers the questions of an unattended run."""

    @functools.wraps(command)
    def with_replies(*args: Any, replies: tuple[str, ...], **given: Any) -> Any:
        click.get_current_context().ensure_object(dict)["replies"] = replies
        return command(*args, **given)

    return click.option(
        "--answer",
        "replies",
        multiple=True,
        envvar="FLOWFORGE_ANSWER",
        metavar="KEY=VALUE",
        help="Answer a question of the run in advance; a run that waits for an answer shows its key.",
    )(with_replies)


def _currency(context: click.Context, _parameter: click.Parameter, code: str) -> str:
    """The code in capitals, if the price list has the currency."""
    if code.upper() not in CURRENCIES:
        from_variable = context.get_parameter_source("currency") is ParameterSource.ENVIRONMENT
        given = f"{CURRENCY_VARIABLE}={code}" if from_variable else f"--currency {code}"
        raise UsageError(f"{given}: the price list has no such currency; it has {', '.join(CURRENCIES)}")
    return code.upper()


currency_option = click.option(
    "--currency",
    default=DEFAULT_CURRENCY,
    show_default=True,
    envvar=CURRENCY_VARIABLE,
    metavar="CODE",
    callback=_currency,
    help="Currency of the price list; other ones than USD are for reference.",
)

run_option = click.option("--run", "name", metavar="RUN", help="Run of the installation; by default the newest one.")
yes_option = click.option("--yes", is_flag=True, help="Carry out the plan without asking.")
wait_option = click.option(
    "--wait", type=click.FloatRange(1, 86_400), default=1800.0, metavar="N", help="Seconds to wait for flow runs."
)
recorded_answers_option = click.option(
    "--answers",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    metavar="FILE",
    help="Answers file that names the installation instead; its answers are those recorded in Azure.",
)
