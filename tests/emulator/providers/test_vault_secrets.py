"""Secrets of a key vault through Azure Resource Manager: written and read, but not deleted."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.emulator.asgi_client import API, local
from tests.emulator.in_memory import GROUP, SUBSCRIPTION, run

if TYPE_CHECKING:
    from installer.jsontypes import Json

VERSION: Final = "api-version=2026-02-01"
VAULT: Final = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-one"
SECRET: Final = f"{VAULT}/secrets/prefect-tls-key?{VERSION}"


def test_a_secret_cannot_be_deleted_but_gets_new_versions(tmp_path: Path) -> None:
    it = local(tmp_path)
    it.emulator.registrations.set(SUBSCRIPTION, "Microsoft.KeyVault", "Registered", 0)
    vault: Json = {
        "tenantId": it.emulator.directory.tenant_id,
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
    }

    async def story() -> None:
        await it.ask("PUT", f"{GROUP}?api-version={API}", {"location": "westeurope"})
        await it.ask("PUT", f"{VAULT}?{VERSION}", {"location": "westeurope", "properties": vault})
        await it.done()
        for value in ("one", "two"):
            written = await it.ask("PUT", SECRET, {"properties": {"value": value}})
            assert written.status in {200, 201}, written.text
            await it.done()
        refused = await it.ask("DELETE", SECRET)
        assert (refused.status, refused.code) == (405, "MethodNotAllowed")
        assert (await it.ask("GET", SECRET)).status == 200
        assert (await it.ask("DELETE", f"{VAULT}?{VERSION}")).status == 200, "with its vault it is deleted"

    run(story())
