"""Pushes of images in a rehearsal, which no user can make: the registry exists only in the embedded Azure."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from installer.cloud.target import Target
    from installer.runs.run import Run


def assume_pushes(run: "Run", target: "Target") -> None:
    """Give the embedded Azure the images that a user would push, and the run their digests. Queries the embedded Azure."""
    from installer.cloud.rest import Service
    from installer.estate.assumed_images import assumed_images
    from installer.steps.images import VERSION

    service = Service.of_arm(target)
    for image in assumed_images(run.facts.answers):
        if "@" in image.image and service.find(f"{image.resource}?api-version={VERSION}", doing="read the image"):
            continue  # an earlier run of this rehearsal has it: nothing is assumed
        service.ask("POST", "/rehearsal/images", image.push(), doing=f"assume the push of {image.image}")
        run.assume({image.question: image.digest})
        text = f"that you push the image {image.image}; a real run waits here and asks for its digest"
        run.stream.emit("warning", f"this rehearsal assumes {text}", left=f"Not proved by this rehearsal: {text}")
