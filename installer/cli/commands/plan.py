"""The commands plan and cost. They only read, and return exit codes."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer.cli.commands.run import load_answers, opened, say
from installer.errors import CheckBlocked, UsageError

if TYPE_CHECKING:
    from installer.cost.model import Estimate
    from installer.planning.document import Section

Settings = dict[str, Any]


def plan(settings: Settings, answers: Path, out: Path | None, *, cost: bool, currency: str, other: Path | None) -> int:
    """Print or save what a run would change; exit code 3 if something blocks.

    Args:
        settings: Global options.
        answers: The answers file.
        out: File to write; its suffix is the format.
        cost: Whether to ask the price list; out of reach, the plan has the reason in place of figures.
        currency: Currency of the cost.
        other: Answers file to compare the cost with.

    """
    from installer.answers.files import save
    from installer.cost.report import as_json
    from installer.planning.change_record import change_record
    from installer.planning.report import rendered

    loaded = load_answers(answers)
    compared = load_answers(other) if other else None
    suffix = out.suffix.lower() if out else (".json" if settings.get("output") == "json" else ".txt")
    if suffix not in (".json", ".md", ".html", ".txt"):
        raise UsageError(f"-o {out}: write the plan as .json, .md or .html")
    with opened({"cloud": loaded.answers.subscription.cloud, **settings}) as session:
        found = session.plan(loaded.answers, say, draft=loaded.draft, checks=True)
        now = then = None
        if cost or compared:
            say("reading the price list")
            now = session.cost(loaded.answers, currency)
            then = session.cost(compared.answers, currency) if compared else None
    if suffix == ".json":
        priced = {"cost": as_json(now, then)} if now else {}
        text = found.to_json(priced) + "\n"
    else:
        record = list(change_record(found, loaded.answers)) if suffix in (".md", ".html") else []
        text = rendered(found, suffix, [*record, *(cost_sections(now, then) if now else [])])
    if out is None:
        print(text, end="")
    else:
        save(out, text)
        print(f"{out}: written")
    if found.blocks:
        print("the plan is blocked: a run would send nothing, or fail", file=sys.stderr)
    return CheckBlocked.exit_code if found.blocks else 0


def cost(settings: Settings, answers: Path, other: Path | None, currency: str) -> int:
    """Print the cost per month, also as the difference from other answers."""
    from installer.cost.report import as_json
    from installer.planning.document import as_text

    loaded = load_answers(answers)
    compared = load_answers(other) if other else None
    with opened({"cloud": loaded.answers.subscription.cloud, **settings}) as session:
        now = session.cost(loaded.answers, currency)
        then = session.cost(compared.answers, currency) if compared else None
    if settings.get("output") == "json":
        print(json.dumps(as_json(now, then), ensure_ascii=False))
    else:
        print(as_text(f"Cost of {answers.name}", (), cost_sections(now, then)), end="")
    return 0


def cost_sections(now: "Estimate", other: "Estimate | None") -> "list[Section]":
    """An estimate as sections of a document."""
    from installer.cost.report import tables
    from installer.planning.document import Section

    return [Section(*table) for table in tables(now, other)]
