"""The steps that provide the images, and which stages wait for them."""

from collections.abc import Iterator, Mapping

from installer.cloud.arm import Arm
from installer.cloud.rest import Service
from installer.cloud.signed_urls import SignedUrls
from installer.estate import keys
from installer.estate.parameters import StageSpec
from installer.estate.parameters.context import Installation
from installer.estate.parameters.images import IMAGE_KINDS, image_source
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
    for kind in IMAGE_KINDS:
        match image_source(it, kind):
            case "build":
                yield BuildImage(arm=arm, service=service, it=it, kind=kind, signed=SignedUrls(arm.target))
            case "import":
                yield ImportImage(arm=arm, service=service, it=it, kind=kind, secrets=secrets)
            case _:
                # A private registry is reached through its private endpoint, which is in the network stage.
                endpoint = (ready.get(keys.NETWORK, keys.NETWORK),) if it.private_registry else ()
                yield AwaitPushedImage(arm=arm, service=service, it=it, kind=kind, needs=(keys.FOUNDATION, *endpoint))


def images_of(it: Installation, spec: StageSpec) -> tuple[str, ...]:
    """Keys of the steps that provide the images which a stage deploys. In a cluster, later steps deploy them."""
    on_apps = {site.name for site in it.sites if not site.on_kubernetes}
    prefect, web = keys.image("prefect"), keys.image("web")
    own = spec.environment
    flows = (keys.flow_image(own),) if own in on_apps and own is not None else ()
    if spec.stage == keys.RUNTIME:
        return (prefect, web, *flows) if flows else ()
    if spec.stage == keys.CONTROL_PLANE:
        return (prefect, web, *flows) if flows else (web,)
    return (prefect,) if spec.stage == keys.OBSERVABILITY and on_apps else ()
