"""Build context of the image of the customer's flows: the Prefect image, their packages and their files. Pure."""

from collections.abc import Mapping
from typing import Final

from installer.images.context import DOCKERFILE
from installer.images.file_mark import mark_of

FLOWS_REPOSITORY: Final = "flowforge/flows"
IMAGE_PROJECT: Final = "/opt/flowforge/project"
"""Folder of the project in its image."""
PACKAGES: Final = "packages of the flows that this machine does not have"
"""Begin of the line with which the embedded Azure lists them."""
_REQUIREMENTS: Final = "requirements.txt"
_PROJECT: Final = "project"
_PIP: Final = "python -m pip install --no-cache-dir --no-input --disable-pip-version-check"
_PACKAGES: Final = """\
COPY project/requirements.txt /tmp/requirements.txt
# Packages of the Prefect image stay as they are: another version of one ends the build.
RUN {install} \\
 && python -m pip check
"""


def flow_context(files: Mapping[str, bytes], base: str) -> dict[str, bytes]:
    """Content of the build context by path.

    Args:
        files: Files of the project; its requirements.txt is installed.
        base: The Prefect image, by digest.

    """
    needed = files.get(_REQUIREMENTS)
    packages = "" if needed is None else _PACKAGES.format(install=_install(needed))
    text = (
        f"FROM {base}\nUSER 0:0\n{packages}COPY {_PROJECT} {IMAGE_PROJECT}\nUSER 1001:1001\nWORKDIR {IMAGE_PROJECT}\n"
    )
    return {DOCKERFILE: text.encode(), **{f"{_PROJECT}/{name}": body for name, body in files.items()}}


def flow_image(files: Mapping[str, bytes], base: str) -> str:
    """Repository and tag of the image: the same files on the same base are the same image."""
    return f"{FLOWS_REPOSITORY}:{mark_of(flow_context(files, base))}"


def _install(requirements: bytes) -> str:
    if b"--hash=" in requirements:
        return f"{_PIP} --require-hashes -r /tmp/requirements.txt"
    return f"python -m pip freeze > /tmp/base.txt \\\n && {_PIP} -c /tmp/base.txt -r /tmp/requirements.txt"
