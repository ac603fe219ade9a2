"""Small pure functions: ids, names, times, durations."""

import pytest

from installer.durations import types
from installer.emulator.clock import instant, period
from installer.emulator.deployments.views import output_name
from installer.emulator.providers.durations import length_of
from installer.json_access import member
from installer.resource_id import normalised_location, parse_id

GROUP = "/subscriptions/s/resourceGroups/g"


@pytest.mark.parametrize(
    ("path", "resource_id", "kind", "name"),
    [
        ("/Subscriptions/s/resourcegroups/g", GROUP, "Microsoft.Resources/resourceGroups", "g"),
        (f"{GROUP}/providers/A.B/c/d", f"{GROUP}/providers/A.B/c/d", "A.B/c", "d"),
        (f"/{GROUP}//providers/A.B/c/d/e/f/", f"{GROUP}/providers/A.B/c/d/e/f", "A.B/c/e", "d/f"),
        (f"{GROUP}/providers/A.B/c/d/providers/E.F/g/h", f"{GROUP}/providers/A.B/c/d/providers/E.F/g/h", "E.F/g", "h"),
        (f"{GROUP}/PROVIDERS/A.B/c/providers", f"{GROUP}/providers/A.B/c/providers", "A.B/c", "providers"),
        ("/providers/A.B/c/d", "/providers/A.B/c/d", "A.B/c", "d"),
    ],
)
def test_ids_are_parsed_and_normalised_as_by_arm(path: str, resource_id: str, kind: str, name: str) -> None:
    parsed = parse_id(path)
    assert parsed is not None
    assert (parsed.id, parsed.type, parsed.name) == (resource_id, kind, name)


@pytest.mark.parametrize("path", ["", "/", "/subscriptions/s", f"{GROUP}/providers", f"{GROUP}/providers/A.B/c"])
def test_other_paths_are_no_resource_ids(path: str) -> None:
    assert parse_id(path) is None


@pytest.mark.parametrize(
    ("given", "back"),
    [
        ("AZURE_STORAGE_ACCOUNT_ID", "azurE_STORAGE_ACCOUNT_ID"),
        ("WEBSITE_URL", "websitE_URL"),
        ("ARRAY_INT", "arraY_INT"),
        ("MyOut", "myOut"),
        ("already", "already"),
        ("ID", "id"),
        ("IDs", "iDs"),
        ("X", "x"),
    ],
)
def test_output_names_are_returned_in_camel_case(given: str, back: str) -> None:
    assert output_name(given) == back


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "PT0S"),
        (0.0009763, "PT0.0009763S"),
        (35.148644, "PT35.148644S"),
        (63.9913627, "PT1M3.9913627S"),
        (3660, "PT1H1M"),
    ],
)
def test_durations_are_formatted_as_by_arm(seconds: float, text: str) -> None:
    assert period(seconds) == text


def test_moments_have_up_to_seven_decimals() -> None:
    assert instant(0.5) == "1970-01-01T00:00:00.5Z"
    assert instant(86400) == "1970-01-02T00:00:00Z"


def test_locations_are_normalised() -> None:
    assert normalised_location("West US 2") == normalised_location("WestUS2") == "westus2"


def test_every_duration_has_a_source() -> None:
    entries = types()
    assert {member(entry, "source") for entry in entries.values()} <= {"recorded", "documented", "estimated"}
    assert len(entries) > 20
    assert [kind for kind in entries if length_of(kind, f"{GROUP}/providers/{kind}/x", "create") <= 0] == []


def test_durations_depend_on_the_resource_only() -> None:
    one, other = (length_of("Microsoft.KeyVault/vaults", f"{GROUP}/providers/x/y/{name}", "create") for name in "ab")
    assert one == length_of("microsoft.keyvault/VAULTS", f"{GROUP}/providers/x/y/a", "create")
    assert one != other
    assert abs(one - other) <= 0.2 * 30
