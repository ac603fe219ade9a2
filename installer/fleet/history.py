"""History of a fleet, read from Prefect: the newest flow run of each member. There is no other record of it."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from installer.errors import PrefectFailed, UsageError
from installer.fleet.order import MEMBER_FLOW, fleet_tag, member_tag
from installer.fleet.prefect_profile import settings
from installer.json_access import as_list, as_object, as_text
from installer.jsontypes import Json
from installer.prefect_setup.rest import Api, ask, objects_in, pages, request_with_retries

URL: Final = "PREFECT_API_URL"
PAGE: Final = 200
"""Most objects of one response (PREFECT_SERVER_API_DEFAULT_LIMIT, docs.prefect.io/v3/api-ref/settings-ref)."""


@dataclass(frozen=True)
class MemberRun:
    """The newest flow run of a member.

    Attributes:
        id: ID of the flow run.
        name: Its name.
        state: Type of its state, such as COMPLETED.
        label: Name of its state, such as Completed.
        message: Message of its state; of a failed run, the reason.
        started: Time of its start in UTC, ISO 8601; "" before it.
        seconds: Its duration.
        tags: Its tags.

    """

    id: str
    name: str
    state: str
    label: str
    message: str
    started: str
    seconds: float
    tags: tuple[str, ...]

    def tagged(self, kind: str) -> str:
        """The value of a tag, "" without it."""
        return next((one.partition(":")[2] for one in self.tags if one.startswith(f"{kind}:")), "")

    def completed_with(self, tags: Sequence[str]) -> bool:
        """Whether it is complete and has these tags."""
        return self.state == "COMPLETED" and set(tags) <= set(self.tags)


def admin_api() -> Api:
    """The admin's Prefect, from its own environment variables or its active profile. Raises UsageError without them."""
    found = settings()
    url = found.get(URL, "")
    if not url.startswith(("http://", "https://")):
        words = "is not set" if not url else f"is {url}, which is no URL"
        raise UsageError(
            f"{URL} {words}: a fleet runs on your own Prefect. Set it to the API of your server, such as "
            "http://127.0.0.1:4200/api (prefect server start), or of Prefect Cloud, with PREFECT_API_KEY, or sign in with prefect cloud login"
        )
    return Api.of(found)


def check_access(api: Api) -> None:
    """Raises PrefectFailed if Prefect does not answer or refuses the credential; it does not wait for one that is out of reach."""
    if ask(api, "POST", "/flow_runs/filter", {"limit": 1}) is None:
        raise PrefectFailed(f"Prefect does not respond: reading flow runs at {api.url}")
    _flow_runs(api, {"limit": 1}, f"reading flow runs at {api.url}")


def newest_of(api: Api, fleet: str, member: str, *, rehearse: bool) -> MemberRun | None:
    """The newest flow run of a member. Raises PrefectFailed."""
    tags = [fleet_tag(fleet, rehearse=rehearse), member_tag(member)]
    found = _flow_runs(api, {**_filter(tags), "limit": 1}, f"reading the flow runs of {member}")
    return _member_run(found[0]) if found else None


def newest_of_all(api: Api, fleet: str, members: Sequence[str], *, rehearse: bool) -> Mapping[str, MemberRun]:
    """The newest flow run of each of these members that has one, in pages until all are found. Raises PrefectFailed."""
    wanted, found = set(members), dict[str, MemberRun]()
    for run in _all_runs(api, fleet, rehearse=rehearse):
        member = run.tagged("member")
        if member in wanted:
            found.setdefault(member, run)
        if len(found) == len(wanted):
            break
    return found


def _all_runs(api: Api, fleet: str, *, rehearse: bool) -> Iterator[MemberRun]:
    asked, what = _filter([fleet_tag(fleet, rehearse=rehearse)]), f"reading the flow runs of {fleet}"
    for page in pages(lambda offset: _flow_runs(api, {**asked, "limit": PAGE, "offset": offset}, what), what):
        yield from map(_member_run, page)


def _filter(tags: Sequence[str]) -> dict[str, Json]:
    return {
        "sort": "EXPECTED_START_TIME_DESC",
        "flows": {"name": {"any_": [MEMBER_FLOW]}},
        "flow_runs": {"tags": {"all_": list(tags)}},
    }


def _flow_runs(api: Api, body: dict[str, Json], what: str) -> list[dict[str, Json]]:
    """Flow runs, read again while Prefect is busy or limits the rate of requests (429)."""
    return objects_in(request_with_retries(api, "POST", "/flow_runs/filter", body, what=what, pause=time.sleep), what)


def _member_run(body: Mapping[str, Json]) -> MemberRun:
    state = as_object(body.get("state"))
    seconds = body.get("estimated_run_time")
    return MemberRun(
        as_text(body.get("id")),
        as_text(body.get("name")),
        as_text(state.get("type")),
        as_text(state.get("name")),
        as_text(state.get("message")),
        as_text(body.get("start_time")),
        float(seconds) if isinstance(seconds, int | float) else 0.0,
        tuple(one for one in as_list(body.get("tags")) if isinstance(one, str)),
    )
