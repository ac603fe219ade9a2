"""A survey of the customer's subscription, read for an answers file: what a rehearsal on it then refuses as theirs would."""

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
"""Types whose names all customers of a cloud share."""


def read_survey(target: "Target", answers: Answers, file: Path, progress: Callable[[str], None]) -> list[str]:
    """Read the subscription that the answers name, and write the survey; returns what could not be read.

    Asks Azure some dozens of times, and changes nothing there. Raises AzureRefused where nobody can be asked.
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
