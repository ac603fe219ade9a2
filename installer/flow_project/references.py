"""Placeholders for variables, blocks and outputs of build steps in a deployment of prefect.yaml.

`prefect deploy` resolves them when it deploys (prefect 3.8.8, cli/deploy/_core.py), except in `pull` and in the job variables,
which a worker resolves for each flow run. In triggers, all but variables are placeholders of events. A variable has a value here if
flowforge.yaml describes it. The value of a block, which may be secret, is never written into a deployment, and the outputs of build
steps do not exist: the installer does not run them.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from installer.flow_project.target import Described, Target
from installer.flow_project.templates import PLACEHOLDER
from installer.json_access import as_list, as_object
from installer.jsontypes import Json

if TYPE_CHECKING:
    import re

_LATE: Final = frozenset({"build", "push", "pull"})
_VARIABLE: Final = "prefect.variables."
_BLOCK: Final = "prefect.blocks."


def resolved(given: Mapping[str, Json], target: Target, where: str, found: Described) -> dict[str, Json]:
    """A deployment with its variables filled in; what cannot be is a problem, or a note where it does not matter."""
    steps = _build_steps(given.get("build"), given.get("push"))
    done: dict[str, Json] = {}
    for key, value in given.items():
        if key in _LATE:
            done[key] = value
        elif key == "triggers":
            done[key] = _resolved(value, target, f"{where}: {key}", found, ours=_VARIABLE)
        elif key == "version" and _unknown_step(value):
            found.notes.append(f"{where}: version is the hash of the files; the installer runs no build steps")
            done[key] = None
        elif key == "work_pool" and isinstance(value, dict):
            done[key] = {
                name: _job_variables(one, steps, where, found)
                if name == "job_variables"
                else _resolved(one, target, f"{where}: {key}.{name}", found)
                for name, one in value.items()
            }
        else:
            done[key] = _resolved(value, target, f"{where}: {key}", found)
    _check_steps(given.get("pull"), steps, f"{where}: pull", found)
    return done


def _check_steps(value: Json, steps: frozenset[str], where: str, found: Described) -> None:
    if name := _uses_step(value, steps):
        found.problems.append(
            f"{where}: {{{{ {name} }}}} is the output of a build step, which the installer does not run"
        )


def _job_variables(given: Json, steps: frozenset[str], where: str, found: Described) -> Json:
    """Job variables without the image of a build step: the installer builds that of the flows."""
    if not isinstance(given, dict):
        return given
    kept = {name: value for name, value in given.items() if name != "image" or not _uses_step(value, steps)}
    if len(kept) < len(given):
        found.notes.append(f"{where}: the image is the one that the installer builds, not that of the build step")
    _check_steps(kept, steps, f"{where}: job_variables", found)
    return kept


def _build_steps(*sections: Json) -> frozenset[str]:
    """IDs of the steps in sections `build` and `push`, each a list of steps or one step."""
    found: set[str] = set()
    for section in sections:
        for step in [section] if isinstance(section, dict) else as_list(section):
            found |= {str(options["id"]) for options in map(as_object, as_object(step).values()) if options.get("id")}
    return frozenset(found)


def _uses_step(value: Json, steps: frozenset[str]) -> str:
    """The first placeholder in a value for the output of one of these steps, "" if there is none."""
    found = (name for text in _texts(value) for name in PLACEHOLDER.findall(text))
    return next((name for name in found if name.partition(".")[0] in steps), "")


def _unknown_step(value: Json) -> bool:
    """Whether a text has a placeholder that is neither a variable nor a block."""
    names = PLACEHOLDER.findall(value) if isinstance(value, str) else []
    return any(not name.startswith((_VARIABLE, _BLOCK)) for name in names)


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(one)


def _resolved(value: Json, target: Target, where: str, found: Described, *, ours: str = "") -> Json:
    """A value with its variables filled in; placeholders that do not begin with `ours` are left as they are."""
    if isinstance(value, dict):
        return {name: _resolved(one, target, where, found, ours=ours) for name, one in value.items()}
    if isinstance(value, list):
        return [_resolved(one, target, where, found, ours=ours) for one in value]
    if not isinstance(value, str):
        return value
    known = {f"{_VARIABLE}{name}": one for name, one in target.variables.items()}
    whole = PLACEHOLDER.fullmatch(value.strip())
    if whole is not None and whole[1] in known:
        return known[whole[1]]

    def replaced(match: "re.Match[str]") -> str:
        if match[1] in known:
            return str(known[match[1]])
        if not match[1].startswith(ours):
            return match[0]
        found.problems.append(f"{where}: {match[0]} {_advice(match[1])}")
        return match[0]

    return PLACEHOLDER.sub(replaced, value)


def _advice(name: str) -> str:
    if name.startswith(_VARIABLE):
        return "is a variable that flowforge.yaml does not describe; describe it there, or read it in the flow"
    if name.startswith(_BLOCK):
        return "would write a block into the deployment, in clear; load the block in the flow"
    return "is unknown: no build steps are run, and only pull and job_variables are resolved when a flow runs"
