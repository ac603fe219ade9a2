"""Pictures of the README, rendered by the wizard: `python -m tests.screens.pictures` writes them again."""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from textual.pilot import Pilot

from installer.answers.files import load
from installer.topology.estate_topology import topology
from installer.topology.svg import as_svg
from tests.screens.fake_session import ANSWERS, Harness
from tests.screens.scenes import SCENES

FOLDER: Final = Path(__file__).parents[2] / "screens" / "pictures"
SIZE: Final = (100, 30)
PICTURES: Final[Mapping[str, str]] = {"wizard": "sizing", "live": "live"}
"""Name of the file and its scene."""
TOPOLOGY: Final = "topology"
"""Name of the file with the topology of EXAMPLE."""
EXAMPLE: Final = ANSWERS / "matrix" / "09-frontdoor-certificate.yaml"
_GENERATED: Final = re.compile(r"terminal-\d+")
_FETCHED: Final = re.compile(r"\s*@font-face \{.*?\n    \}", re.DOTALL)


def drawn(name: str, state: Path) -> str:
    """A picture as SVG, without generated ids and without remote fonts. `state` is a directory for the session."""
    world = Harness(state)
    found: list[str] = []

    scene = SCENES[PICTURES[name]]

    async def script(pilot: Pilot[int]) -> None:
        await scene.play(world, pilot)
        found.append(pilot.app.export_screenshot(simplify=True))

    world.drive(scene.app(world), script, SIZE)
    return _GENERATED.sub(f"terminal-{name}", _FETCHED.sub("", found[0]))


def topology_of_example() -> str:
    """The topology of the example as SVG."""
    return as_svg(topology(load(EXAMPLE).answers))


def main() -> None:
    """Write all pictures, independent of the calling terminal."""
    os.environ.pop("NO_COLOR", None)
    os.environ["LC_ALL"] = "C.UTF-8"
    os.environ.pop("FLOWFORGE_CALLED_AS", None)
    FOLDER.mkdir(exist_ok=True)
    for name in PICTURES:
        with tempfile.TemporaryDirectory() as state:
            (FOLDER / f"{name}.svg").write_text(drawn(name, Path(state)), encoding="utf-8")
    (FOLDER / f"{TOPOLOGY}.svg").write_text(topology_of_example(), encoding="utf-8")


if __name__ == "__main__":
    main()
