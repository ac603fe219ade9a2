"""The embedded Azure of a command that runs: faults that it gets on the way, and a proxy that notes who asks for another host."""

import json
import socketserver
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Final

import requests

from installer.emulator.protocol.hostile_answers import ELSEWHERE

SECONDS: Final = 5.0


class RunningAzure:
    """The embedded Azure in a state directory; it may not run yet."""

    def __init__(self, state: Path) -> None:
        self._state = state

    @property
    def _folder(self) -> Path | None:
        """The newest: a command that did not begin a run may have left another."""
        found = sorted(self._state.glob("rehearsals/*/azure.sqlite"), key=lambda one: one.stat().st_mtime)
        return found[-1].parent if found else None

    def _facts(self) -> dict[str, str]:
        folder = self._folder
        if folder is None:
            return {}
        try:
            with closing(sqlite3.connect(f"file:{folder / 'azure.sqlite'}?mode=ro", uri=True, timeout=1)) as database:
                return dict(database.execute("SELECT name, value FROM facts"))
        except sqlite3.Error:
            return {}

    def inject(self, fault: str) -> bool:
        """Inject a fault from now on; False if no embedded Azure answers."""
        facts, folder = self._facts(), self._folder
        if folder is None or "port" not in facts:
            return False
        endpoint = f"https://127.0.0.1:{facts['port']}"
        tenant = json.loads(facts["directory"])["tenant"]
        form = {
            "grant_type": "client_credentials",
            "client_id": facts["client_id"],
            "client_secret": facts["client_secret"],
            "scope": f"{endpoint}/.default",
        }
        try:
            with requests.Session() as session:
                session.trust_env, session.verify = False, str(folder / "ca.pem")
                signed = session.post(f"{endpoint}/{tenant}/oauth2/v2.0/token", data=form, timeout=SECONDS).json()
                session.headers["Authorization"] = f"Bearer {signed['access_token']}"
                answer = session.post(f"{endpoint}/rehearsal/faults", json={"fault": fault}, timeout=SECONDS)
        except (OSError, KeyError, ValueError):
            return False
        if answer.status_code >= 400:
            raise AssertionError(f"{fault}: {answer.text}")
        return True

    def occurrences(self, fault: str) -> int:
        """How many times a fault has occurred."""
        return int(self._facts().get(f"fault:{fault}", "0"))


class Witness(socketserver.ThreadingTCPServer):
    """A proxy that connects to no host, and notes requests for the host of hostile answers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Noted)
        self.asked: list[str] = []
        threading.Thread(target=self.serve_forever, name="witness", daemon=True).start()

    @property
    def variables(self) -> dict[str, str]:
        """Variables of a command that has this proxy."""
        address = f"http://127.0.0.1:{self.server_address[1]}"
        return dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy"), address)

    def foreign(self) -> list[str]:
        """Requests for the host of hostile answers."""
        return [line for line in self.asked if ELSEWHERE in line]


class _Noted(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Witness)
        self.server.asked.append(self.rfile.readline(4096).decode(errors="replace").strip())
