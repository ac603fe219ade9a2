"""README.md beside the pipelines: what has to exist once, with the commands, and what a pipeline cannot do."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from installer.conventions.pipeline_names import runners_name, sign_in_deployment
from installer.handover.pipelines.content import Content
from installer.handover.pipelines.runners import PRINCIPAL, PROVIDERS
from installer.handover.pipelines.sign_in import group_name

Platform = Literal["github", "azdo"]
SIGN_IN: Final = "sign-in.json"
RUNNERS: Final = "runners.json"
_INSIDE: Final = {"github": "a self-hosted runner with the label", "azdo": "an agent of the pool"}


@dataclass(frozen=True)
class PipelineInstructions:
    """The instructions.

    Attributes:
        repository: OWNER/REPOSITORY in GitHub; "" in Azure DevOps.
        ids: Whether the subject of its tokens has IDs.

    """

    content: Content
    platform: Platform
    repository: str = ""
    ids: bool = False

    def text(self) -> str:
        """The instructions as Markdown."""
        parts = [
            *self._introduction(),
            *self._sign_in(),
            *self._approvals(),
            *self._secrets(),
            *self._installer(),
            *self._images(),
            *self._limits(),
        ]
        return "\n\n".join(parts) + "\n"

    def _introduction(self) -> Iterator[str]:
        infrastructure = (
            "- infrastructure: on a pull request `validate`, `check` and `plan`, shown as a comment; on the branch a plan that binds, "
            "its approval by each environment, `apply --plan` of exactly that plan, then its migrations and smoke tests are read back"
        )
        kinds = [infrastructure, "- acceptance: the acceptance run of an environment, when asked for"]
        if self.content.pushed:
            kinds.append("- images: builds and pushes the images, and prints the answer that names each by digest")
        if self.content.answers.flows.source:
            kinds.append(
                "- flows: `flows diff` on a pull request, `flows deploy` and the acceptance run by environment"
            )
        if self.content.promotes:
            kinds.append(
                "- promotion: the difference of two environments, the approval of the one that changes, then `promote`: the source is "
                "proved again first, migrations and smoke tests of the target are read back"
            )
        yield f"# Pipelines of the installation {self.content.prefix}"
        yield (
            f"They call the installer with `{self.content.file}`, the only description of what is installed. Edit these files as any "
            "other: the command that wrote them merges its changes into yours."
        )
        yield "\n".join(kinds)

    def _sign_in(self) -> Iterator[str]:
        it, names = self.content.it, [self.content.environment(name) for name in self.content.identities]
        yield "## Sign-in without secrets"
        yield (
            f"`{SIGN_IN}` makes the resource group `{group_name(self.content)}` with a managed identity for each of "
            f"{', '.join(f'`{name}`' for name in names)}, a federated credential for its jobs only, and its roles. An owner of the "
            "subscriptions deploys it, once more with `installed=true` after the first installation, and again when the answers or "
            "the version of the installer change:"
        )
        deploy = (
            f"az deployment sub create --subscription {it.subscription} --location {it.location} "
            f"--name {sign_in_deployment(self.content.prefix)} --template-file {self.content.folder}/{SIGN_IN}"
        )
        query = "--query properties.outputs"
        yield from self._github(deploy, query) if self.platform == "github" else self._azdo(deploy, query)
        yield (
            f"The identities of `{names[0]}` and `{self.content.environment(self.content.deploys)}` have the role that "
            "`flowforge-install roles` prints, and may assign only the roles that the installation assigns; that of any other "
            "environment deploys flows: it starts jobs and changes container apps in its own resource group, uses the "
            "registry and the logs that all share, and reads the rest. Everyone who may push "
            f"a branch can use the identity of `{names[0]}`: protect its environment or connection, too, where that is not wanted."
        )

    def _github(self, deploy: str, query: str) -> Iterator[str]:
        form = "the IDs of owner and repository" if self.ids else "their names only"
        yield _block(
            f"{deploy} {query}",
            *(
                f"gh api --method PUT repos/{self.repository}/environments/{self.content.environment(name)} --silent\n"
                f"gh variable set AZURE_CLIENT_ID --repo {self.repository} --env {self.content.environment(name)} "
                f'--body "CLIENT_ID_OF_{name.upper()}"'
                for name in self.content.identities
            ),
        )
        yield (
            f"The subject of the credentials contains {form}. GitHub adds the IDs in repositories that were created, renamed or "
            "transferred since 15 July 2026, or that enabled immutable subjects; AADSTS700213 shows the subject that was sent. "
            f"`gh api repos/{self.repository} --jq '\"\\(.owner.id)/\\(.id)\"'` prints the IDs for the option `--repository-ids`."
        )

    def _azdo(self, deploy: str, query: str) -> Iterator[str]:
        names = ", ".join(f"`{self.content.environment(name)}`" for name in self.content.identities)
        given = " ".join(
            f'{name}Issuer="ISSUER_OF_{name.upper()}" {name}Subject="SUBJECT_OF_{name.upper()}"'
            for name in self.content.identities
        )
        yield (
            f"First create the service connections {names}: Project settings > Service connections > Azure Resource Manager > "
            "managed identity or app registration (manual), credential: workload identity federation. Keep each as draft; it "
            "shows its issuer and subject."
        )
        yield _block(f"{deploy} --parameters {given} {query}")
        yield (
            f"Then finish each connection with the client ID of the output, the tenant {self.content.answers.subscription.tenant} and the "
            f"subscription {self.content.it.subscription}. Create a pipeline for each of the files beside this one, and as build "
            "validation of the branch those of infrastructure and flows: Azure Repos ignores `pr` in YAML. The build service needs "
            "the permission Contribute to pull requests for the comment."
        )

    def _approvals(self) -> Iterator[str]:
        names = [f"`{self.content.environment(name)}`" for name in self.content.it.environments]
        rule = (
            "required reviewers and deployment branches"
            if self.platform == "github"
            else "approvals and branch control"
        )
        yield "## Approvals"
        yield (
            f"Set {rule} for the environments {', '.join(names)}. One plan covers the whole installation: each environment approves "
            f"it, and then it is carried out at once, by the identity of {names[-1]}. A plan that reality has left "
            "ends with exit code 8 before the first write: start the pipeline again for a new one."
        )
        if self.content.promotes:
            yield (
                f"A promotion is approved by the environment that changes, and by {names[-1]}, whose identity carries it out. It "
                f"changes the answers that Azure has: merge the difference that it shows into `{self.content.file}`, or the "
                "next deployment sets the images back."
            )

    def _secrets(self) -> Iterator[str]:
        if not self.content.secrets:
            return
        names = ", ".join(f"`{name}`" for name in self.content.secrets)
        yield "## Secrets of the answers"
        if self.platform == "github":
            yield f"The answers refer to {names}: create secrets with these names in every environment above."
        else:
            yield (
                f"The answers refer to {names}: create the variable group `flowforge-{self.content.prefix}` with secret variables of "
                "these names, also from a key vault."
            )

    def _installer(self) -> Iterator[str]:
        yield "## The installer"
        yield (
            f"`installer.lock` names version {self.content.wheel.version} of the installer by the hash of its wheel, and every package "
            f"by its hash. pip takes the wheel from `{self.content.folder}/wheels`, or from the package index that `PIP_INDEX_URL` names."
        )

    def _images(self) -> Iterator[str]:
        flows = self.content.pushes_flows and bool(self.content.answers.flows.source)
        if not self.content.pushed and not flows:
            return
        yield "## Images"
        if self.content.pushed:
            yield (
                "The first installation waits for the images (exit code 7) once their registry exists: run the pipeline of the images, "
                "put the lines that it prints into the answers, and merge them."
            )
        if self.content.it.private_registry:
            yield from self._runners()
        if flows:
            yield (
                "Tasks of a private registry do not reach it: build the image of the flows from the Prefect image, with the project in "
                "`/opt/flowforge/project`, push it to another registry, and name it by digest when you start the pipeline of the flows, "
                "or always in the answer `flows.image_from`."
            )

    def _runners(self) -> Iterator[str]:
        it, group = self.content.it, group_name(self.content)
        yield (
            f"The registry is private: its pushes need {_INSIDE[self.platform]} `{self.content.runner}` in a network that resolves "
            f"and reaches `{it.names.registry_host}`, with Docker and the Azure CLI. All other jobs act through Azure Resource "
            "Manager and need no place in the network. Container Apps jobs do not serve for it, since containers there cannot run Docker "
            "(https://learn.microsoft.com/azure/container-apps/tutorial-ci-cd-runners-jobs). If you have none, `runners.json` makes them, once the registry exists: a network "
            "with a private endpoint of the registry, and virtual machines that exist for a job only. They cost money while "
            "they exist, as do the NAT gateway and the endpoint."
        )
        deploy = (
            f"az deployment group create --subscription {it.subscription} --resource-group {group} "
            f"--name {runners_name(self.content.prefix)} --template-file {self.content.folder}/{RUNNERS}"
        )
        registered = [
            f"az provider register --subscription {it.subscription} --namespace {namespace} --wait"
            for namespace in PROVIDERS[self.platform]
        ]
        if self.platform == "azdo":
            principal = f'"$(az ad sp show --id {PRINCIPAL} --query id --output tsv)"'
            given = f'organizationUrl="https://dev.azure.com/ORGANIZATION" infrastructurePrincipal={principal}'
            yield _block(*registered, f"{deploy} --parameters {given}")
            yield (
                "The pool has the name of the option `--runner`, which has to be unique in Azure. Who deploys it needs the right to manage "
                "agent pools of the organization (https://learn.microsoft.com/azure/devops/managed-devops-pools/prerequisites)."
            )
            return
        owner = self.repository.partition("/")[0]
        query = f'"$(gh api orgs/{owner} --jq .id)"'
        yield _block(*registered, f"{deploy} --parameters businessId={query} --query properties.outputs")
        yield (
            f"Then, as an owner of the organization: Settings > Hosted compute networking > New network configuration, with the output as "
            f"network settings ID; a runner group with it; and in the group a Linux runner with the name `{self.content.runner}`. That "
            "needs the plan Team or Enterprise Cloud, and a region that GitHub supports (https://docs.github.com/organizations/"
            "managing-organization-settings/configuring-private-networking-for-github-hosted-runners-in-your-organization). Delete the "
            "network configuration before the installation: until then Azure does not delete the subnet."
        )

    def _limits(self) -> Iterator[str]:
        yield "## Limits"
        yield (
            "- Identities of Azure get no rights in Entra here: where sign-on needs a new app registration, an administrator creates "
            "it, or the run waits for it (exit code 7) and shows what to register.\n"
            "- A question of a run ends it with exit code 7; `apply --answer KEY=VALUE` answers it in advance."
        )


def _block(*lines: str) -> str:
    return "```bash\n" + "\n".join(lines) + "\n```"
