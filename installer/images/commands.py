"""Commands with which a customer pushes an image. Pure."""

from typing import Final, Literal

IMAGE_FOLDER: Final = "prefect-image"
"""Folder with the build context of the Prefect image among exported files."""
_EXPORTED: Final = "flowforge-files"


def push_commands(
    registry: str,
    host: str,
    image: str,
    kind: Literal["prefect", "web"],
    *,
    folder: str = f"{_EXPORTED}/{IMAGE_FOLDER}",
) -> list[str]:
    """Command lines, in order.

    Args:
        registry: Name of the registry.
        host: Its login server.
        image: Repository and tag; with a digest, the push decides whether it is the same.
        kind: The Prefect image is built from exported files, the web app image is delivered.
        folder: Folder with the files of the Prefect image.

    """
    reference = f"{host}/{image.partition('@')[0]}"
    login = f"az acr login --name {registry}"
    if kind == "web":
        return [login, f"docker tag IMAGE_OF_THE_WEB_APP {reference}", f"docker push {reference}"]
    export = [f"flowforge-install export --parameters {_EXPORTED}"] if folder.startswith(_EXPORTED) else []
    return [
        *export,
        login,
        f"docker build --platform linux/amd64 --tag {reference} {folder}",
        f"docker push {reference}",
    ]
