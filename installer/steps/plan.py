"""The installation plan: which steps there are for these answers, and what each needs."""

from pathlib import Path

from installer.answers.draft import flatten
from installer.answers.model import Answers
from installer.children import Children
from installer.cloud.arm import Arm
from installer.engine.step import Step
from installer.estate import estate, namespaces
from installer.secrets import Secrets
from installer.steps.canary import Canary
from installer.steps.deployment import DeployStage
from installer.steps.prefect import PrefectHost, PrefectObjects, PrefectServer
from installer.steps.providers import RegisterProviders


def installation(
    answers: Answers, arm: Arm, *, secrets: Secrets, children: Children, directory: Path, run: str
) -> tuple[Step, ...]:
    """The steps of an installation, each after those that it needs."""
    found = estate(answers)
    flat = flatten(answers)
    providers = RegisterProviders(arm, namespaces(found))
    stages = [
        DeployStage(
            arm=arm,
            spec=stage.spec,
            secrets=secrets,
            references={name: str(flat[key]) for name, key in stage.spec.secrets.items()},
            installation=answers.subscription.prefix,
            usual=stage.usual / arm.target.speed,
            needs=stage.spec.needs or (providers.key,),
        )
        for stage in found
    ]
    environments = answers.subscription.environments
    host = PrefectHost(children, directory / "prefect", rehearsal=arm.target.is_rehearsal)
    runtimes = tuple(stage.key for stage in stages if stage.spec.stage == "runtime")
    return (
        providers,
        *stages,
        PrefectServer(host, secrets, run, needs=runtimes),
        PrefectObjects(host, answers),
        *(Canary(host, environment, run) for environment in environments),
    )
