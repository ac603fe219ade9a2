"""Answers of Azure for the tests of pages: a plan with a change of each kind, and results of checks."""

from typing import Final

from installer.planning.model import Change, Plan, PropertyChange, counts
from installer.preflight.model import Finding, NotChecked, Proof, Report, Result, WayOut

NOISE: Final = ("properties.provisioningState", "properties.vaultUri")
CHANGES: Final = (
    Change("/x/st", "Microsoft.Storage/storageAccounts", "stffdev", "rg-dev", "data", "create", environment="dev"),
    Change(
        "/x/kv",
        "Microsoft.KeyVault/vaults",
        "kv-ff-dev",
        "rg-dev",
        "data",
        "change",
        ("properties.sku.name",),
        (PropertyChange("properties.sku.name", "standard", "premium"),),
        "dev",
    ),
    Change(
        "dns:A:x", "DNS record/A", "ff.example.com", "", "names", "wait", (), (), "dev", "dns", "its owner creates it"
    ),
    Change("/x/old", "Microsoft.KeyVault/vaults", "kv-old", "rg-dev", "data", "same", environment="dev", noise=NOISE),
)
PLAN: Final = Plan("4f2c", "public", 0.0, CHANGES, (), counts(CHANGES), digest="0123456789abcdef")
TAKEN: Final = Finding(
    "blocks",
    "the name kv-ff-contoso-dev (Key vault) is taken by another customer of Azure",
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv-ff-contoso-dev",
    "Azure refuses this resource",
    (
        WayOut(
            "use the name kv-ff-contoso-dev2, which is free",
            (("governance.names", ["key_vault.dev=kv-ff-contoso-dev2"]),),
        ),
        WayOut("choose another prefix"),
    ),
    "VaultAlreadyExists",
)
WARNED: Final = Finding("warns", "new clusters get Kubernetes 1.40", "aks", "the manifests are older", ())


def report(*findings: Finding) -> Report:
    """A report with findings in one check, something not checked in another, and a check that passed."""
    return Report(
        (
            Result("names", "Names", findings=findings, proofs=() if findings else (Proof("9 names are free"),)),
            Result(
                "quota", "Quota", not_checked=(NotChecked("quotas of Microsoft.Web", "this account may not read it"),)
            ),
            Result("rights", "Rights", proofs=(Proof("88 actions at 1 scope"),)),
        )
    )
