"""Sign-in with a device code: Entra's endpoint, and the tokens for a code.

There is no page on which a user enters the code: each one is approved at once. Source: Microsoft identity platform,
articles/v2-oauth2-device-code.md (parameters of the request, of the code and of the token).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from installer.emulator.protocol.request import ArmRequest, answer
from installer.json_access import as_text

if TYPE_CHECKING:
    from starlette.responses import Response

    from installer.json_access import JsonObject

GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
_SECONDS: Final = 900
_USER_CODE: Final = "REHEARSAL"


async def begin(request: ArmRequest, tenant: str) -> Response:
    """A device code, and what the user is shown."""
    form = {name: values[-1] for name, values in parse_qs(await request.text()).items()}
    if not form.get("client_id"):
        return answer(
            400,
            {
                "error": "invalid_request",
                "error_description": "AADSTS900144: The request body must contain the following parameter: 'client_id'.",
            },
        )
    code = request.azure.identity.signed(
        {"device": form["client_id"], "scope": form.get("scope", ""), "tid": tenant}, lifetime=_SECONDS
    )
    page = f"{request.base}/devicelogin"
    return answer(
        200,
        {
            "device_code": code,
            "user_code": _USER_CODE,
            "verification_uri": page,
            "expires_in": _SECONDS,
            "interval": 1,
            "message": f"To sign in, use a web browser to open the page {page} and enter the code {_USER_CODE} to authenticate.",
        },
        {"Cache-Control": "no-store"},
    )


def redeemed(request: ArmRequest, form: dict[str, str], tenant: str) -> JsonObject | None:
    """Scope and ID token for a valid code of the same client and tenant, else None."""
    identity = request.azure.identity
    code = identity.unexpired(form.get("device_code", ""))
    if code is None or not code.get("device") or code["device"] != form.get("client_id") or code.get("tid") != tenant:
        return None
    words = as_text(code.get("scope")).split()
    scope = next((word for word in words if "/" in word), "")
    id_token = identity.signed(
        {
            "aud": form["client_id"],
            "iss": f"{request.base}/{tenant}/v2.0",
            "sub": identity.object_id,
            "tid": tenant,
            "preferred_username": "user@rehearsal",
        }
    )
    return {"scope": scope, "id_token": id_token}
