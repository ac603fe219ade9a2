"""KIT.md: the first page that a person opens in a kit."""

from datetime import datetime
from typing import Final

from installer import __version__
from installer.handover.kit.platform import Machine

_CONTENTS: Final = """| path | contents |
| --- | --- |
| `install.sh`, `installer/`, `screens/`, `bicep/`, `README.md` | the installer, with the compiled templates |
| `wheels/` | every package of both lock files; `install.sh` takes them from here |
| `images.json` | container images to mirror, and the packages of the Prefect image with their hashes |
| `docs/` | JSON Schema of the answers file, a starter file, help of every command |
| `sbom.cdx.json` | bill of materials, CycloneDX 1.6 |
| `LICENCES.txt` | licence of every package, with its text |
| `SHA256SUMS` | checksum of every file |"""


def start_page(machine: Machine, made: datetime, wheels: int, verify: str, *, prices: bool) -> str:
    """The page.

    Args:
        machine: The machine that the kit is for.
        made: Time of the kit.
        wheels: Number of its wheels.
        verify: Command that verifies the signature, "" without one.
        prices: Whether it has a price list.

    """
    signed = f"\n{verify}    # with the public key that you were given by another way" if verify else ""
    unsigned = "" if verify else "\nThe checksums are not signed: compare the checksum of the archive by another way.\n"
    listed = "\n| `prices.json` | prices of the answers that the kit was made with; `cost` uses them if the public list is out of reach |"
    return f"""# FlowForge Installer {__version__}, offline kit

Made {made:%Y-%m-%d %H:%M} UTC for {machine.title}: {wheels} wheels. Nothing is fetched from a package index.

## Verify, then install

```
{machine.checksum_command}{signed}
./install.sh rehearse
```
{unsigned}
`install.sh` needs Python 3.11 or newer of the version above, and installs only files whose hashes are in the lock files.
An installation itself talks to Azure: Resource Manager, Entra ID and the services of the subscription.

## Contents

{_CONTENTS}{listed if prices else ""}
"""
