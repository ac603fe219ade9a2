"""The image of the flows: the Prefect image by digest, their packages, their files."""

from installer.emulator.providers.image_builds import build
from installer.images.context import DOCKERFILE, packed
from installer.images.flow_context import IMAGE_PROJECT, flow_context, flow_image

BASE = f"crff.azurecr.io/flowforge/prefect@sha256:{'ab' * 32}"
FILES = {"prefect.yaml": b"deployments: []\n", "flows/orders.py": b"x = 1\n"}
PINNED = b"polars==1.0 --hash=sha256:00\n"


def test_the_embedded_azure_builds_it_and_knows_its_files() -> None:
    made = build(packed(flow_context(FILES, BASE)), DOCKERFILE, "crff.azurecr.io/flowforge/flows:1")
    assert made.digest, made.log
    assert made.files == {f"{IMAGE_PROJECT}/{name}": body for name, body in FILES.items()}


def test_packages_are_installed_beside_those_of_the_base() -> None:
    plain = flow_context({**FILES, "requirements.txt": b"polars\n"}, BASE)[DOCKERFILE].decode()
    assert "pip install" in plain
    assert "-c /tmp/base.txt -r /tmp/requirements.txt" in plain
    pinned = flow_context({**FILES, "requirements.txt": PINNED}, BASE)[DOCKERFILE].decode()
    assert "--require-hashes -r /tmp/requirements.txt" in pinned
    assert "pip" not in flow_context(FILES, BASE)[DOCKERFILE].decode()
    made = build(
        packed(flow_context({**FILES, "requirements.txt": PINNED + b"pandas==2.0\n"}, BASE)), DOCKERFILE, "x/y:1"
    )
    assert "pandas==2.0 has none" in made.log[-2]


def test_another_file_or_another_base_is_another_image() -> None:
    names = {
        flow_image(FILES, BASE),
        flow_image({**FILES, "a": b""}, BASE),
        flow_image(FILES, BASE.replace("ab", "cd")),
    }
    assert len(names) == 3
    assert all(name.startswith("flowforge/flows:") for name in names)


def test_only_files_of_the_last_stage_are_in_an_image() -> None:
    text = (
        b"FROM a AS first\nCOPY secret /secret\nFROM b\nWORKDIR /app\n"
        b"COPY one two there/\nCOPY folder ./\nCOPY --from=first /secret /x\n"
    )
    files = {"Dockerfile": text, "secret": b"s", "one": b"1", "two": b"2", "folder/a/b": b"3"}
    made = build(packed(files), DOCKERFILE, "x/y:1")
    assert made.files == {"/app/there/one": b"1", "/app/there/two": b"2", "/app/a/b": b"3"}
