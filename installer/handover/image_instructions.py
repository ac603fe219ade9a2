"""Instructions for the images that later deployments start, in README.md beside parameter files."""

from collections.abc import Iterator

from installer.estate.parameters.context import Installation
from installer.estate.parameters.images import ImageUse, answered_image, image_source, image_uses, imported_from
from installer.images.commands import IMAGE_FOLDER, push_commands


def image_instructions(it: Installation) -> Iterator[str]:
    """Paragraphs and commands: the registry is new and empty."""
    registry = it.names.registry
    yield (
        f"Images: the registry {registry} is empty, and later deployments start the images "
        f"`{answered_image(it, 'prefect')}` and `{answered_image(it, 'web')}`, by digest. The folder `{IMAGE_FOLDER}` has "
        "the Dockerfile, the locked packages and the flows of the Prefect image."
    )
    if it.private_registry:
        yield (
            "The registry is private, and agents of ACR Tasks do not pass its firewall "
            "(https://github.com/Azure/acr/issues/762): build and push from a machine in the network, once the deployment "
            "network has created the private endpoint of the registry. Imports need no such machine."
        )
    for use in image_uses(it):
        yield f"{use.title}:"
        yield "\n".join(("```bash", *_commands(it, use), "```"))


def _commands(it: Installation, use: ImageUse) -> list[str]:
    kind, registry, image = use.kind, it.names.registry, answered_image(it, use.kind, use.environment)
    images = it.answers.images
    match image_source(it, kind):
        case "build" if not use.environment:
            return [
                f"az acr build --subscription {it.subscription} --registry {registry} --image {image} {IMAGE_FOLDER}"
            ]
        case "import":
            source = imported_from(it, kind, use.environment)
            # Without a password the command asks for one.
            user = f" --username {images.user} --password PASSWORD" if images.user else ""
            target = image.partition("@")[0]
            command = f"az acr import --subscription {it.subscription} --name {registry} --source {source}"
            return [f"{command} --image {target}{user} --force"]
        case _:
            return push_commands(registry, it.names.registry_host, image, kind, folder=IMAGE_FOLDER)
