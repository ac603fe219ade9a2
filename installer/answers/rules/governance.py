"""Rules about resource names and tags."""

import difflib
import re
from collections.abc import Iterator

from installer.answers.ask import View
from installer.conventions.naming import NAME_RULES, OWN_TAGS
from installer.errors import Problem

_ZONE_TAGS = 15
_TAG_CHARACTERS = 128
_RESERVED_PREFIXES = ("microsoft", "azure", "windows")
_SLOT_CHARACTERS = 40


def names_are_valid(view: View) -> Iterator[Problem]:
    """A resource name is for a known kind of resource and is valid in Azure."""
    for entry in _entries(view, "governance.names"):
        what, _, name = entry.partition("=")
        if reason := _refusal(what, name):
            yield Problem("governance.names", reason)
            return  # a question shows one problem at a time


def _refusal(what: str, name: str) -> str:
    kind, _, where = what.partition(".")
    rule = NAME_RULES.get(kind)
    if rule is None:
        near = difflib.get_close_matches(kind, NAME_RULES, n=1)
        meant = f"did you mean {near[0]}?" if near else f"use one of {', '.join(NAME_RULES)}"
        return f"{kind} is not a kind of resource here; {meant}"
    if rule.each and not where:
        return f"there are several of {kind}; specify one, for example {kind}.{'prod' if rule.which else 'web'}={name}"
    if where and not rule.each:
        return f"{what}: there is only one {kind}; enter {kind}={name}"
    if where and rule.which and where not in rule.which:
        return f"{what}: {where} is not valid; use one of {', '.join(rule.which)}"
    if len(name) > rule.longest:
        return f"{name} has {len(name)} characters; the maximum is {rule.longest}: {name[: rule.longest].rstrip('-')}"
    if not re.fullmatch(rule.pattern, name):
        return f"{name} is not a valid name for {kind}; allowed: {rule.said}"
    return ""


def names_fit_a_slot(view: View) -> Iterator[Problem]:
    """The host name of a staging slot has the first 40 characters of the web app's name: its redirect URI would be wrong.

    Source: azure-docs, articles/app-service/deploy-staging-slots.md ("Add a slot").
    """
    if view.get("platform.control_plane") != "app_service" or view.get("platform.slot") is not True:
        return
    for entry in _entries(view, "governance.names"):
        what, _, name = entry.partition("=")
        if what.partition(".")[0] == "site" and len(name) > _SLOT_CHARACTERS:
            short = name[:_SLOT_CHARACTERS].rstrip("-")
            yield Problem(
                "governance.names",
                f"{name} has {len(name)} characters; with a staging slot the maximum is {_SLOT_CHARACTERS}, because Azure "
                f"shortens the name in the slot's host name: {short}; or do without the slot",
            )
            return


def tags_are_given_once(view: View) -> Iterator[Problem]:
    """A tag has one value and is not one that the installer sets; tag names are case-insensitive in Azure."""
    seen: set[str] = set()
    for entry in _entries(view, "governance.tags"):
        name = entry.partition("=")[0]
        if name.lower() in OWN_TAGS:
            yield Problem("governance.tags", f"{name} is set by the installer; remove it")
            return
        if name.lower() in seen:
            yield Problem("governance.tags", f"{name} is listed twice; tag names are case-insensitive in Azure")
            return
        seen.add(name.lower())


def tag_names_are_accepted(view: View) -> Iterator[Problem]:
    """A tag name is accepted at every resource: not longer than at storage accounts, without a prefix that Azure reserves.

    Sources: azure-docs, articles/azure-resource-manager/management/tag-resources.md (storage accounts, Front Door); REST API
    Tags - Create Or Update (prefixes).
    """
    front_door = view.get("ingress.kind") == "frontdoor"
    for entry in _entries(view, "governance.tags"):
        if reason := _refused_tag(entry.partition("=")[0], front_door=front_door):
            yield Problem("governance.tags", reason)
            return


def _refused_tag(name: str, *, front_door: bool) -> str:
    if not name.strip():
        return "a tag has no name"
    if len(name) > _TAG_CHARACTERS:
        return f"{name[:20]}… has {len(name)} characters; the maximum is {_TAG_CHARACTERS}, because of storage accounts"
    if prefix := next((one for one in _RESERVED_PREFIXES if name.lower().startswith(one)), ""):
        return f"{name} starts with {prefix}; Azure reserves the prefixes {', '.join(_RESERVED_PREFIXES)}"
    if front_door and re.search("[#:]", name):
        return f"{name} has one of the characters # and :, which Front Door does not support in tag names"
    return ""


def tags_fit_private_zones(view: View) -> Iterator[Problem]:
    """Private DNS zones and their links support 15 tags; a zone of the installation can leave out only its own ones.

    Source: azure-docs, articles/azure-resource-manager/management/tag-resources.md.
    """
    count = len(_entries(view, "governance.tags"))
    zones = view.get("network.mode") != "public" and (
        view.get("network.dns") == "created" or view.get("platform.runtime") == "container_apps"
    )
    if count > _ZONE_TAGS and zones:
        yield Problem(
            "governance.tags",
            f"{count} tags; new private DNS zones support {_ZONE_TAGS}. Use existing zones, or fewer tags",
        )


def _entries(view: View, key: str) -> list[str]:
    given = view.get(key)
    return [str(entry) for entry in given] if isinstance(given, list) else []
