"""Page Flows: the customer's own flows."""

from typing import Annotated

from pydantic import Field

from installer.answers.ask import Ask, Page, View
from installer.answers.pages.patterns import SOURCE_IMAGE, SOURCE_IMAGE_WORDS
from installer.answers.pages.registry_sign_in import PASSWORD, USER, registry_password, registry_user


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
            allowed="a folder or an archive (.tar.gz, .zip)",
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
    user: Annotated[str, USER, registry_user("Flow image user", "the registry of that image", _imports)] = ""
    password: Annotated[
        str, PASSWORD, registry_password("Flow image password", "env:FLOWFORGE_FLOWS_PASSWORD", _has_user)
    ] = ""
