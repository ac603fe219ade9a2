"""Page Flows: the customer's own flows."""

from typing import Annotated

from pydantic import Field

from installer.answers.ask import Ask, Page


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
