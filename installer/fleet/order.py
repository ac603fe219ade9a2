"""Order to apply a fleet, as the parameters of its flow run have it; names and tags of the runs in Prefect. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from installer import __version__
from installer.fleet.members import Planned

FLEET_FLOW: Final = "flowforge-fleet"
MEMBER_FLOW: Final = "flowforge-fleet-member"


@dataclass(frozen=True)
class Order:
    """An order to apply a fleet.

    Attributes:
        file: Absolute path of the fleet file, which every run reads again.
        state: Directory below which each member has its state directory.
        rehearse: Whether each member runs in an embedded Azure.
        again: Whether members that are done run again.
        speed: Simulated seconds per second of a rehearsal, 0 for the default.
        faults: Faults to inject into the rehearsal of a member, by its name.

    """

    file: str
    state: str
    rehearse: bool = False
    again: bool = False
    speed: float = 0.0
    faults: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The order as a parameter of a flow run."""
        return {**asdict(self), "faults": {name: list(faults) for name, faults in self.faults.items()}}


def fleet_tag(fleet: str, *, rehearse: bool) -> str:
    """The tag of all runs of a fleet; a rehearsed fleet is another one."""
    return f"{'rehearsal' if rehearse else 'fleet'}:{fleet}"


def member_tag(member: str) -> str:
    """The tag of all runs of a member."""
    return f"member:{member}"


def done_tags(one: Planned) -> tuple[str, str]:
    """Tags of a run that need not be repeated, if it is complete: the same answers by the same version."""
    return f"answers:{one.digest}", f"version:{__version__}"


def tags_of(fleet: str, one: Planned, *, rehearse: bool) -> tuple[str, ...]:
    """Tags of a run of a member."""
    places = (f"tenant:{one.tenant}", f"subscription:{one.subscription}", f"wave:{one.wave}")
    return (fleet_tag(fleet, rehearse=rehearse), member_tag(one.member.name), *done_tags(one), *places)


def limit_names(fleet: str, one: Planned, *, rehearse: bool) -> dict[str, str]:
    """Names of the global concurrency limits that a run of a member holds, by what they limit.

    That of the installation keeps two runs of one installation apart, from whichever machine or fleet. A name may not have
    / % & > < (docs.prefect.io/v3/how-to-guides/workflows/global-concurrency-limits).
    """
    start = "flowforge-rehearsal" if rehearse else "flowforge"
    return {
        "fleet": f"{start}-fleet-{fleet}",
        "tenant": f"{start}-tenant-{one.tenant}",
        "subscription": f"{start}-subscription-{one.subscription}",
        "installation": f"{start}-installation-{one.subscription}-{one.prefix}",
    }
