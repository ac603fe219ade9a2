"""One server for each module that asks for it."""

from collections.abc import Iterator

import pytest

from tests.emulator.server_process import Served, serving


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running embedded Azure with the seeded directory."""
    with serving(tmp_path_factory.mktemp("azure")) as server:
        yield server
