"""Page Flows: the customer's own flows."""

from typing import Annotated

from pydantic import Field

from installer.answers.ask import Ask, Page, View
from installer.answers.pages.patterns import REFERENCE, REFERENCE_WORDS, SOURCE_IMAGE, SOURCE_IMAGE_WORDS


def _imports(view: View) -> bool:
    return bool(view.get("flows.image_from"))


def _has_user(view: View) -> bool:
    return _imports(view) and bool(view.get("flows.user"))


class Flows(Page):
    """Your own flows, which the command `flows deploy` brings to Prefect."""

    source: Annotated[
        str,
        Field(max_length=1000, pattern=r"^[^\x00-\x1f]+$"),
        Ask(
            "Flows",
            help="Folder with prefect.yaml, or a git archive of it (.tar.gz or .zip), on this machine. Empty = none yet; "
            "flows init writes an example.",
            allowed="a path without control characters",
            example="./flows",
            optional=True,
        ),
    ] = ""
    image_from: Annotated[
        str,
        Field(pattern=SOURCE_IMAGE, max_length=512),
        Ask(
            "Flow image source",
            help="Registry, repository and digest of an image of these flows that is built elsewhere. flows deploy "
            "imports it. Empty = built in the registry, or pushed by you where that is private.",
            allowed=SOURCE_IMAGE_WORDS,
            example=f"registry.example.com/team/flows@sha256:{'0' * 64}",
            optional=True,
        ),
    ] = ""
    user: Annotated[
        str,
        Field(pattern=r"^[^\x00-\x20]{1,200}$"),
        Ask(
            "Flow image user",
            help="User name or token name for the registry of that image. Empty = without sign-in.",
            allowed="up to 200 characters without spaces",
            applies=_imports,
            optional=True,
        ),
    ] = ""
    password: Annotated[
        str,
        Field(pattern=REFERENCE),
        Ask(
            "Flow image password",
            help="Reference to the password or token. It is sent to Azure with the import and stored nowhere.",
            allowed=REFERENCE_WORDS,
            example="env:FLOWFORGE_FLOWS_PASSWORD",
            applies=_has_user,
            secret=True,
        ),
    ] = ""
