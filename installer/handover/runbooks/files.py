"""The files of `report --runbooks`: each runbook as Markdown and HTML, and a list of them."""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from installer.answers.model import Answers
from installer.estate.parameters.context import Installation
from installer.handover import security
from installer.handover.own_directory import write
from installer.handover.report.page import page_of
from installer.handover.runbooks.model import Runbook
from installer.handover.runbooks.operation import operation
from installer.handover.runbooks.recovery import recovery
from installer.handover.runbooks.renewal import renewal
from installer.invocation import command as typed
from installer.sanitize import printable


def runbooks(answers: Answers, run: str) -> tuple[Runbook, ...]:
    """The runbooks of an installation; `run`: name of the run that has installed it."""
    it = Installation(answers)
    return (*operation(it), *renewal(it), *recovery(it, run))


def write_runbooks(answers: Answers, run: str, directory: Path) -> tuple[str, ...]:
    """Write the runbooks into a directory, without overwriting files of others; returns their names. Raises UsageError."""
    books = runbooks(answers, run)
    files = {"README.md": _index(answers, books, "md"), "index.html": page_of("Runbooks", _list(answers, books))}
    for one in books:
        files[f"{one.key}.md"] = as_markdown(one)
        files[f"{one.key}.html"] = page_of(one.title, "".join(as_html(one)))
    files[f"{security.NAME}.md"] = security.security_markdown(answers)
    files[f"{security.NAME}.html"] = page_of(security.TITLE, security.security_html(answers))
    write(directory, files)
    return tuple(sorted(files))


def as_markdown(book: Runbook) -> str:
    """A runbook as Markdown."""
    parts = [f"# {book.title}", book.use]
    for number, step in enumerate(book.steps, start=1):
        parts.append(f"{number}. {step.text}")
        if step.commands:
            parts.append("\n".join(["```bash", *step.commands, "```"]))
    return "\n\n".join(map(_lines, parts)) + "\n"


def _lines(text: str) -> str:
    return "\n".join(printable(line) for line in text.split("\n"))


def lead(answers: Answers) -> str:
    """The sentences before the list of runbooks."""
    return (
        f"Commands with the names of the installation {answers.subscription.prefix}, for the Azure CLI 2.86 or later in Bash. "
        f"The credential of Prefect is rotated, and Prefect and the images upgraded, by the installer only: {typed('rotate --help')}."
    )


def _index(answers: Answers, books: Sequence[Runbook], extension: str) -> str:
    rows = [f"- [{one.title}]({one.key}.{extension}): {one.use}" for one in books]
    also = f"[{security.TITLE}]({security.NAME}.{extension}): rights, secrets, ways in and out, controls, and what is not covered."
    return "\n\n".join(["# Runbooks", lead(answers), "\n".join(rows), also]) + "\n"


def _list(answers: Answers, books: Sequence[Runbook]) -> str:
    rows = (f'<li><a href="{one.key}.html">{escape(one.title)}</a>: {escape(one.use)}</li>' for one in books)
    also = f'<li><a href="{security.NAME}.html">{escape(security.TITLE)}</a></li>'
    return f"<p>{escape(lead(answers))}</p><ul>{''.join(rows)}{also}</ul>"


def as_html(book: Runbook) -> Iterator[str]:
    """A runbook as elements of HTML, without its title."""
    yield f"<p>{escape(book.use)}</p><ol>"
    for step in book.steps:
        commands = "\n".join(escape(printable(one)) for one in step.commands)
        yield f"<li>{escape(printable(step.text))}{f'<pre>{commands}</pre>' if commands else ''}</li>"
    yield "</ol>"
