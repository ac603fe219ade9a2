"""Keys for the object under the cursor: copy its ID, open its page in the portal."""

from typing import TYPE_CHECKING, Final

from installer.conventions.portal import portal_page
from screens.base.links import open_address
from screens.run.row_lines import Line

if TYPE_CHECKING:
    from installer.answers.pages.subscription import Subscription
    from installer.runs.facts import RunFacts
    from screens.base.terminal_app import TerminalApp

_START: Final = "/subscriptions/"


def id_of(line: Line, facts: "RunFacts | None") -> str:
    """ID of a resource, or of the deployment of a step; "" if it has none."""
    if line.depth:
        return str(line.row.data.get("id") or "")
    if facts is None:
        return ""
    from installer.runs.deployment_pages import deployment_id

    return deployment_id(facts.answers, line.step.key)


def id_in(key: str) -> str:
    """ID of the resource that the key of a part of a tree ends with, "" if it names none."""
    return key[key.index(_START) :] if _START in key else ""


def copy_id(app: "TerminalApp", resource_id: str) -> None:
    """Copy an ID to the clipboard of the terminal; "" has none."""
    if resource_id:
        app.copy_to_clipboard(resource_id)
    app.flash(f"Copied: {resource_id}" if resource_id else "This row has no ID")


def open_in_portal(
    app: "TerminalApp", resource_id: str, where: "Subscription | None", *, rehearsal: bool, exists: bool = True
) -> None:
    """Open the page in the browser of the desktop; without one, copy its address.

    Args:
        app: The app.
        resource_id: ID of the resource or deployment, "" for none.
        where: Tenant and cloud.
        rehearsal: Whether nothing exists in Azure.
        exists: Whether it may exist by now.

    """
    if rehearsal:
        app.flash("A rehearsal has no pages in the portal: nothing exists in Azure")
        return
    found = portal_page(resource_id, where.tenant, where.cloud) if resource_id and where is not None else ""
    if not found:
        app.flash("This row has no page in the portal")
        return
    open_address(app, found, "" if exists else "; the page is empty until the run has created it")
