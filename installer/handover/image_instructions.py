"""Instructions for the images that later deployments start, in README.md beside parameter files."""

from collections.abc import Iterator
from typing import Final

from installer.estate.parameters.context import Installation

IMAGE_FOLDER: Final = "prefect-image"
"""Folder with the build context of the Prefect image."""


def image_instructions(it: Installation) -> Iterator[str]:
    """Paragraphs and commands: the registry is new and empty."""
    platform, registry, host = it.answers.platform, it.names.registry, it.names.registry_host
    yield (
        f"Images: the registry {registry} is empty, and later deployments start the images `{platform.prefect_image}` and "
        f"`{platform.web_image}`. The folder `{IMAGE_FOLDER}` has the Dockerfile, the locked packages and the flows of the "
        "Prefect image."
    )
    if it.private_registry:
        yield (
            "The registry is private, and agents of ACR Tasks do not pass its firewall "
            "(https://github.com/Azure/acr/issues/762): build and push from a machine in the network, once the deployment "
            "network has created the private endpoint of the registry:"
        )
        yield f"```\n{_local(registry, host, platform.prefect_image)}\n```"
    else:
        yield (
            "```bash\naz acr build --subscription "
            f"{it.subscription} --registry {registry} --image {platform.prefect_image} {IMAGE_FOLDER}\n```"
        )
    yield (
        f"The web app image comes from FlowForge: push it as `{host}/{platform.web_image}`, or import it with "
        f"`az acr import --name {registry} --source SOURCE --image {platform.web_image}`."
    )


def _local(registry: str, host: str, image: str) -> str:
    return (
        f"az acr login --name {registry}\ndocker build --tag {host}/{image} {IMAGE_FOLDER}\ndocker push {host}/{image}"
    )
