"""The steps that provide the images, and which stages wait for them."""

from collections.abc import Iterator, Mapping

from installer.cloud.arm import Arm
from installer.cloud.rest import Service
from installer.cloud.signed_urls import SignedUrls
from installer.estate import keys
from installer.estate.parameters import StageSpec
from installer.estate.parameters.context import Installation
from installer.estate.parameters.images import ImageKind, image_source, image_use, image_uses
from installer.secret_store import Secrets
from installer.steps.image_build import BuildImage
from installer.steps.image_import import ImportImage
from installer.steps.image_push import AwaitPushedImage
from installer.steps.images import ProvideImage


def image_steps(it: Installation, arm: Arm, secrets: Secrets, ready: Mapping[str, str]) -> Iterator[ProvideImage]:
    """A step for each image, by the way of the answers.

    Args:
        it: The installation.
        arm: Client of Azure Resource Manager.
        secrets: Has the credentials of the other registry.
        ready: By stage, the step after which its resources can be reached, if it is not the stage itself.

    """
    service = Service.of_arm(arm.target)
    for use in image_uses(it):
        kind, owner = use.kind, use.environment
        match image_source(it, kind):
            case "build" if not owner:
                yield BuildImage(arm=arm, service=service, it=it, kind=kind, signed=SignedUrls(arm.target))
            case "import":
                yield ImportImage(arm=arm, service=service, it=it, kind=kind, owner=owner, secrets=secrets)
            case _:
                # The own image of an environment has a digest, which no other build yields: the registry has to have it.
                # A private registry is reached through its private endpoint, which is in the network stage.
                endpoint = (ready.get(keys.NETWORK, keys.NETWORK),) if it.private_registry else ()
                needs = (keys.FOUNDATION, *endpoint)
                yield AwaitPushedImage(arm=arm, service=service, it=it, kind=kind, owner=owner, needs=needs)


def images_of(it: Installation, spec: StageSpec) -> tuple[str, ...]:
    """Keys of the steps that provide the images which a stage deploys. In a cluster, later steps deploy them."""
    on_apps = {site.name for site in it.sites if not site.on_kubernetes}

    def of(kind: ImageKind, environment: str) -> str:
        return image_use(it, kind, environment).key

    if spec.stage == keys.OBSERVABILITY:
        return tuple(dict.fromkeys(of("prefect", site.name) for site in it.sites if site.name in on_apps))
    own = spec.environment
    if own is None:
        return ()
    flows = (keys.flow_image(own),) if own in on_apps else ()
    if spec.stage == keys.RUNTIME:
        return (of("prefect", own), of("web", own), *flows) if flows else ()
    if spec.stage == keys.CONTROL_PLANE:
        return (of("prefect", own), of("web", own), *flows) if flows else (of("web", own),)
    return ()
