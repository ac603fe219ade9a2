"""Sign-in: tokens for the service principal of a rehearsal and for managed identities, all signed with one key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.json_access import JsonObject, as_object

if TYPE_CHECKING:
    from installer.emulator.clock import Clock
    from installer.emulator.state.database import Database
    from installer.jsontypes import Json

LIFETIME = 3599  # seconds, as in Entra ID


@dataclass(frozen=True)
class Principal:
    """Client ID and object ID of a principal."""

    client_id: str
    object_id: str


@dataclass(frozen=True)
class Identity:
    """The service principal of this state, and the key that signs its tokens."""

    client_id: str
    client_secret: str
    object_id: str
    key: bytes
    clock: Clock

    @property
    def principal(self) -> Principal:
        """The service principal."""
        return Principal(self.client_id, self.object_id)

    def token(
        self,
        tenant_id: str,
        audience: str,
        issuer: str,
        principal: Principal | None = None,
        more: JsonObject | None = None,
    ) -> str:
        """A bearer token that `claims` accepts, with more claims; of the service principal if no other one is given."""
        who = principal or self.principal
        return self.signed(
            {
                "aud": audience,
                "iss": issuer,
                "appid": who.client_id,
                "oid": who.object_id,
                "sub": who.object_id,
                "tid": tenant_id,
                "idtyp": "app",
                "ver": "1.0",
                **(more or {}),
            }
        )

    def signed(self, claims: JsonObject, lifetime: int = LIFETIME) -> str:
        """A token with these claims, valid from now on for some seconds."""
        now = int(self.clock.now())
        head = _encoded({"typ": "JWT", "alg": "HS256"})
        content = f"{head}.{_encoded({**claims, 'iat': now, 'nbf': now, 'exp': now + lifetime})}"
        return f"{content}.{self._signature(content)}"

    def claims(self, token: str) -> JsonObject | None:
        """The claims of a valid access token of this emulator, else None."""
        claims = self.unexpired(token)
        return claims if claims is not None and "oid" in claims else None

    def unexpired(self, token: str) -> JsonObject | None:
        """The claims of any valid token: an access token, or the assertion of a workload."""
        claims = self.read(token)
        expires = None if claims is None else claims.get("exp")
        return claims if isinstance(expires, int) and expires > self.clock.now() else None

    def read(self, token: str) -> JsonObject | None:
        """The claims of a token with the signature of this emulator, even an expired one, else None."""
        content, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(content).encode()):
            return None
        text = content.split(".", 1)[1]
        claims: Json = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return as_object(claims)

    def knows(self, client_id: str, client_secret: str) -> bool:
        """Whether these are the service principal's credentials."""
        same_id = client_id.lower() == self.client_id
        return hmac.compare_digest(client_secret.encode(), self.client_secret.encode()) and same_id

    def _signature(self, content: str) -> str:
        digest = hmac.new(self.key, content.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def open_identity(database: Database, clock: Clock) -> Identity:
    """The identity of a state; created at the first start."""
    with database.transaction():
        for name, value in (
            ("client_id", str(uuid.uuid4())),
            ("client_secret", secrets.token_urlsafe(30)),
            ("object_id", str(uuid.uuid4())),
            ("token_key", secrets.token_hex(32)),
        ):
            if database.fact(name) is None:
                database.remember(name, value)
    facts = [database.fact(name) or "" for name in ("client_id", "client_secret", "object_id", "token_key")]
    if not all(facts):
        raise ValueError("the identity of the rehearsal is empty: any token would be valid")
    return Identity(facts[0], facts[1], facts[2], bytes.fromhex(facts[3]), clock)


def _encoded(value: JsonObject) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")
