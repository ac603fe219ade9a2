"""What a survey puts into the world: the resources that are there, names that others have, vaults that are deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator import survey as surveys
from installer.emulator.ids import derived_guid, normalised_location
from installer.emulator.providers.key_vault import VAULT_TYPE, soft_deleted
from installer.emulator.state.resources import Resource
from installer.json_access import JsonObject, as_object, as_text
from installer.resource_id import parse_id

if TYPE_CHECKING:
    from installer.emulator.state.database import Database
    from installer.emulator.state.registrations import Registrations
    from installer.emulator.state.resources import Resources
    from installer.emulator.survey import Survey

_FRAME = {"id", "name", "type", "etag", "apiVersion"}
_LONG_AGO = 90 * 86_400.0  # so that every role assignment in it works already


def remembered(database: Database, given: Survey | None) -> Survey:
    """The survey given now, else the one that this state was started with before."""
    if given is not None:
        database.remember("survey", given.text())
        return given
    text = database.fact("survey")
    return surveys.parse(text) if text else surveys.NOTHING


def seed(database: Database, survey: Survey, resources: Resources, registrations: Registrations, moment: float) -> None:
    """Put in what is not there yet; what a rehearsal has made or changed since stays as it is."""
    with database.transaction():
        for view in survey.resources:
            made = _resource(view, moment - _LONG_AGO)
            if made is not None and resources.get(made.id) is None and not _gone(database, made):
                resources.save(made)
                database.remember(f"seeded:{made.key}", "1")
        for name in survey.taken_names:
            resources.save(_taken(name.type, name.name, moment))
        for vault in survey.deleted_vaults:
            held = _taken(VAULT_TYPE, vault.name, moment, subscription=survey.subscription_id)
            held.desired = {
                "location": normalised_location(vault.location),
                "properties": {"enablePurgeProtection": vault.purge_protection},
            }
            remains = soft_deleted(held, moment)
            if not _gone(database, remains):
                resources.save(remains)
                database.remember(f"seeded:{remains.key}", "1")
        for namespace, state in survey.registrations.items():
            if database.fact(f"seeded:{namespace}") is None:
                registrations.set(survey.subscription_id, namespace, state, moment)
                database.remember(f"seeded:{namespace}", "1")


def _gone(database: Database, resource: Resource) -> bool:
    """Whether a resource was put in before, and so was deleted in the rehearsal."""
    return database.fact(f"seeded:{resource.key}") is not None


def _resource(view: JsonObject, moment: float) -> Resource | None:
    """A resource from what a GET answered; None where its id names none."""
    parsed = parse_id(as_text(view.get("id")))
    if parsed is None:
        return None
    desired: JsonObject = {name: value for name, value in view.items() if name not in _FRAME and value is not None}
    properties = {
        name: value for name, value in as_object(desired.get("properties")).items() if name != "provisioningState"
    }
    if "properties" in desired:
        desired["properties"] = properties
    if "location" in desired:
        desired["location"] = normalised_location(as_text(desired["location"]))
    return Resource(
        id=parsed.id,
        type=parsed.type,
        name=parsed.names[-1],
        api_version=as_text(view.get("apiVersion")),
        state="Succeeded",
        created=moment,
        changed=moment,
        desired=desired,
    )


def _taken(kind: str, name: str, moment: float, *, subscription: str = "") -> Resource:
    """Somebody else's resource of a worldwide name, in a subscription that nobody here can see."""
    namespace, *types = kind.split("/")
    pairs = "/".join(f"{item}/{name}" for item in types)
    home = subscription or derived_guid(name, kind)
    where = f"/subscriptions/{home}/resourceGroups/elsewhere/providers/{namespace}/{pairs}"
    return Resource(where, kind, name, "", "Succeeded", moment, moment)
