"""The checks, in the order in which people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.preflight.certificates import CERTIFICATES
from installer.preflight.changes import CHANGES
from installer.preflight.images import IMAGES
from installer.preflight.names import NAMES
from installer.preflight.network.check import NETWORK
from installer.preflight.offers import OFFERS
from installer.preflight.policies.check import POLICY
from installer.preflight.prefect_cloud import PREFECT_CLOUD
from installer.preflight.quota import QUOTA
from installer.preflight.rights.check import RIGHTS
from installer.preflight.scopes import SCOPES
from installer.preflight.sign_in import SIGN_IN
from installer.preflight.sign_on.check import SIGN_ON
from installer.preflight.sizes import SIZES

if TYPE_CHECKING:
    from installer.preflight.model import Check

CHECKS: Final[tuple[Check, ...]] = (
    SIGN_IN,
    SCOPES,
    RIGHTS,
    OFFERS,
    SIZES,
    QUOTA,
    NAMES,
    NETWORK,
    SIGN_ON,
    IMAGES,
    CERTIFICATES,
    PREFECT_CLOUD,
    CHANGES,
    POLICY,
)
