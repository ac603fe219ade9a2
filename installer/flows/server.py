"""A real Prefect server on this machine, which stands for the one in the cluster when an installation is rehearsed."""

import http.client
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from installer.children import Child, Children
from installer.errors import PrefectFailed
from installer.flows.rest import Api, ask
from installer.flows.surroundings import surroundings

HOST: Final = "127.0.0.1"
USUAL_SECONDS: Final = 11.0
"""Recorded: the first start on two cores, most of it the migrations of a new database; a later start takes 3 s."""
LONGEST_SECONDS: Final = 180.0
"""Estimated: what a slow and busy machine may take for a first start."""
POLL_SECONDS: Final = 0.2


@dataclass(frozen=True)
class Server:
    """A running server: where it answers, and the process."""

    api: Api
    child: Child


def start_server(children: Children, *, home: Path, auth: SecretStr, pause: Callable[[float], None]) -> Server:
    """Start a server that keeps everything in `home`, and wait until it lets in whom it should, and nobody else.

    auth: "name:password", handed over in the environment and never in a command line.
    pause: waits so many seconds; whatever it raises ends the server.
    Raises PrefectFailed, with the end of the server's log, when it does not come up.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    port = _free_port()
    api = Api(url=f"http://{HOST}:{port}/api", auth=auth, ui_url=f"http://{HOST}:{port}")
    child = children.start(
        "prefect server",
        [sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(port)],
        env=surroundings(
            home,
            {
                "PREFECT_SERVER_API_AUTH_STRING": auth.get_secret_value(),
                "PREFECT_SERVER_UI_API_URL": api.url,
            },
        ),
        log=home / "server.log",
        cwd=home,
    )
    try:
        _wait_for_health(api, child, pause)
        _prove_access(api)
    except BaseException:
        child.end()
        raise
    return Server(api, child)


def _wait_for_health(api: Api, child: Child, pause: Callable[[float], None]) -> None:
    give_up = time.monotonic() + LONGEST_SECONDS
    while True:
        if not child.alive:
            raise PrefectFailed(f"the Prefect server ended before it answered; its last words:\n{child.last_words()}")
        answer = ask(api, "GET", "/health", authorised=False)
        if answer is not None and answer.status == http.client.OK:
            return
        if time.monotonic() > give_up:
            raise PrefectFailed(f"the Prefect server has not answered for {LONGEST_SECONDS:.0f} s; see {child.log}")
        pause(POLL_SECONDS)


def _prove_access(api: Api) -> None:
    """`/health` is open to everybody, so it proves nothing about access."""
    stranger = ask(api, "POST", "/work_pools/filter", {}, authorised=False)
    if stranger is None or stranger.status != http.client.UNAUTHORIZED:
        raise PrefectFailed("the Prefect server lets in whoever comes without the password")
    friend = ask(api, "POST", "/work_pools/filter", {})
    if friend is None or friend.status != http.client.OK:
        raise PrefectFailed("another server answers at the port of the Prefect server: it refuses our password")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
