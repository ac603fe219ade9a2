"""Survey of a subscription for an answers file: a rehearsal on it refuses what the subscription would refuse."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from installer.answers.files import save
from installer.answers.model import Answers
from installer.estate.assumed_resources import assumed
from installer.estate.parameters.context import Installation
from installer.estate.resources import estate

if TYPE_CHECKING:
    from installer.cloud.survey import Wanted
    from installer.cloud.target import Target

WORLDWIDE: Final = frozenset(
    {
        "microsoft.storage/storageaccounts",
        "microsoft.keyvault/vaults",
        "microsoft.containerregistry/registries",
        "microsoft.dbforpostgresql/flexibleservers",
        "microsoft.web/sites",
    }
)
"""Types whose names are unique within a cloud."""


def read_survey(target: "Target", answers: Answers, file: Path, progress: Callable[[str], None]) -> list[str]:
    """Read the subscription of the answers and write the survey file.

    Sends some dozens of requests to Azure; read-only.

    Returns:
        Names of the parts that could not be read.

    Raises:
        AzureRefused: Azure refuses the requests altogether.

    """
    from installer.cloud.rest import Service
    from installer.cloud.survey import Reader, survey

    reader = Reader(Service.of_arm(target), _wanted(answers), progress)
    content = survey(reader)
    save(file, json.dumps(content, indent=1, ensure_ascii=False))
    return reader.unread


def _wanted(answers: Answers) -> "Wanted":
    from installer.cloud.survey import Wanted

    it = Installation(answers)
    sent = [resource for stage in estate(answers) for resource in stage.resources]
    there = frozenset(str(resource["id"]).lower() for resource in assumed(answers))
    homes = dict.fromkeys([it.subscription.lower(), *(site.subscription.lower() for site in it.sites)])
    homes |= dict.fromkeys(name.split("/")[2] for name in there)
    return Wanted(
        tenant=answers.subscription.tenant,
        subscriptions=tuple(homes),
        regions=tuple(dict.fromkeys([it.location, *(site.location for site in it.sites)])),
        names=tuple((one.type, one.name) for one in sent if one.type.lower() in WORLDWIDE),
        types=frozenset(one.type.lower() for one in sent),
        there=there,
    )
