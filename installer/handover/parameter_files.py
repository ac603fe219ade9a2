"""Parameter files of every deployment of an installation, in two forms: .bicepparam, and JSON for Azure Resource Manager.

Both contain the same parameters. A secure parameter is read from the environment by the first form and left out of the second.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from installer.answers.draft import flatten
from installer.answers.model import Answers
from installer.estate import keys
from installer.estate.parameters import StageSpec, stages, template
from installer.estate.parameters.context import Installation
from installer.estate.parameters.stage_spec import Outputs
from installer.handover.bicep_text import expression
from installer.handover.run_values import RunValue, run_values
from installer.handover.secret_values import SecretValue, secret_value
from installer.json_access import as_object, as_text
from installer.jsontypes import Json
from installer.steps.live_parameters import kept

_SCHEMA: Final = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"
_SECURE: Final = frozenset({"securestring", "secureobject"})
_NAMED: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_WORD: Final = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True)
class DeploymentFiles:
    """The files of one deployment.

    Attributes:
        number: Position in the order of deployments, from 1.
        plain: Parameters in ARM format, with placeholders.
        secure: Secure parameters, likewise.
        values: Values that another deployment yields, and that the parameters contain.
        secrets: Secrets that they contain.

    """

    number: int
    spec: StageSpec
    plain: Mapping[str, Json]
    secure: Mapping[str, Json]
    values: tuple[RunValue, ...]
    secrets: tuple[SecretValue, ...]

    @property
    def stem(self) -> str:
        """Name of its files without extension."""
        stage = self.spec.stage if self.spec.environment is None else f"{self.spec.stage}-{self.spec.environment}"
        return f"{self.number:02d}-{stage}"

    @property
    def bicepparam(self) -> str:
        """Name of the parameters file for Bicep."""
        return f"{self.stem}.bicepparam"

    @property
    def parameters_json(self) -> str:
        """Name of the parameters file for Azure Resource Manager."""
        return f"{self.stem}.parameters.json"

    @property
    def template(self) -> str:
        """Path of the template, from the directory of the files."""
        return f"templates/{self.spec.stage}.json"

    @cached_property
    def _symbols(self) -> Mapping[str, str]:
        """Names of the Bicep variables by environment variable."""
        wanted = (*(one.variable for one in self.values), *(one.variable for one in self.secrets))
        return {name: _symbol(name, {*self.plain, *self.secure}) for name in wanted}

    def as_bicepparam(self) -> str:
        """Text of the parameters file for Bicep."""
        variables = [f"var {symbol} = readEnvironmentVariable('{name}')" for name, symbol in self._symbols.items()]
        parameters = [
            f"param {name} = {expression(as_object(entry).get('value'), self._symbols)}"
            for name, entry in (*self.plain.items(), *self.secure.items())
        ]
        head = f"// {self.spec.title}: deployment {self.spec.deployment_name}\nusing '{self.template}'"
        return "\n\n".join([head, *(["\n".join(variables)] if variables else []), *parameters]) + "\n"

    def as_json(self) -> str:
        """Text of the parameters file for Azure Resource Manager, without secure parameters."""
        content: Json = {"$schema": _SCHEMA, "contentVersion": "1.0.0.0", "parameters": dict(self.plain)}
        return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


class _NothingYet:
    """Resources of an installation that does not exist: none."""

    def read(self, resource_id: str, api_version: str) -> dict[str, Json] | None:  # noqa: ARG002  as Azure is read
        return None

    def list_values(self, resource_id: str, api_version: str, action: str) -> dict[str, Json] | None:  # noqa: ARG002
        return None


def deployment_files(answers: Answers, known: Outputs) -> tuple[DeploymentFiles, ...]:
    """The files of every deployment, in the order of deployment.

    Args:
        answers: of the installation.
        known: recorded outputs by key of the stage or step.

    """
    values, outputs = run_values(Installation(answers), known)
    by_variable = {one.variable: one for one in values}
    flat = flatten(answers)
    found = []
    for number, spec in enumerate(stages(answers), start=1):
        sources = {name: secret_value(name, key, flat, spec.environment) for name, key in spec.secrets.items()}
        added = spec.secure({name: f"${{{one.variable}}}" for name, one in sources.items()}) if sources else {}
        given = {**spec.parameters(outputs), **kept(_NothingYet(), spec)[0], **added}
        secure = set(_secure_names(spec))
        plain = {name: entry for name, entry in given.items() if name not in secure}
        used = _NAMED.findall(json.dumps(plain))
        found.append(
            DeploymentFiles(
                number,
                spec,
                plain,
                {name: entry for name, entry in given.items() if name in secure},
                tuple(by_variable[name] for name in dict.fromkeys(used) if name in by_variable),
                tuple(dict.fromkeys(sources.values())),
            )
        )
    return tuple(found)


def registrations(answers: Answers, known: Outputs) -> tuple[str, ...]:
    """Environments whose app registration is still to be created."""
    it = Installation(answers)
    wanted = it.environments if it.registers else ()
    return tuple(name for name in wanted if keys.app_registration(name) not in known)


def _secure_names(spec: StageSpec) -> Iterator[str]:
    for name, declared in as_object(template(spec.stage).get("parameters")).items():
        if as_text(as_object(declared).get("type")).lower() in _SECURE:
            yield name


def _symbol(variable: str, taken: set[str]) -> str:
    """The name flowforgeDevHost for FLOWFORGE_DEV_HOST; another name if a parameter has it."""
    first, *rest = (word.lower() for word in _WORD.findall(variable))
    name = "".join([first, *(word.capitalize() for word in rest)])
    return f"{name}Value" if name in taken else name
