"""Loads a survey into the state: existing resources, names in use elsewhere, soft-deleted vaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.emulator import survey as surveys
from installer.emulator.ids import derived_guid
from installer.emulator.providers.key_vault import VAULT_TYPE, soft_deleted
from installer.emulator.state.resources import Resource
from installer.emulator.survey_resources import stored
from installer.json_access import JsonObject, as_object, as_text
from installer.resource_id import normalised_location, parse_id

if TYPE_CHECKING:
    from installer.emulator.state.database import Database
    from installer.emulator.state.registrations import Registrations
    from installer.emulator.state.resources import Resources
    from installer.emulator.survey import Survey

_FRAME = {"id", "name", "type", "etag", "apiVersion"}
_SEED_AGE = 90 * 86_400.0  # so that all its role assignments have propagated


def remembered(database: Database, given: Survey | None) -> Survey:
    """The survey of this start, else the one kept from an earlier start."""
    if given is not None:
        database.remember("survey", given.text())
        return given
    text = database.fact("survey")
    return surveys.parse(text) if text else surveys.NOTHING


def seed(database: Database, survey: Survey, resources: Resources, registrations: Registrations, moment: float) -> None:
    """Add what was not seeded before; resources created, changed or deleted since then stay as they are."""
    with database.transaction():
        for view in stored(survey.resources):
            found = _resource(view, moment - _SEED_AGE)
            if found is not None and resources.get(found.id) is None and not _seeded_before(database, found):
                resources.save(found)
                database.remember(f"seeded:{found.key}", "1")
        for name in survey.taken_names:
            resources.save(_taken(name.type, name.name, moment))
        for vault in survey.deleted_vaults:
            held = _taken(VAULT_TYPE, vault.name, moment, subscription=survey.subscription_id)
            held.desired = {
                "location": normalised_location(vault.location),
                "properties": {"enablePurgeProtection": vault.purge_protection},
            }
            remains = soft_deleted(held, moment)
            if not _seeded_before(database, remains):
                resources.save(remains)
                database.remember(f"seeded:{remains.key}", "1")
        for namespace, state in survey.registrations.items():
            if database.fact(f"seeded:{namespace}") is None:
                registrations.set(survey.subscription_id, namespace, state, moment)
                database.remember(f"seeded:{namespace}", "1")


def _seeded_before(database: Database, resource: Resource) -> bool:
    """Whether a resource was seeded at an earlier start; if missing now, the rehearsal deleted it."""
    return database.fact(f"seeded:{resource.key}") is not None


def _resource(view: JsonObject, moment: float) -> Resource | None:
    """A resource from the body of a GET; None where its id is not a resource id."""
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
    """Another customer's resource with a globally unique name, in an invisible subscription."""
    namespace, *types = kind.split("/")
    pairs = "/".join(f"{item}/{name}" for item in types)
    home = subscription or derived_guid(name, kind)
    where = f"/subscriptions/{home}/resourceGroups/elsewhere/providers/{namespace}/{pairs}"
    return Resource(where, kind, name, "", "Succeeded", moment, moment)
