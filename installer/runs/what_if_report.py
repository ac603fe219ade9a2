"""Renders a plan as text, Markdown, HTML or JSON; unchanged resources are only counted."""

from collections.abc import Iterator
from html import escape
from typing import Final

from installer.engine.lines import duration
from installer.runs.what_if import SIGNS, Change, Plan
from installer.sanitize import printable


def rendered(plan: Plan, suffix: str) -> str:
    """The plan in the format of a file suffix: .json, .md, .html or .txt."""
    if suffix == ".json":
        return plan.to_json() + "\n"
    if suffix == ".html":
        return _html(plan)
    return "\n".join(_markdown(plan) if suffix == ".md" else _text(plan)) + "\n"


def heading(plan: Plan) -> str:
    """The counts in one line."""
    parts = [f"{SIGNS[word]} {plan.counts.get(word, 0)} {words}" for word, words in _COUNTED if plan.counts.get(word)]
    return "   ".join(parts) or "nothing to do"


FIREWALL: Final = "The firewall must allow"

_COUNTED: Final = (
    ("create", "create"),
    ("change", "change"),
    ("same", "as is"),
    ("unknown", "not known in advance"),
    ("delete", "delete"),
)


def _changes_by_stage(plan: Plan) -> Iterator[tuple[str, list[Change]]]:
    """Stages with their changes; unchanged resources are left out."""
    stages = dict.fromkeys(change.stage for change in plan.changes)
    for stage in stages:
        changes = [change for change in plan.changes if change.stage == stage and change.change != "same"]
        if changes:
            yield stage, changes


def _sections(plan: Plan) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Sections about changed answers, those that Azure does not follow and what is left over; and settings of others."""
    if plan.blocked:
        yield "Azure does not make these changes; a run sends nothing", plan.blocked
    if plan.left_over:
        yield "No longer wanted", plan.left_over
    if plan.kept:
        yield "Set by others; a run keeps it", plan.kept


def _usual(plan: Plan) -> str:
    return f"usually {duration(plan.usual)} in Azure" if plan.usual else "almost no time"


def _text(plan: Plan) -> Iterator[str]:
    yield f"Plan for subscription {plan.subscription} ({plan.target}): {heading(plan)}; {_usual(plan)}"
    for stage, changes in _changes_by_stage(plan):
        yield f"\n{stage}"
        for change in changes:
            where = f" in {change.group}" if change.group else ""
            more = f" and {len(change.paths) - 6} more" if len(change.paths) > 6 else ""
            paths = f": {', '.join(change.paths[:6])}{more}" if change.paths else ""
            yield _line(f"  {SIGNS[change.change]} {change.name} ({change.type.rpartition('/')[2]}){where}{paths}")
    if plan.egress:
        yield f"\n{FIREWALL}"
        yield from (_line(f"  {found.target}:{found.port}  {found.why}") for found in plan.egress)
    for title, sentences in _sections(plan):
        yield f"\n{title}"
        yield from (_line(f"  {sentence}") for sentence in sentences)
    for sentence in plan.not_checked:
        yield _line(f"not checked: {sentence}")


def _markdown(plan: Plan) -> Iterator[str]:
    yield f"# Plan for subscription {plan.subscription}\n"
    yield f"{heading(plan)}; {_usual(plan)}\n"
    for stage, changes in _changes_by_stage(plan):
        yield f"## {stage}\n"
        yield "| | resource | type | group | changes |\n| --- | --- | --- | --- | --- |"
        for change in changes:
            cells = (change.name, change.type, change.group, ", ".join(change.paths))
            yield f"| {SIGNS[change.change]} | {' | '.join(map(_cell, cells))} |"
        yield ""
    if plan.egress:
        yield f"## {FIREWALL}\n\n| target | port | why |\n| --- | --- | --- |"
        for found in plan.egress:
            yield f"| {' | '.join(map(_cell, (found.target, str(found.port), found.why)))} |"
        yield ""
    for title, sentences in _sections(plan):
        yield f"## {title}\n"
        yield from (f"- {_cell(sentence)}" for sentence in sentences)
        yield ""
    for sentence in plan.not_checked:
        yield f"- not checked: {_cell(sentence)}"


def _line(text: str) -> str:
    """Text on one line, without control characters."""
    return printable(text)


def _cell(text: str) -> str:
    """Text escaped for a Markdown table cell."""
    return "".join(f"\\{character}" if character in "\\|`*_[]<>#" else character for character in _line(text))


def _html_text(text: str) -> str:
    """Text escaped for HTML, on one line."""
    return escape(_line(text))


def _html(plan: Plan) -> str:
    rows = "".join(
        f"<tr><td>{SIGNS[c.change]}</td><td>{_html_text(c.name)}</td><td>{_html_text(c.type)}</td><td>{_html_text(c.group)}</td>"
        f"<td>{_html_text(stage)}</td><td>{_html_text(', '.join(c.paths))}</td></tr>"
        for stage, changes in _changes_by_stage(plan)
        for c in changes
    )
    title = f"Plan for subscription {_html_text(plan.subscription)}"
    style = "body{font-family:sans-serif}td,th{padding:2px 10px;text-align:left}"
    unchecked = "".join(f"<p>not checked: {_html_text(sentence)}</p>" for sentence in plan.not_checked)
    targets = "".join(
        f"<tr><td>{_html_text(e.target)}</td><td>{e.port}</td><td>{_html_text(e.why)}</td></tr>" for e in plan.egress
    )
    sections = "".join(
        f"<h2>{title}</h2><ul>{''.join(f'<li>{_html_text(sentence)}</li>' for sentence in sentences)}</ul>"
        for title, sentences in _sections(plan)
    )
    firewall = f"<h2>{FIREWALL}</h2><table>{targets}</table>" if targets else ""
    head = "".join(f"<th>{name}</th>" for name in ("", "resource", "type", "group", "stage", "changes"))
    return (
        f"<!doctype html><meta charset=utf-8><title>{title}</title><style>{style}</style><h1>{title}</h1>"
        f"<p>{_html_text(heading(plan))}; {_usual(plan)}</p><table><tr>{head}</tr>{rows}</table>{firewall}{sections}{unchecked}\n"
    )
