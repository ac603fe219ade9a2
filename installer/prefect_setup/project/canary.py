# ruff: noqa: INP001  a flow's folder is no package: Prefect loads the file by its path
"""The canary flow: a minimal run that verifies a Prefect installation."""

from prefect import flow, get_run_logger, task
from prefect.variables import Variable

LAYERS = ("landing", "bronze", "silver", "gold")


@task
def settings(environment: str) -> dict[str, str]:
    """URLs of the layers of the environment, from the variable that the installer created."""
    found = Variable.get(f"flowforge_{environment}")
    if not isinstance(found, dict):
        raise TypeError(f"there is no variable flowforge_{environment} that names the layers")
    missing = [layer for layer in LAYERS if layer not in found]
    if missing:
        raise ValueError(f"the variable flowforge_{environment} names no {', '.join(missing)}")
    return {layer: str(found[layer]) for layer in LAYERS}


@flow
def canary(environment: str) -> dict[str, str]:
    """Read the settings of the environment on a worker, as every flow of FlowForge does."""
    layers = settings(environment)
    for layer, url in layers.items():
        get_run_logger().info("%s: %s", layer, url)
    return layers


if __name__ == "__main__":
    canary("dev")
