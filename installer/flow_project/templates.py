"""YAML files of a project: parsed safely, and their placeholders of the environment filled in.

`{{ $NAME }}` is resolved when flows are deployed, as `prefect deploy` does; references.py resolves the other placeholders.
"""

import math
import re
from collections.abc import Mapping
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.tag import Tag

from installer.errors import UsageError
from installer.jsontypes import Json

MAX_NODES: Final = 20_000
"""Values in a file; aliases may multiply them."""
_TRUTH: Final = frozenset(f(word) for word in ("yes", "no", "on", "off") for f in (str.lower, str.upper, str.title))
_NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")
PLACEHOLDER: Final = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


class _Resolver(VersionedResolver):
    """YAML 1.2 with the truth values of 1.1, in the spellings of PyYAML (yaml/resolver.py of 6.0.3).

    `prefect deploy` reads with its safe_load (prefect 3.8.8, cli/deploy/_config.py), so `paused: yes` has to pause here, too.
    """

    def resolve(self, kind: object, value: object, implicit: tuple[bool, bool]) -> object:
        """The tag of a node."""
        if kind is ScalarNode and implicit[0] and value in _TRUTH:
            return Tag(suffix="tag:yaml.org,2002:bool")
        return super().resolve(kind, value, implicit)


def parsed(text: str, file: str) -> dict[str, Json]:
    """A YAML document as JSON. Raises UsageError with the line of the fault."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Resolver = _Resolver
    try:
        found = yaml.load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        line = ""
        if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
            line = f" line {error.problem_mark.line + 1}"
        reason = error.problem if isinstance(error, MarkedYAMLError) and error.problem else type(error).__name__
        raise UsageError(f"{file}{line}: not valid YAML: {reason}") from None
    if not isinstance(found, dict):
        raise UsageError(f"{file}: a mapping is expected at its top")
    return {str(name): value for name, value in _Plain(file).of(found).items()}


def filled(value: Json, settings: Mapping[str, str], problems: list[str], where: str) -> Json:
    """The value with its placeholders filled in; a problem for each that is unknown."""
    if isinstance(value, dict):
        return {name: filled(one, settings, problems, where) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, settings, problems, where) for one in value]
    return _filled_text(value, settings, problems, where) if isinstance(value, str) else value


def _filled_text(text: str, settings: Mapping[str, str], problems: list[str], where: str) -> str:
    def replaced(match: re.Match[str]) -> str:
        name = match[1]
        if name.startswith("$") and name[1:] in settings:
            return settings[name[1:]]
        if name.startswith("$"):
            known = ", ".join(f"{{{{ ${one} }}}}" for one in settings)
            problems.append(f"{where}: the placeholder {match[0]} is unknown; known are {known}")
        return match[0]

    return PLACEHOLDER.sub(replaced, text)


class _Plain:
    """Copies parsed YAML to JSON values, with a limit: dates become text, keys become text."""

    def __init__(self, file: str) -> None:
        self._file, self._nodes = file, 0

    def of(self, value: object) -> dict[str, Json]:
        found = self._copy(value, 0)
        return found if isinstance(found, dict) else {}

    def _copy(self, value: object, depth: int) -> Json:
        self._nodes += 1
        if self._nodes > MAX_NODES or depth > 50:
            raise UsageError(
                f"{self._file}: more than {MAX_NODES} values, or nested too deeply (aliases count each time)"
            )
        if isinstance(value, dict):
            return {str(name): self._copy(one, depth + 1) for name, one in value.items()}
        if isinstance(value, list | tuple | set):
            return [self._copy(one, depth + 1) for one in value]
        if isinstance(value, float) and not math.isfinite(value):
            raise UsageError(f"{self._file}: {value} is no value in JSON, in which Prefect keeps it")
        if isinstance(value, str) and _NO_TEXT.search(value):
            raise UsageError(f"{self._file}: {value[:40]!a} has a NUL or half a character, which no database stores")
        if value is None or isinstance(value, bool | int | float | str):
            return value
        return value.isoformat() if hasattr(value, "isoformat") else str(value)
