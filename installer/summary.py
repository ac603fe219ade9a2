"""What a finished run comes to, read from its events and answers: for the last page and for the last lines."""

from collections.abc import Iterable
from dataclasses import dataclass

from installer.answers.model import Answers
from installer.console import duration
from installer.engine.events import Event
from installer.estate import resources
from installer.naming import Names


@dataclass(frozen=True)
class Summary:
    """What was built and proved.

    resources: how many Azure resources are there. addresses: what to open, name to address.
    proved: sentences, each with its time. left: what somebody still has to do.
    """

    resources: int
    addresses: dict[str, str]
    proved: tuple[str, ...]
    left: tuple[str, ...]


def summarize(answers: Answers, events: Iterable[Event]) -> Summary:
    """Read the events of all sittings of a run."""
    proved: list[str] = []
    names = Names(answers.subscription.prefix, answers.subscription.cloud)
    addresses = {f"FlowForge · {env}": f"https://{names.site_host(env)}" for env in answers.subscription.environments}
    for event in events:
        if event.data.get("ui"):
            addresses["Prefect"] = str(event.data["ui"])
        if event.data.get("proof"):
            seconds = event.data.get("seconds")
            took = f" ({duration(float(seconds))})" if isinstance(seconds, (int, float)) else ""
            proved.append(f"{event.data['proof']}{took}")
    left = (
        ["Sign-on: nobody can sign in until an app registration is given"] if answers.sign_on.method == "later" else []
    )
    left.append(f"Push the image {answers.platform.web_image} to {names.registry_host}")
    return Summary(sum(1 for _ in resources(answers)), addresses, tuple(dict.fromkeys(proved)), tuple(left))
