"""Pauses all work pools until no flow run is under way, and resumes them: for the time in which a credential changes.

Runs that are created meanwhile stay scheduled, and start when their pool is resumed. Pools that were paused before stay so:
a variable has the names of those that were paused here, so that a second attempt resumes them, too.
"""

from collections.abc import Callable
from typing import Final

from installer.errors import PrefectFailed
from installer.job_program.changes import Change
from installer.json_access import JsonObject, as_list, as_object, as_text
from installer.jsontypes import Json
from installer.prefect_setup.rest import Api, Method, objects_in, request_with_retries

RECORD: Final = "flowforge_paused_pools"
"""Name of that variable."""
RESUMED: Final = "the work pools are resumed"
"""In the error of a drain that gave up."""
_POLL_SECONDS: Final = 1.0
_PAGE: Final = 200
_UNDER_WAY: Final[list[Json]] = ["PENDING", "RUNNING", "CANCELLING"]


class PoolsPaused:
    """Pauses and resumes work pools.

    Attributes:
        api: The Prefect API.
        emit: Receives changes of pools.
        pause: Waits for a number of seconds.

    """

    def __init__(self, api: Api, emit: Callable[[Change], None], pause: Callable[[float], None]) -> None:
        self.api = api
        self.emit = emit
        self.pause = pause

    def drain(self, seconds: float) -> None:
        """Pause the pools and wait until no run is under way.

        Raises PrefectFailed after so many seconds; the pools are resumed before.
        """
        own = [as_text(one["name"]) for one in self._pools() if one.get("is_paused") is False]
        before = self._recorded()
        self._record(sorted({*own, *before}))
        for name in own:
            self._set(name, paused=True)
        waited, told = 0.0, ""
        while runs := self._under_way():
            names = ", ".join(runs[:5]) + (f" and {len(runs) - 5} more" if len(runs) > 5 else "")
            if waited >= seconds:
                self.resume()
                raise PrefectFailed(
                    f"these flow runs have not ended within {seconds:.0f} s: {names}. Nothing was changed, and {RESUMED}. "
                    "Wait for the runs, or cancel them, then try again"
                )
            if (text := f"under way: {names}") != told:
                told = text
                self.emit(Change("progressed", "work pool", "all", text))
            self.pause(_POLL_SECONDS)
            waited += _POLL_SECONDS

    def resume(self) -> None:
        """Resume the pools that were paused here."""
        for name in self._recorded():
            self._set(name, paused=False)
        self._record([])

    def _pools(self) -> list[dict[str, Json]]:
        return self._listed("/work_pools/filter", {"limit": _PAGE}, "the work pools")

    def _set(self, name: str, *, paused: bool) -> None:
        word = "paused" if paused else "resumed"
        if name not in {one["name"] for one in self._pools()}:
            return  # it was deleted meanwhile
        self._ask("PATCH", f"/work_pools/{name}", {"is_paused": paused}, f"the work pool {name}")
        self.emit(Change("updated", "work pool", name, f"work pool {name} {word}"))

    def _under_way(self) -> list[str]:
        """Names of runs that a worker has taken: those of no pool run elsewhere, and are not waited for."""
        wanted: Json = {
            "flow_runs": {"state": {"type": {"any_": _UNDER_WAY}}},
            "work_pools": {"name": {"any_": [one["name"] for one in self._pools()]}},
            "limit": _PAGE,
        }
        found = self._listed("/flow_runs/filter", wanted, "flow runs that are under way")
        return [as_text(one.get("name")) for one in found]

    def _recorded(self) -> list[str]:
        every = self._listed("/variables/filter", {"variables": {"name": {"any_": [RECORD]}}}, "variables")
        return [as_text(name) for one in every for name in as_list(as_object(one.get("value")).get("pools"))]

    def _record(self, names: list[str]) -> None:
        value: Json = {"pools": list[Json](names)}
        filtered: Json = {"variables": {"name": {"any_": [RECORD]}}}
        if self._listed("/variables/filter", filtered, "variables"):
            self._ask("PATCH", f"/variables/name/{RECORD}", {"value": value}, f"the variable {RECORD}")
        else:
            given: Json = {"name": RECORD, "value": value, "tags": ["flowforge"]}
            self._ask("POST", "/variables/", given, f"the variable {RECORD}")

    def _listed(self, path: str, body: Json, what: str) -> list[JsonObject]:
        return objects_in(self._ask("POST", path, body, what), what)

    def _ask(self, method: Method, path: str, body: Json, what: str) -> Json:
        return request_with_retries(self.api, method, path, body, what=what, pause=self.pause)
