"""Survey of a real subscription, from which the emulator refuses what that subscription would refuse.

The file is JSON with the camel-case names of ARM; `schema()` describes it. `resources` holds the unchanged bodies of ARM's
GETs (subscriptions, groups, networks with their subnets, role assignments and definitions, roles that can be activated,
deny assignments, policy assignments, definitions and sets, locks, …), the lists below the rest. It contains no secrets.
"""

from __future__ import annotations

import json
from functools import cache, cached_property
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError
from pydantic.alias_generators import to_camel

from installer.emulator.survey_bodies import is_subscription, problem_of
from installer.emulator.survey_problems import problems
from installer.json_access import as_text, unpaged
from installer.resource_id import normalised_location, segments, subscription_of

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1
MAX_FIGURE = 2**53
"""Larger numbers are no exact JSON numbers; Azure has no such limits."""
_ASSIGNMENTS = "microsoft.authorization/roleassignments"
_MAX_BYTES = 64 * 1024 * 1024


class SurveyError(ValueError):
    """An invalid survey file; the text names the place of the error without repeating its content."""


def _known_bodies(resource: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """A body of Azure, or a list of them as Azure returns it."""
    wrong = dict.fromkeys(problem for body in unpaged([resource]) if (problem := problem_of(body)))
    if wrong:
        raise ValueError("; ".join(wrong))
    return resource


def _bodies(resources: tuple[dict[str, JsonValue], ...]) -> tuple[dict[str, JsonValue], ...]:
    """Bodies without the lists around them."""
    return tuple(unpaged([*resources]))


def _last(resource_type: str) -> str:
    """A type without its namespace, as Resource Skus - List has it."""
    return resource_type.rpartition("/")[2]


Region = Annotated[str, AfterValidator(normalised_location)]
"""Name of a region; its display name is accepted as well."""


class _Part(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True, hide_input_in_errors=True
    )


class Caller(_Part):
    """The caller: its object id, and the groups and other principals whose rights it shares."""

    object_id: str
    principal_ids: tuple[str, ...] = ()


class Quota(_Part):
    """A limit in a location as the provider's usage list names it (`cores`, `standardDSv5Family`, …)."""

    provider: str
    location: Region
    name: str
    limit: Annotated[int, Field(ge=-1, le=MAX_FIGURE)]
    current: Annotated[int, Field(ge=0, le=MAX_FIGURE)] = 0


class SkuRestriction(_Part):
    """A SKU that the subscription may not use in a location, or not in some of its zones; no name means every SKU.

    Attributes:
        ha_modes: Modes of high availability that a size of PostgreSQL does not have; without them it may be used.

    """

    resource_type: Annotated[str, AfterValidator(_last)]
    location: Region
    name: str = ""
    zones: tuple[str, ...] = ()
    ha_modes: tuple[Literal["SameZone", "ZoneRedundant"], ...] = ()
    reason: str = "NotAvailableForSubscription"


class UniqueName(_Part):
    """A globally unique name of a resource type."""

    type: str
    name: str


class DeletedVault(_Part):
    """A Key Vault that is deleted but not purged."""

    name: str
    location: Region
    purge_protection: bool = False


class RegionFact(_Part):
    """Facts about a region: resource types that it does not offer, and its zone mapping."""

    name: Region
    unavailable: tuple[str, ...] = ()
    zones: dict[str, str] = Field(default_factory=dict)


class KubernetesVersion(_Part):
    """A version of AKS in a location, as `az aks get-versions` has it (its patch releases left out)."""

    location: Region
    version: str
    is_default: bool = False


class DirectoryFacts(_Part):
    """Facts about Microsoft Entra and the sign-in of the caller. The defaults are those of a service principal with rights.

    Attributes:
        claims: Claims of the caller's tokens, in place of those of a service principal.
        refusal: The text with which Entra refuses every token, "" for none.
        challenge: What Azure asks of a new sign-in, in base64; every request is then answered with a claims challenge.
        secret_ends: End of the caller's client secret (ISO 8601), "" for one that was just created.
        permissions: Application permissions of a service principal for Microsoft Graph.
        roles: Template IDs of the directory roles of a user.
        eligible_groups: Object IDs of groups of which the caller may activate its membership (PIM for Groups).
        users_register: Whether every member of the tenant may register applications.
        secret_restrictions: Restrictions of the tenant for secrets of applications, as Graph shows them.
        unreadable: Beginnings of paths of Microsoft Graph that the caller may not read.

    """

    claims: dict[str, JsonValue] = Field(default_factory=dict)
    refusal: str = ""
    challenge: str = ""
    secret_ends: str = ""
    permissions: tuple[str, ...] = ("Application.ReadWrite.All",)
    roles: tuple[str, ...] = ()
    eligible_groups: tuple[str, ...] = ()
    users_register: bool = True
    secret_restrictions: tuple[dict[str, JsonValue], ...] = ()
    unreadable: tuple[str, ...] = ()


class Survey(_Part):
    """The whole file; everything but the version is optional and then unknown.

    Attributes:
        taken_names: Names that are in use elsewhere.
        certificates: Certificates as key vaults show them (`az keyvault certificate show`), with id, cer and policy.
        free_names: Names that were free; of names in neither list nothing is known.
        listed: Types, such as `Microsoft.Authorization/locks`, whose resources in the surveyed subscription are all in the survey; a type that is neither here nor
            among the resources is unknown. In another subscription: `/subscriptions/ID/providers/Microsoft.Authorization/locks`. The same for all restrictions in the regions of the survey: `Microsoft.Compute/skus` for VM sizes,
            `Microsoft.DBforPostgreSQL/locations/capabilities` for PostgreSQL.

    """

    version: Annotated[int, Field(ge=VERSION, le=VERSION)] = VERSION
    taken: str = ""
    subscription_id: str = ""
    tenant_id: str = ""
    caller: Caller | None = None
    resources: Annotated[
        tuple[Annotated[dict[str, JsonValue], AfterValidator(_known_bodies)], ...], AfterValidator(_bodies)
    ] = ()
    listed: tuple[str, ...] = ()
    registrations: dict[str, str] = Field(default_factory=dict)
    quotas: tuple[Quota, ...] = ()
    sku_restrictions: tuple[SkuRestriction, ...] = ()
    regions: tuple[RegionFact, ...] = ()
    kubernetes_versions: tuple[KubernetesVersion, ...] = ()
    taken_names: tuple[UniqueName, ...] = ()
    free_names: tuple[UniqueName, ...] = ()
    deleted_vaults: tuple[DeletedVault, ...] = ()
    certificates: tuple[dict[str, JsonValue], ...] = ()
    directory: DirectoryFacts = DirectoryFacts()

    def text(self) -> str:
        """The file's content; `parse` of it gives an equal survey."""
        return json.dumps(
            {"version": self.version, **self.model_dump(mode="json", by_alias=True, exclude_defaults=True)}
        )

    @cached_property
    def has_roles(self) -> bool:
        """Whether it lists the role assignments, also if there are none."""
        listed = any(kind.lower() == _ASSIGNMENTS for kind in self.listed)
        return listed or any(f"/providers/{_ASSIGNMENTS}/" in as_text(one.get("id")).lower() for one in self.resources)

    def restriction(self, resource_type: str, location: str, sku: str) -> SkuRestriction | None:
        """The restriction that forbids a SKU in a location, or None."""
        for item in self.sku_restrictions:
            same = (item.resource_type.lower(), item.location) == (resource_type.lower(), normalised_location(location))
            if same and not item.zones and not item.ha_modes and item.name.lower() in {"", sku.lower()}:
                return item
        return None

    def lacks_ha(self, mode: str, location: str, sku: str) -> bool:
        """Whether a size of PostgreSQL does not have a mode of high availability in a location."""
        place = normalised_location(location)
        return any(
            mode in item.ha_modes and item.location == place and item.name.lower() in {"", sku.lower()}
            for item in self.sku_restrictions
        )

    def region(self, name: str) -> RegionFact | None:
        """Facts about a region, or None."""
        return next((item for item in self.regions if item.name == normalised_location(name)), None)

    def subscriptions(self) -> dict[str, dict[str, JsonValue]]:
        """Bodies of subscriptions by ID in lower case; empty ones where only their resources are known."""
        ids = [as_text(one.get("id")) for one in self.resources]
        found: dict[str, dict[str, JsonValue]] = {one.lower(): {} for one in map(subscription_of, ids) if one}
        for identifier, one in zip(ids, self.resources, strict=True):
            if is_subscription(identifier):
                found[segments(identifier)[-1].lower()] = one
        return found


NOTHING = Survey()


def parse(text: str) -> Survey:
    """Parse the text of a survey file; SurveyError where it is invalid."""
    try:
        return Survey.model_validate_json(text)
    except ValidationError as problem:
        raise SurveyError(problems(text, problem, _keys())) from problem


@cache
def _keys() -> dict[str, tuple[str, ...]]:
    """Keys by the part of the file that has them, "" for the whole file."""
    found = {"": tuple(to_camel(name) for name in Survey.model_fields)}
    for name, item in Survey.model_fields.items():
        for kind in (item.annotation, *get_args(item.annotation)):
            if isinstance(kind, type) and issubclass(kind, _Part):
                found[to_camel(name)] = tuple(to_camel(one) for one in kind.model_fields)
    return found


def load(path: Path) -> Survey:
    """Read a survey file; SurveyError where it is invalid, OSError where it cannot be read."""
    with path.open("rb") as file:
        content = file.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise SurveyError(f"the file is larger than {_MAX_BYTES} bytes")
    try:
        return parse(content.decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        raise SurveyError("the file is not UTF-8") from problem


def schema() -> dict[str, JsonValue]:
    """The JSON Schema of the file."""
    return Survey.model_json_schema(by_alias=True)
