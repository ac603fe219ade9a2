"""Survey of a real subscription, read-only: what a rehearsal needs to reject what Azure would reject.

Every part is read separately. A part without read permission is omitted and reported.
"""

from datetime import UTC, datetime

from installer.cloud.survey.offers import deleted, kubernetes, names, providers, quotas, restrictions
from installer.cloud.survey.permissions import policies, rights
from installer.cloud.survey.reader import Reader, Wanted
from installer.cloud.survey.resources import resources
from installer.jsontypes import Json
from installer.resource_id import parse_id

__all__ = ["Reader", "Wanted", "survey"]


def survey(reader: Reader) -> dict[str, Json]:
    """Take a survey and return the content of its file. Sends some dozens of read requests."""
    home = reader.wanted.subscriptions[0]
    there = [one for subscription in reader.wanted.subscriptions for one in resources(reader, subscription)]
    caller, held = rights(reader)
    parsed = (parse_id(str(one.get("id", ""))) for one in there)
    networks = sum(1 for one in parsed if one and one.types[-1].lower() == "virtualnetworks")
    registrations, regions = providers(reader, home)
    taken, free = names(reader, home)
    restricted = list(restrictions(reader, home))
    content: dict[str, Json] = {
        "version": 1,
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "subscriptionId": home,
        "tenantId": reader.wanted.tenant,
        "resources": [*there, *held, *policies(reader, home)],
        "listed": [*sorted(reader.listed)],
        "registrations": registrations,
        "quotas": [*quotas(reader, home, networks)],
        "skuRestrictions": [*restricted],
        "regions": [*regions],
        "kubernetesVersions": [*kubernetes(reader, home)],
        "takenNames": [*taken],
        "freeNames": [*free],
        "deletedVaults": [*deleted(reader, home)],
    }
    return {**content, "caller": caller} if caller else content
