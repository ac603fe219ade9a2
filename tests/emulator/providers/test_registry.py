"""Providers are found by their modules, and no two of them claim the same type."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest

from installer.emulator.providers import registry
from installer.emulator.providers.provider import GENERIC, ProviderHooks


def _module(name: str, *types: str) -> ModuleType:
    module = ModuleType(name)
    if types:
        vars(module)["HOOKS"] = {resource_type: ProviderHooks() for resource_type in types}
    return module


def test_providers_of_the_package_are_found() -> None:
    found = registry.provider_hooks()
    known = {"microsoft.keyvault/vaults", "microsoft.network/virtualnetworks", "microsoft.resources/tags"}
    assert known <= found.keys()
    assert registry.hooks_of("Microsoft.KeyVault/VAULTS") is found["microsoft.keyvault/vaults"]
    assert registry.hooks_of("Contoso.Unknown/things") is GENERIC


def test_modules_without_hooks_are_not_providers() -> None:
    found = registry.collect_hooks([_module("helpers"), _module("first", "A.B/c"), _module("second", "A.B/d")])
    assert sorted(found) == ["a.b/c", "a.b/d"]


def test_two_modules_cannot_claim_the_same_type() -> None:
    with pytest.raises(ValueError, match=r"^The modules first and second both claim the type a\.B/C\.$"):
        registry.collect_hooks([_module("first", "A.B/c"), _module("second", "a.B/C")])


def test_importing_the_registry_does_not_import_providers() -> None:
    code = (
        "import sys; from installer.emulator.providers import registry; "
        "print('installer.emulator.providers.postgresql' in sys.modules); registry.provider_hooks(); "
        "print('installer.emulator.providers.postgresql' in sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout.split() == ["False", "True"]
