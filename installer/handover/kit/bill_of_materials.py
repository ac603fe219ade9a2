"""The bill of materials of a kit in CycloneDX 1.6 (cyclonedx.org/docs/1.6/json), and the licences of its packages."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import NAMESPACE_URL, uuid5

from installer.handover.kit.wheel_metadata import UNKNOWN, WheelMetadata

if TYPE_CHECKING:
    from cyclonedx.model.component import Component

NAME: Final = "flowforge-installer"
_RULE: Final = "-" * 78


def bill_of_materials(
    version: str, wheels: Sequence[tuple[WheelMetadata, str]], images: Iterable[str], made: datetime
) -> str:
    """The bill as JSON.

    Args:
        version: Version of the installer.
        wheels: Each wheel with its SHA-256 in hexadecimal digits.
        images: Container images by reference, such as registry/repository:tag.
        made: Time of the kit, in UTC.

    """
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.output.json import JsonV1Dot6

    root = Component(name=NAME, version=version, type=ComponentType.APPLICATION, bom_ref=NAME)
    libraries = {(one.name, one.version): _library(one, code) for one, code in wheels}
    containers = [_container(image) for image in images]
    bom = Bom(components=[*libraries.values(), *containers])
    bom.metadata.component = root
    bom.metadata.timestamp = made
    bom.serial_number = uuid5(NAMESPACE_URL, f"{NAME}:{version}:{','.join(sorted(code for _, code in wheels))}")
    by_name: dict[str, list[Component]] = {}
    for (name, _), component in libraries.items():
        by_name.setdefault(name, []).append(component)
    for one, _ in wheels:
        bom.register_dependency(
            libraries[one.name, one.version], [found for name in one.requires for found in by_name.get(name, ())]
        )
    required = {name for one, _ in wheels for name in one.requires}
    bom.register_dependency(
        root, [found for name, every in by_name.items() if name not in required for found in every] + containers
    )
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _library(wheel: WheelMetadata, code: str) -> "Component":
    from cyclonedx.model import HashAlgorithm, HashType
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
    from packageurl import PackageURL

    licence = LicenseExpression(wheel.licence) if wheel.is_expression else DisjunctiveLicense(name=wheel.licence)
    purl = PackageURL("pypi", None, wheel.name, wheel.version)
    return Component(
        name=wheel.name,
        version=wheel.version,
        type=ComponentType.LIBRARY,
        bom_ref=str(purl),
        purl=purl,
        description=wheel.summary or None,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=code)],
        licenses=[] if wheel.licence == UNKNOWN else [licence],
    )


def _container(image: str) -> "Component":
    from cyclonedx.model.component import Component, ComponentType

    path, _, digest = image.partition("@")
    name, _, tag = path.rpartition(":") if ":" in path.rpartition("/")[2] else (path, "", "")
    return Component(name=name, version=digest or tag or None, type=ComponentType.CONTAINER, bom_ref=image)


def licences(wheels: Sequence[WheelMetadata]) -> str:
    """A table of the licences, and after it the text of each package."""
    width = max((len(f"{one.name} {one.version}") for one in wheels), default=0) + 2
    table = [f"{f'{one.name} {one.version}':<{width}}{one.licence}" for one in wheels]
    texts = [
        "\n".join([_RULE, f"{one.name} {one.version}: {name}", _RULE, text])
        for one in wheels
        for name, text in sorted(one.licence_texts.items())
    ]
    return (
        "\n\n".join(["\n".join(["Licences of the packages in wheels/, as they state them", "", *table]), *texts]) + "\n"
    )
