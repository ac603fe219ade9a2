"""Audience of a token: Resource Manager and Microsoft Graph refuse one that was issued for another service.

Text and code: github.com/hashicorp/go-azure-helpers/issues/51; Azure-Samples/active-directory-dotnetcore-daemon-v2/issues/145.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.emulator.data_plane.requests import is_for
from installer.emulator.errors import ArmError
from installer.emulator.providers.clouds import environment, in_cloud
from installer.json_access import as_list, as_object, as_text

if TYPE_CHECKING:
    from installer.emulator.protocol.request import ArmRequest
    from installer.json_access import JsonObject

_MANAGEMENT: Final = "https://management.azure.com"
_GRAPH: Final = "https://graph.microsoft.com"
_GRAPH_PATH: Final = "/v1.0/"


def check_audience(request: ArmRequest, claims: JsonObject) -> None:
    """Raise ArmError 401 for a token of another service: a vault's or storage's opens no subscription."""
    allowed = _allowed(request)
    if is_for(claims, allowed):
        return
    listed = ",".join(f"'{one}'" for one in allowed)
    raise ArmError(
        401,
        "InvalidAuthenticationTokenAudience",
        f"The access token has been obtained for wrong audience or resource '{as_text(claims.get('aud'))}'. "
        f"It should exactly match with one of the allowed audiences {listed}.",
    )


def _allowed(request: ArmRequest) -> list[str]:
    """The endpoint itself, under which this server's metadata announces both services, and the name in the emulated cloud."""
    cloud = request.emulator.directory.cloud
    if request.path.startswith(_GRAPH_PATH):
        return [request.base, as_text(in_cloud(cloud, _GRAPH))]
    named = as_list(as_object(environment(cloud)["authentication"]).get("audiences"))
    found = [request.base, as_text(in_cloud(cloud, _MANAGEMENT)), *(as_text(one).rstrip("/") for one in named)]
    return list(dict.fromkeys(found))
