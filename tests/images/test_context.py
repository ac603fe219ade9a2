"""The build context is reproducible, and the embedded Azure finds nothing in it that would end a build."""

import gzip
import io
import tarfile

from installer.emulator.providers.image_builds import build
from installer.images.context import DOCKERFILE, build_context, context_mark
from tests.emulator.archives import archive


def test_it_has_what_the_dockerfile_copies_and_no_owner_or_time() -> None:
    with tarfile.open(fileobj=io.BytesIO(build_context())) as opened:
        entries = opened.getmembers()
    flows = {"prefect.yaml", "canary.py", "acceptance_hops.py", "acceptance_metrics.py"}
    assert {"Dockerfile", "requirements.lock", *(f"flows/{name}" for name in flows)} == {one.name for one in entries}
    assert {(one.mtime, one.uid, one.uname) for one in entries} == {(0, 0, "")}
    assert context_mark().isalnum()


def test_the_embedded_azure_builds_it() -> None:
    made = build(build_context(), DOCKERFILE, "crff.azurecr.io/flowforge/prefect:1")
    assert made.digest.startswith("sha256:"), made.log
    assert any("COPY flows /opt/flowforge/flows" in line for line in made.log)


LOCKED = "FROM base\nCOPY requirements /tmp/lock\nRUN pip install --require-hashes -r /tmp/lock\n"


def test_what_would_end_a_build_ends_it() -> None:
    cases = {
        "no archive": (b"no archive", "source context"),
        "cut": (gzip.compress(b"cut")[:12], "source context"),
        "no Dockerfile": (archive(other="FROM base\n"), "no such file"),
        "no base": (archive(Dockerfile="RUN true\n"), "no FROM"),
        "no source": (archive(Dockerfile="FROM base\nCOPY flows /opt/flows\n"), "stat flows"),
        "no hash": (archive(Dockerfile=LOCKED, requirements="prefect==3.8.8\n"), "prefect==3.8.8 has none"),
    }
    for name, (packed, text) in cases.items():
        made = build(packed, "Dockerfile", "crff.azurecr.io/x:1")
        assert (made.digest, text in "\n".join(made.log)) == ("", True), (name, made.log)
    good = archive(Dockerfile=LOCKED, requirements="prefect==3.8.8 \\\n    --hash=sha256:00\n")
    assert build(good, "Dockerfile", "crff.azurecr.io/x:1").digest
