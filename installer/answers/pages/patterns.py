"""Patterns shared by several questions, and their descriptions."""

import re
from typing import Final, Literal

Environment = Literal["dev", "qa", "uat", "prod"]
ENVIRONMENTS: Final[tuple[Environment, ...]] = ("dev", "qa", "uat", "prod")

GUID: Final = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
GUID_WORDS: Final = "an ID of the form 00000000-0000-0000-0000-000000000000"
IPV4: Final = r"^\d{1,3}(\.\d{1,3}){3}$"
CIDR: Final = r"^\d{1,3}(\.\d{1,3}){3}/\d{1,2}$"
SKU: Final = r"^[A-Za-z][A-Za-z0-9_]{1,39}$"
REGION: Final = r"^[a-z][a-z0-9]{2,39}$"
REGION_WORDS: Final = "the name or the display name of a region"
HOST: Final = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$"
IMAGE: Final = (
    r"^[a-z0-9]+([_-][a-z0-9]+)*(/[a-z0-9]+([._-][a-z0-9]+)*)*"
    r"(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}|@sha256:[a-f0-9]{64})$"
)
IMAGE_BY_DIGEST: Final = r"^[a-z0-9]+([_-][a-z0-9]+)*(/[a-z0-9]+([._-][a-z0-9]+)*)*@sha256:[a-f0-9]{64}$"
IMAGE_BY_DIGEST_WORDS: Final = "repository@sha256:digest, without a registry"
IMAGE_WORDS: Final = "repository:tag or repository@sha256:digest, without a registry"
SOURCE_IMAGE: Final = (
    r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]+([._-][a-z0-9]+)*)+@sha256:[a-f0-9]{64}$"
)
SOURCE_IMAGE_WORDS: Final = "registry/repository@sha256:digest"
REFERENCE: Final = r"^(env:[A-Za-z_][A-Za-z0-9_]*|keyring:[A-Za-z0-9_./-]{1,100})$"
REFERENCE_WORDS: Final = "env:NAME or keyring:NAME"
EMAIL: Final = r"^[^@\s,<>]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$"

_ID: Final = r"/subscriptions/[0-9a-fA-F-]{36}/resourceGroups/[A-Za-z0-9._()-]{1,90}"


def id_pattern(resource_type: str, name: str) -> str:
    """Pattern of the ID of a resource; `name` is the pattern of its name."""
    return rf"^{_ID}/providers/{re.escape(resource_type)}/{name}$"


GROUP_ID: Final = rf"^{_ID}$"
NETWORK_ID: Final = id_pattern("Microsoft.Network/virtualNetworks", "[A-Za-z0-9._-]{2,64}")
SPOKE: Final = rf"^(dev|qa|uat|prod)={_ID}/providers/Microsoft\.Network/virtualNetworks/[A-Za-z0-9._-]{{2,64}}$"
SQL_DATABASE: Final = (
    rf"^(dev|qa|uat|prod)={_ID}/providers/Microsoft\.Sql/servers/[a-z0-9-]{{1,63}}/databases/[A-Za-z0-9._-]{{1,128}}$"
)
CERTIFICATE: Final = r"^https://[A-Za-z0-9-]{3,24}\.vault\.[a-z.]+/(secrets|certificates)/[A-Za-z0-9-]{1,127}$"
