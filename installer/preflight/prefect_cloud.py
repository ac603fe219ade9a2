"""Check: the API key of the answers opens the workspace in Prefect Cloud.

Source: prefect 3.8.8, client/cloud.py (GET /me/workspaces) and client/schemas/objects.py (Workspace). The key is used in memory
and sent to Prefect Cloud only.
"""

from __future__ import annotations

from http.client import FORBIDDEN, OK, UNAUTHORIZED
from typing import TYPE_CHECKING, Final

from installer.json_access import as_text, objects_of
from installer.prefect_setup.rest import Api, ask
from installer.preflight.model import Check, Finding, NotChecked, Proof, WayOut
from installer.secret_store import sealed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json
    from installer.prefect_setup.rest import Response
    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject

_WHAT: Final = "the workspace in Prefect Cloud"


def _entries(subject: Subject) -> Iterator[Entry]:
    platform = subject.answers.platform
    if platform.prefect != "cloud":
        yield Proof("Prefect is self-hosted: no workspace is needed")
        return
    if subject.surveyed or subject.target.is_rehearsal:
        yield NotChecked(_WHAT, "a rehearsal has a local server in its place")
        return
    key = subject.secrets.known(platform.cloud_key) if subject.secrets is not None else None
    if key is None:
        yield NotChecked(_WHAT, f"this machine has no value for {platform.cloud_key or 'the API key'}")
        return
    answer = ask(Api(subject.prefect_cloud, sealed(""), "", key), "GET", "/me/workspaces")
    yield from _judged(subject, answer)


def _judged(subject: Subject, answer: Response | None) -> Iterator[Entry]:
    host = subject.prefect_cloud
    if answer is None:
        yield NotChecked(_WHAT, f"{host} does not respond from this machine; the workers need it from their network")
    elif answer.status == UNAUTHORIZED:
        yield Finding(
            "blocks",
            "Prefect Cloud does not know the API key",
            host,
            "workers and the web app cannot sign in, and the run fails when it creates the work pools",
            (
                WayOut("create a new API key of a service account in Prefect Cloud, and enter its reference"),
                WayOut("use a self-hosted Prefect server", (("platform.prefect", "server"),)),
            ),
        )
    elif answer.status == FORBIDDEN:
        yield Finding(
            "warns",
            "Prefect Cloud refuses the API key on this machine",
            host,
            "an IP allowlist of the account would refuse the workers as well, unless it has their egress address",
            (WayOut("check the rights of the service account, and the IP allowlist of the account"),),
        )
    elif answer.status != OK:
        yield NotChecked(_WHAT, f"Prefect Cloud responds with status {answer.status}")
    else:
        yield from _workspace(subject, objects_of(answer.body))


def _workspace(subject: Subject, seen: list[dict[str, Json]]) -> Iterator[Entry]:
    platform = subject.answers.platform
    pairs = {(as_text(one.get("account_id")).lower(), as_text(one.get("workspace_id")).lower()): one for one in seen}
    found = pairs.get((platform.cloud_account.lower(), platform.cloud_workspace.lower()))
    if found is not None:
        yield Proof(f"the API key opens the workspace {as_text(found.get('workspace_name'))} in Prefect Cloud")
        yield NotChecked("whether the API key may create work pools", "Prefect Cloud does not list the rights of a key")
        return
    ways = [
        WayOut(
            f"use the workspace {as_text(one.get('account_name'))}/{as_text(one.get('workspace_name'))}",
            (("platform.cloud_account", account), ("platform.cloud_workspace", workspace)),
        )
        for (account, workspace), one in pairs.items()
    ]
    yield Finding(
        "blocks",
        f"the API key does not open the workspace {platform.cloud_workspace} of the account {platform.cloud_account}",
        subject.prefect_cloud,
        "the run fails when it creates the work pools",
        (*ways, WayOut("add the service account of the key to the workspace, with the role Developer or higher")),
    )


PREFECT_CLOUD: Final = Check("prefect-cloud", "Prefect Cloud", _entries, repeated=False)
