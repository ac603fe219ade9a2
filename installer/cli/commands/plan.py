"""The commands plan and cost. They only read, and return exit codes."""

import json
import sys
from functools import partial
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from installer.cli.commands.output import is_terminal
from installer.cli.commands.run import load_answers, opened, rehearsal_options, say
from installer.cli.terminal_lines import show_lines
from installer.errors import CheckBlocked, DeploymentFailed, UsageError
from installer.invocation import command as typed

if TYPE_CHECKING:
    from installer.cost.compare import Comparison
    from installer.cost.model import Estimate
    from installer.planning.document import Section

Settings = dict[str, Any]


def plan(
    settings: Settings,
    answers: Path,
    out: Path | None,
    *,
    cost: bool,
    currency: str,
    other: Path | None,
    survey: Path | None = None,
    rehearsal: bool = False,
) -> int:
    """Print or save what a run would change; exit code 3 if something blocks.

    Args:
        settings: Global options.
        answers: The answers file.
        out: File to write; its suffix is the format.
        cost: Whether to ask the price list; out of reach, the plan has the reason in place of figures.
        currency: Currency of the cost.
        other: Answers file to compare the cost with.
        survey: Survey of a real subscription, for a rehearsal.
        rehearsal: Whether to plan against a new embedded Azure, without a sign-in.

    """
    from installer.answers.files import save
    from installer.cost.compare import compare
    from installer.cost.report import as_json
    from installer.planning.change_record import change_record
    from installer.planning.report import heading, rendered

    loaded = load_answers(answers)
    compared = load_answers(other) if other else None
    suffix = _suffix(out, settings)
    options = rehearsal_options(settings, loaded, survey=survey) if rehearsal else None
    with opened({"cloud": loaded.answers.subscription.cloud, **settings}, options) as session:
        found = session.plan(loaded.answers, say, draft=loaded.draft, checks=True)
        now = comparison = None
        if cost or compared:
            say("reading the price list")
            price = partial(session.cost, currency=currency)
            now = price(loaded.answers)
            if compared and other:
                comparison = compare((answers.name, loaded.draft), (other.name, compared.draft), price)
    record = list(change_record(found, loaded.answers)) if suffix in (".md", ".html") else []
    sections = cost_sections(now, comparison) if now else []
    text = rendered(found, suffix, [*record, *sections], {"cost": as_json(now, comparison)} if now else {})
    if out is None:
        if suffix == ".txt":
            show_lines(text)
        else:
            print(text, end="")
        if is_terminal(sys.stdout) and text.count("\n") > get_terminal_size().lines:
            print(f"\n{heading(found)}; all of it: {typed('plan')} {answers} -o FILE.html")
    else:
        save(out, text)
        print(f"{out}: written")
    if found.blocks:
        print("the plan is blocked: a run would send nothing, or fail", file=sys.stderr)
    return CheckBlocked.exit_code if found.blocks else 0


def _suffix(out: Path | None, settings: Settings) -> str:
    """The format: of a file by its suffix, of the terminal by the option for the output. Raises UsageError."""
    from installer.planning.report import FILES

    if out is None:
        return ".json" if settings.get("output") == "json" else ".txt"
    if out.suffix.lower() not in FILES:
        given = f"{out.suffix} is no format of a plan" if out.suffix else "the name has no suffix, which is the format"
        raise UsageError(
            f"-o {out}: {given}; accepted: FILE.json (binds, for apply --plan), FILE.md or FILE.html (for people)"
        )
    return out.suffix.lower()


def cost(settings: Settings, answers: Path, other: Path | None, currency: str) -> int:
    """Print the cost per month, also as the difference from other answers; exit code 4 without figures."""
    from installer.cloud.price_list import PUBLIC
    from installer.cost.compare import compare
    from installer.cost.report import as_json, missing_figures
    from installer.planning.document import as_text

    loaded = load_answers(answers)
    compared = load_answers(other) if other else None
    comparison = None
    with opened({"cloud": loaded.answers.subscription.cloud, **settings}) as session:
        price = partial(session.cost, currency=currency)
        now = price(loaded.answers)
        if compared and other:
            say("pricing the answers that differ")
            comparison = compare((answers.name, loaded.draft), (other.name, compared.draft), price)
    if settings.get("output") == "json":
        print(json.dumps(as_json(now, comparison), ensure_ascii=False))
    else:
        beside = f" compared with {other.name}" if other else ""
        print(as_text(f"Cost of {answers.name}{beside}", (), cost_sections(now, comparison)), end="")
    if why := missing_figures(now, comparison):
        print(f"no figures: {why}", file=sys.stderr)
        if now.unread:
            print(f"{PUBLIC} needs no sign-in: cost also works on another machine that reaches it", file=sys.stderr)
        return DeploymentFailed.exit_code
    return 0


def cost_sections(now: "Estimate", compared: "Comparison | None") -> "list[Section]":
    """An estimate as sections of a document."""
    from installer.cost.report import tables
    from installer.planning.document import Section

    return [Section(*table) for table in tables(now, compared)]
