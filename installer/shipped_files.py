"""Paths of data files that ship with the installer. No other module spells these paths.

A test checks every function here in a checkout and in the wheel.
"""

from importlib.resources import files
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).parent
BICEP: Final = PACKAGE.parent / "bicep"
"""Next to the package, in a checkout and in an installed distribution."""
_SCRATCH: Final = frozenset({"__pycache__", ".DS_Store"})


def product_files() -> dict[str, Path]:
    """All files with which install.sh sets up the installer, by their paths; empty in an installed distribution, which lacks it."""
    root = PACKAGE.parent
    if not (root / "install.sh").is_file():
        return {}
    folders = ("installer", "screens", "bicep")
    single = [root / name for name in ("install.sh", "README.md", "pyproject.toml")]
    every = [*single, *root.glob("*.lock"), *(file for name in folders for file in (root / name).rglob("*"))]
    found = {file.relative_to(root).as_posix(): file for file in every if file.is_file()}
    return {name: file for name, file in sorted(found.items()) if not _SCRATCH.intersection(Path(name).parts)}


def saved_prices() -> Path:
    """prices.json of an offline kit: the price list of some answers. Only in a kit that was made with answers."""
    return PACKAGE.parent / "prices.json"


def compiled_template(stage: str) -> Path:
    """The compiled ARM template of a stage."""
    return BICEP / "compiled" / f"{stage}.json"


def compiled_templates() -> tuple[Path, ...]:
    """All compiled ARM templates, sorted by name."""
    return tuple(sorted((BICEP / "compiled").glob("*.json")))


def managed_rules() -> str:
    """Text of managed-rules.json: rule sets of the firewalls, and what they must not inspect; the templates load it too."""
    return (BICEP / "managed-rules.json").read_text(encoding="utf-8")


def installer_lock() -> str:
    """Text of requirements.lock: the packages of the installer with their hashes; beside the package in a checkout, in it in a wheel."""
    packed = PACKAGE / "requirements.lock"
    return (packed if packed.is_file() else PACKAGE.parent / "requirements.lock").read_text(encoding="utf-8")


def reporter_program() -> Path:
    """The program that reports failed flow runs."""
    return BICEP / "reporter" / "reporter.py"


def durations() -> str:
    """Text of durations.json: usual durations with their sources."""
    return (files("installer") / "durations.json").read_text(encoding="utf-8")


def immutable_properties() -> str:
    """Text of immutable_properties.json: properties that Azure does not change, with their sources."""
    return (files("installer") / "immutable_properties.json").read_text(encoding="utf-8")


def integrations() -> str:
    """Text of integrations.json: hosts, private endpoints and durations of the optional services."""
    return (files("installer") / "integrations.json").read_text(encoding="utf-8")


def provider_needs() -> str:
    """Text of provider_needs.json: resource providers that a type needs besides its own."""
    return (files("installer") / "provider_needs.json").read_text(encoding="utf-8")


def role_names() -> str:
    """Text of role_names.json: names of built-in roles by ID."""
    return (files("installer") / "role_names.json").read_text(encoding="utf-8")


def egress_rules() -> str:
    """Text of egress.toml: targets that a firewall must allow, with their sources."""
    return (files("installer.estate") / "egress.toml").read_text(encoding="utf-8")


def linked_actions() -> str:
    """Text of linked_actions.toml: actions on resources that other resources refer to."""
    return (files("installer") / "linked_actions.toml").read_text(encoding="utf-8")


def security_controls() -> str:
    """Text of security_controls.toml: controls of the Microsoft cloud security benchmark and what proves each, with the source."""
    return (files("installer.handover.report") / "security_controls.toml").read_text(encoding="utf-8")


def resource_type_names() -> str:
    """Text of resource_type_names.toml: names of resource types in the portal, with their source."""
    return (files("installer.estate") / "resource_type_names.toml").read_text(encoding="utf-8")


def regional_ties() -> str:
    """Text of regional_ties.toml: references that Azure accepts only within one region."""
    return (files("installer") / "regional_ties.toml").read_text(encoding="utf-8")


def step_actions() -> str:
    """Text of step_actions.toml: actions of the steps beside the deployments."""
    return (files("installer.preflight.rights") / "step_actions.toml").read_text(encoding="utf-8")


def error_explanations() -> str:
    """Text of the files in explanations/, joined: one list of errors."""
    folder = Path(str(files("installer.cloud"))) / "explanations"
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.toml")))


def policy_answers() -> str:
    """Text of policy_answers.toml: the answers that change a resource which a policy denies."""
    return (files("installer.preflight.policies") / "policy_answers.toml").read_text(encoding="utf-8")


def type_schemas() -> dict[str, Path]:
    """Published schemas of resource types: a file for each namespace (lower case)."""
    found = Path(str(files("installer.type_schemas") / "data")).glob("*.json")
    return {path.stem.lower(): path for path in found}


def flow_project() -> Path:
    """Folder of the Prefect project of every environment: `prefect.yaml` and its flows."""
    return Path(str(files("installer.prefect_setup") / "project"))


def example_flows() -> Path:
    """Folder of the example of a customer's flows, which `flows init` writes."""
    return Path(str(files("installer.flow_project") / "example"))


def prefect_image() -> Path:
    """Folder of the Prefect image: its Dockerfile and its locked packages."""
    return Path(str(files("installer.images") / "prefect"))
