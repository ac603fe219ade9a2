"""The bill of materials follows the published schema; licences come from the wheels, and none is guessed."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from installer.handover.kit.bill_of_materials import bill_of_materials, licences
from installer.handover.kit.platform import Machine
from installer.handover.kit.wheel_metadata import UNKNOWN, WheelMetadata, read_wheel
from tests.handover.kit.small_wheels import wheel

MADE = datetime(2026, 12, 1, tzinfo=UTC)
ENVIRONMENT = Machine().environment()
IMAGES = ("mcr.example.com/base/python:3.12", "reg.example.com:5000/web@sha256:" + "a" * 64)


def read(folder: Path, name: str, more: str = "", licence: str = "Do as you like.") -> WheelMetadata:
    return read_wheel(wheel(folder, name, more=more, licence=licence), ENVIRONMENT)


def bill(*wheels: WheelMetadata) -> str:
    return bill_of_materials("1.2.3", [(one, "b" * 64) for one in wheels], IMAGES, MADE)


def test_it_follows_the_schema_and_has_the_dependencies(tmp_path: Path) -> None:
    alpha = read(tmp_path, "alpha", "Requires-Dist: beta>=1\nRequires-Dist: gamma; extra == 'more'")
    text = bill(alpha, read(tmp_path, "beta", "License-Expression: MIT OR Apache-2.0"), read(tmp_path, "gamma"))
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    found = json.loads(text)
    assert found["metadata"]["timestamp"].startswith("2026-12-01")
    below = {one["ref"]: one.get("dependsOn", []) for one in found["dependencies"]}
    assert below["pkg:pypi/alpha@1.0"] == ["pkg:pypi/beta@1.0"]
    assert {*below["flowforge-installer"]} == {"pkg:pypi/alpha@1.0", "pkg:pypi/gamma@1.0", *IMAGES}
    versions = {one["name"]: one["version"] for one in found["components"]}
    assert versions["mcr.example.com/base/python"] == "3.12"
    assert versions["reg.example.com:5000/web"] == "sha256:" + "a" * 64


def test_the_same_kit_has_the_same_bill(tmp_path: Path) -> None:
    wheels = [read(tmp_path, name) for name in ("alpha", "beta")]
    assert bill(*wheels) == bill(*wheels)


@pytest.mark.parametrize(
    ("more", "licence", "expression"),
    [
        ("License-Expression: MIT", "MIT", True),
        ("License: MIT\nClassifier: License :: OSI Approved :: BSD License", "BSD License", False),
        ("License: Zope", "Zope", False),
        (f"License: {'whole text ' * 40}", UNKNOWN, False),
        ("Classifier: License :: OSI Approved", UNKNOWN, False),
        ("", UNKNOWN, False),
    ],
)
def test_a_licence_is_what_the_wheel_states(tmp_path: Path, more: str, licence: str, *, expression: bool) -> None:
    found = read(tmp_path, "alpha", more)
    assert (found.licence, found.is_expression) == (licence, expression)
    (component,) = (one for one in json.loads(bill(found))["components"] if one["name"] == "alpha")
    assert ("licenses" in component) is (licence != UNKNOWN)


def test_the_list_of_licences_has_every_text_without_its_escapes(tmp_path: Path) -> None:
    text = licences([read(tmp_path, "alpha", licence="red \x1b[31m text"), read(tmp_path, "beta", licence="")])
    assert "red  [31m text" in text
    assert "\x1b" not in text
    assert "beta 1.0" in text
