"""Fleet files for tests: members of one answers file that differ by their overrides."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

ANSWERS: Final = Path(__file__).parent.parent / "answers" / "dev.yaml"
HEAD: Final = "kind: flowforge-fleet\nversion: 1\nname: customers\n"
TENANTS: Final = ("7a1d1b7e-3c5f-4c62-9f0e-5a8c0f6f2d10", "0b9c8d7e-1111-4222-8333-444455556666")


def member(name: str, *, tenant: int = 0, answers: Path = ANSWERS, overrides: Mapping[str, str] | None = None) -> str:
    """The entry of a member; its prefix is its name."""
    given = {"subscription.prefix": name.replace("-", ""), "subscription.tenant": TENANTS[tenant], **(overrides or {})}
    lines = "".join(f"      {key}: {value}\n" for key, value in given.items())
    return f"  - name: {name}\n    answers: {answers}\n    overrides:\n{lines}"


def alone(name: str) -> str:
    """The entry of a member with a subscription that no other has, so that it waits for none."""
    subscription = f"4f2c8a5e-1b39-4d0c-8c55-{sum(map(ord, name)):012d}"
    return member(name, overrides={"subscription.subscription": subscription})


def fleet_file(folder: Path, *members: str, more: str = "") -> Path:
    """A fleet file with these members."""
    path = folder / "fleet.yaml"
    path.write_text(f"{HEAD}members:\n{''.join(members)}{more}", encoding="utf-8")
    return path
