"""Summary of a finished run from its events and answers, for the last page and the last lines."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from installer.answers.model import Answers
from installer.engine.events import Event
from installer.engine.lines import duration
from installer.engine.step import StepMemory
from installer.estate import keys
from installer.estate.parameters.context import Installation
from installer.estate.parameters.worker_rights import worker_rights
from installer.estate.resources import resources
from installer.invocation import command
from installer.json_access import as_list, as_text


@dataclass(frozen=True)
class Summary:
    """Results of a run.

    Attributes:
        resources: number of Azure resources.
        addresses: URLs to open, by name.
        proved: verified facts, each with its duration.
        left: work that remains for the user.
        kept: resources with the names of the properties that others have set and that the run kept.

    """

    resources: int
    addresses: dict[str, str]
    proved: tuple[str, ...]
    left: tuple[str, ...]
    kept: tuple[str, ...] = ()


def summarize(answers: Answers, run_events: Iterable[Event], memory: StepMemory | None = None) -> Summary:
    """Summarize the events of all attempts of a run; `memory` has the outputs of its steps."""
    events = tuple(run_events)
    proved: list[str] = []
    it = Installation(answers)
    ingress = answers.ingress
    behind = ingress.kind in ("gateway", "frontdoor")
    found = {env: it.public_host(env) if behind else _host(it, env, memory) for env in it.environments}
    hosts = {env: host for env, host in found.items() if host}
    addresses = {f"FlowForge · {env}": f"https://{host}" for env, host in hosts.items()}
    for event in events:
        if event.data.get("ui"):
            addresses["Prefect"] = str(event.data["ui"])
        if event.data.get("proof"):
            seconds = event.data.get("seconds")
            took = f" ({duration(float(seconds))})" if isinstance(seconds, (int, float)) else ""
            proved.append(f"{event.data['proof']}{took}")
    left = (
        ["Sign-on: users cannot sign in until an app registration is configured"]
        if answers.sign_on.method == "later"
        else []
    )
    if behind:
        left += _remaining_records(hosts, events)
    left += _remaining_work(event for event in events if not event.step.startswith("names-"))
    if answers.network.egress == "firewall":
        left.append(f"Firewall: allow the targets that {command('plan F')} lists at its end")
    left += worker_rights(it)
    count = sum(1 for _ in resources(answers))
    return Summary(count, addresses, tuple(dict.fromkeys(proved)), tuple(left), tuple(_kept(events)))


def _host(it: Installation, environment: str, memory: StepMemory | None) -> str:
    """Host name of a web app without ingress, "" if unknown: Azure chooses that of a container app."""
    record = memory.recall(keys.control_plane(environment)) if memory else None
    found = as_text(record.outputs.get("host")) if record else ""
    on_apps = it.answers.platform.control_plane == "container_app"
    return found or ("" if on_apps else it.names.site_host(environment))


def _kept(events: tuple[Event, ...]) -> Iterator[str]:
    """Last report of each step; a later attempt that finds the step up to date reports nothing."""
    found: dict[str, tuple[str, ...]] = {}
    for event in events:
        if sentences := as_list(event.data.get("kept")):
            found[event.step] = tuple(str(sentence) for sentence in sentences)
    yield from dict.fromkeys(sentence for sentences in found.values() for sentence in sentences)


def _remaining_records(hosts: Mapping[str, str], events: tuple[Event, ...]) -> Iterator[str]:
    """DNS records that remain to be created: those of the last check, or the purpose of the record if none was made."""
    for environment, host in hosts.items():
        checks = [event for event in events if event.step == f"names-{environment}"]
        last = max((number for number, event in enumerate(checks) if event.kind == "step.started"), default=None)
        if last is None:
            yield f"DNS: {host} must point to the ingress of {environment}"
        else:
            yield from (str(event.data["left"]) for event in checks[last:] if event.data.get("left"))


def _remaining_work(events: Iterable[Event]) -> Iterator[str]:
    """Remaining work that steps have reported."""
    yield from dict.fromkeys(str(event.data["left"]) for event in events if event.data.get("left"))
