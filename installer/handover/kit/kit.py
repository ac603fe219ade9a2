"""Contents of a kit: files of the installer, wheels, images' lock, price list, documents, bill of materials, checksums."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from installer import __version__, shipped_files
from installer.errors import UsageError
from installer.handover.kit import archive, signature, wheelhouse
from installer.handover.kit.bill_of_materials import bill_of_materials, licences
from installer.handover.kit.images import image_references, images_lock
from installer.handover.kit.platform import Machine
from installer.handover.kit.start_page import start_page
from installer.handover.kit.wheel_metadata import read_wheel

if TYPE_CHECKING:
    from installer.answers.model import Answers

SUMS: Final = "SHA256SUMS"


@dataclass(frozen=True)
class KitRequest:
    """Parts of a kit.

    Attributes:
        machine: The machine that it is for.
        made: Time of the kit, in UTC.
        answers: Answers whose images are listed.
        prices: Text of a saved price list, "" for none.
        documents: Further documents by name.
        wheels: Folder with the wheels; None to fetch them from the package index.
        key: File with the private key that signs the checksums, or None.
        password: Called for the password of that key.

    """

    machine: Machine
    made: datetime
    answers: Sequence["Answers"] = ()
    prices: str = ""
    documents: Mapping[str, str] = field(default_factory=dict)
    wheels: Path | None = None
    key: Path | None = None
    password: Callable[[], str] = str


@dataclass(frozen=True)
class Kit:
    """A finished kit: its archive, folder in it, number of wheels, and the command that verifies its signature, if any."""

    file: Path
    folder: str
    wheels: int
    verify: str


def folder_name() -> str:
    """The folder in the archive."""
    return f"flowforge-installer-{__version__}"


def make_kit(out: Path, request: KitRequest, scratch: Path, say: Callable[[str], None]) -> Kit:
    """Make a kit. Blocks; without `wheels`, it asks the package index.

    Args:
        out: The archive.
        request: What it is made of.
        scratch: An empty folder for the wheels.
        say: Called with a sentence before each part that takes long.

    Raises UsageError with what is missing; then there is no archive.

    """
    archive.check_place(out)
    product = shipped_files.product_files()
    if not product:
        raise UsageError("a kit is made of the folder of the installer with install.sh: call its install.sh kit")
    image = shipped_files.prefect_image()
    locks = (shipped_files.installer_lock(), (image / "requirements.lock").read_text(encoding="utf-8"))
    packages = wheelhouse.needed(locks, request.machine)
    # The page for the reader names the command that verifies the signature, and is signed itself: the key is read first.
    key = signature.signer(request.key, request.password) if request.key else None
    scratch.mkdir(parents=True, exist_ok=True)
    if request.wheels is None:
        say(f"fetching {len(packages)} packages for {request.machine.title}")
        wheelhouse.fetch(packages, request.machine, scratch, say)
    else:
        wheelhouse.take(packages, request.wheels, scratch)
    hashes = wheelhouse.checked(packages, scratch)
    environment = request.machine.environment()
    described = [(read_wheel(file, environment), code.removeprefix("sha256:")) for file, code in hashes.items()]
    images = image_references(image, request.answers)
    files: dict[str, Path | bytes] = {
        **product,
        **{f"wheels/{file.name}": file for file in hashes},
        **{f"docs/{name}": text.encode() for name, text in request.documents.items()},
        "images.json": images_lock(image, request.answers).encode(),
        "sbom.cdx.json": bill_of_materials(__version__, described, images, request.made).encode(),
        "LICENCES.txt": licences([one for one, _ in described]).encode(),
    }
    if request.prices:
        files[shipped_files.saved_prices().name] = request.prices.encode()
    say("computing checksums")
    verify = key.verify if key else ""
    files["KIT.md"] = start_page(
        request.machine, request.made, len(hashes), verify, prices=bool(request.prices)
    ).encode()
    sums = "".join(f"{_digest(content, hashes)}  {name}\n" for name, content in sorted(files.items())).encode()
    files[SUMS] = sums
    if key:
        files[signature.FILE] = key.sign(sums)
    say("writing the archive")
    archive.write(out, folder_name(), files, request.made)
    return Kit(out, folder_name(), len(hashes), verify)


def _digest(content: Path | bytes, known: Mapping[Path, str]) -> str:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    return (known.get(content) or wheelhouse.digest(content)).removeprefix("sha256:")
