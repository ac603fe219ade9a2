"""Files of the project in an image that was built elsewhere, compared with the files that are deployed."""

from installer.errors import PrefectFailed
from installer.flow_project.source import read_source
from installer.images.file_mark import mark_of
from installer.prefect_setup.flows.order import FlowsOrder


def check_image_files(order: FlowsOrder) -> None:
    """Read the project in the image that this process runs in. Raises PrefectFailed if its files are others."""
    found = read_source(order.project)
    what = f"the image {order.image or order.environment} has"
    remedy = (
        f"build it from the Prefect image of the installation with the files of the project in {order.project}, "
        "or name the source that it was built from"
    )
    if found.problems:
        raise PrefectFailed(f"{what} no project: {'; '.join(found.problems)}; {remedy}")
    if (mark := mark_of(found.files)) != order.mark:
        raise PrefectFailed(f"{what} the files {mark}, and the source has {order.mark}; {remedy}")
