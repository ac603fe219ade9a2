"""README.md beside parameter files: the commands in their order, and what they do not do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from installer.answers.model import Answers
from installer.estate import keys
from installer.estate.parameters.context import Installation, Site
from installer.estate.resources import estate, namespaces
from installer.handover.image_instructions import image_instructions
from installer.handover.parameter_files import DeploymentFiles
from installer.handover.run_values import RunValue, registration_command
from installer.invocation import command as typed_command

ANSWERS: Final = "answers.yaml"
_JOBS: Final = ("bootstrap", "upgrade", "check", "migrate")
"""Jobs before the control plane; the second one only with a Prefect server."""


@dataclass(frozen=True)
class Instructions:
    """The instructions for one set of files.

    Attributes:
        run: Name of the run whose outputs the files contain; "" if they contain none.
        registered: Environments whose app registration is still to be created.

    """

    answers: Answers
    files: Sequence[DeploymentFiles]
    registered: Sequence[str]
    run: str

    def text(self) -> str:
        """The instructions as Markdown."""
        return "\n\n".join([*self._introduction(), *self._preparation(), *self._deployments(), *self._after()]) + "\n"

    def _introduction(self) -> Iterator[str]:
        it = Installation(self.answers)
        yield f"# Deployments of the installation {it.names.prefix}"
        yield (
            f"{len(self.files)} deployments at subscription scope, to be sent in the order of their numbers; each has a "
            "`.bicepparam` file, a `.parameters.json` file with the same parameters, and a compiled template in "
            "`templates/`. They create the resources of a first installation in Bash with the Azure CLI (2.53 or later) "
            "and its Bicep compiler (`az bicep install`); without the compiler, `--template-file templates/NAME.json "
            "--parameters FILE.parameters.json` sends the same."
        )
        variables = dict.fromkeys(one.variable for file in self.files for one in file.values)
        if self.run:
            yield f"IDs and host names that Azure has assigned are those of the run {self.run}."
        if variables:
            yield (
                f"{len(variables)} values are known only after an earlier deployment. A `.bicepparam` file reads each "
                "from an environment variable; a `.parameters.json` file contains `${NAME}` in its place, to be replaced "
                "by the value of NAME. The commands that set the variables precede the deployment that needs them."
            )
        if any(file.secrets for file in self.files):
            yield (
                "No file contains a secret. A `.bicepparam` file reads secrets from environment variables; "
                "`.parameters.json` files leave secure parameters out, so that `--parameters NAME=VALUE` has to add them."
            )

    def _preparation(self) -> Iterator[str]:
        it = Installation(self.answers)
        subscriptions = dict.fromkeys((it.subscription, *(site.subscription for site in it.sites)))
        yield "## Resource providers"
        yield _block(
            f"az provider register --subscription {subscription} --namespace {namespace} --wait"
            for subscription in subscriptions
            for namespace in namespaces(estate(self.answers))
        )

    def _deployments(self) -> Iterator[str]:
        it = Installation(self.answers)
        ready: set[str] = set()
        for file in self.files:
            yield f"## {file.number}. {file.spec.title}"
            if file.spec.stage == keys.CONTROL_PLANE and file.spec.environment:
                yield from self._before_control_plane(it, it.site(file.spec.environment))
            yield _block([*_settings(file, ready), _deploy(file, it.subscription)])
            if file.spec.stage == keys.FOUNDATION:
                yield from image_instructions(it)
            if file.spec.stage == keys.GRANTS:
                yield (
                    "Role assignments take up to ten minutes to become effective "
                    "(https://learn.microsoft.com/azure/role-based-access-control/troubleshooting): a later deployment "
                    "that fails with an authorization error is sent again."
                )

    def _before_control_plane(self, it: Installation, site: Site) -> Iterator[str]:
        if site.name in self.registered:
            yield (
                f"The app registration of {site.name}; its redirect URIs, federated credential and roles are set by the "
                "installer, see below:"
            )
            yield _block([registration_command(it, site.name)])
        if not site.on_kubernetes:
            yield (
                "Roles of the identities in the databases, then the tables: each job has to succeed "
                "(`az containerapp job execution list`) before the next command."
            )
            on_server = it.answers.platform.prefect == "server"
            for name in (name for name in _JOBS if name != "upgrade" or on_server):
                where = f"--subscription {site.subscription} --resource-group {it.names.group(site.name)}"
                yield _block([f"az containerapp job start {where} --name {it.names.job(site.name, name)}"])

    def _after(self) -> Iterator[str]:
        yield "## Remaining steps"
        yield (
            "A template cannot set up app registrations, Prefect, database roles, DNS records and approvals of private "
            "endpoint connections. The installer does, with the answers beside this file; it finds the resources by their "
            "names, sends the deployments once more, which changes nothing, and continues:"
        )
        yield _block([typed_command(f"apply {ANSWERS} --yes")])
        yield (
            "To change an existing installation, use the installer: before a deployment it reads the settings that others "
            "have made on its resources (rules, routes, app settings) and grown storage, and sends them again. These files "
            "do not contain them."
        )


def _deploy(file: DeploymentFiles, subscription: str) -> str:
    """Command that sends a deployment."""
    spec = file.spec
    return (
        f"az deployment sub create --subscription {subscription} --name {spec.deployment_name} "
        f"--location {spec.location} --parameters {file.bicepparam}"
    )


def _settings(file: DeploymentFiles, ready: set[str]) -> Iterator[str]:
    """Commands that set the variables of a deployment, without those that an earlier one has set."""
    for value in file.values:
        if value.variable not in ready:
            ready.add(value.variable)
            yield _export(value)
    for secret in file.secrets:
        if secret.variable not in ready:
            ready.add(secret.variable)
            given = '"${' + secret.variable + ':?}"'
            yield f"export {secret.variable}={secret.command or given}"


def _export(value: RunValue) -> str:
    return f'export {value.variable}="$({value.command})"'


def _block(lines: Iterator[str] | Sequence[str]) -> str:
    return "```bash\n" + "\n".join(lines) + "\n```"
