"""Files with secrets that containers mount: their own values, and another key pair where those of an earlier session are lost."""

import ssl
import stat
from pathlib import Path
from typing import Final

from installer.emulator.certificates import self_signed
from installer.emulator.prefect.mounted_files import MountedFiles
from installer.emulator.providers.kubernetes.workloads import Container

KEY_FILE, CERTIFICATE_FILE = "/mnt/kept/prefect-tls-key", "/mnt/kept/prefect-certificate"
NAME: Final = "prefect-server.flowforge-dev.svc"
SERVER: Final = Container(
    "prefect",
    (
        *("python", "-m", "uvicorn", "prefect.server.api.server:create_app"),
        *("--ssl-keyfile", KEY_FILE, "--ssl-certfile", CERTIFICATE_FILE),
    ),
    files={KEY_FILE: "kv/prefect-tls-key/1", CERTIFICATE_FILE: "kv/prefect-certificate/1"},
    names=(NAME,),
)
WORKER: Final = Container("prefect", ("prefect", "worker"), files={CERTIFICATE_FILE: "KV/prefect-certificate/2"})


def test_only_this_user_reads_the_values_and_they_end_with_the_session(tmp_path: Path) -> None:
    key, certificate = self_signed([NAME])
    values = {"kv/prefect-tls-key/1": key, "kv/prefect-certificate/1": certificate}
    mounted = MountedFiles(tmp_path / "mounted", values.__getitem__)
    found = {path: Path(own) for path, own in mounted.write("/deployment", SERVER).items()}
    assert {path: file.read_text("ascii") for path, file in found.items()} == {
        KEY_FILE: key,
        CERTIFICATE_FILE: certificate,
    }
    assert {stat.S_IMODE(file.stat().st_mode) for file in found.values()} == {0o600}
    assert mounted.write("/other", Container("prefect", ("prefect", "worker"))) == {}
    mounted.remove("/deployment")
    assert not any(file.exists() for file in found.values())
    mounted.write("/deployment", SERVER)
    mounted.clear()
    assert not (tmp_path / "mounted").exists()


def test_a_lost_pair_is_replaced_for_the_server_and_its_clients(tmp_path: Path) -> None:
    mounted = MountedFiles(tmp_path / "mounted", lambda reference: f"flowforge:lost-{reference}")
    mounted.replace_lost_pair(SERVER)
    server, worker = mounted.write("/server", SERVER), mounted.write("/worker", WORKER)
    trusted = Path(worker[CERTIFICATE_FILE]).read_text("ascii")
    assert trusted == Path(server[CERTIFICATE_FILE]).read_text("ascii")
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(server[CERTIFICATE_FILE], server[KEY_FILE])
    ssl.create_default_context(cadata=trusted)
    mounted.replace_lost_pair(SERVER)
    again = mounted.write("/server", SERVER)
    assert Path(again[CERTIFICATE_FILE]).read_text("ascii") == trusted, "a restart keeps it"
