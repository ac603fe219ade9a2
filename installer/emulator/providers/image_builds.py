"""Image builds of a registry: whether an archive could be built, the log of the build, and the digest of its image.

Nothing is built. An archive is refused for what would end a real build at once: a missing Dockerfile, a missing source of
COPY, a lock without hashes for pip --require-hashes.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import re
import tarfile
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Final

from installer.emulator.providers.image_files import ImageFiles

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIMIT: Final = 64_000_000
_MOST_FILES: Final = 20_000
_CONTINUED: Final = re.compile(r"\\\s*\n")
_HASHED: Final = re.compile(r"--require-hashes[^&|;]*?-r\s+(\S+)")
_PINNED: Final = re.compile(r"^[A-Za-z0-9][^\s;]*==")


@dataclass(frozen=True)
class Build:
    """The result of a build.

    Attributes:
        log: Its lines.
        digest: Digest of the image, "" if the build failed.
        files: Content of the files that the last stage copies, by their path in the image; those of its base are not known.

    """

    log: tuple[str, ...]
    digest: str
    files: Mapping[str, bytes] = field(default_factory=dict)


def build(archive: bytes, dockerfile: str, image: str) -> Build:
    """The build of an uploaded tar.gz archive.

    Args:
        archive: Content of the archive.
        dockerfile: Path of the Dockerfile in it.
        image: Reference to push, with the registry.

    """
    try:
        files = _files(archive)
    except (OSError, EOFError, tarfile.TarError) as fault:
        return _failed([], f"failed to extract the source context: {fault}")
    text = files.get(_plain(dockerfile))
    if text is None:
        return _failed(
            [], f"unable to evaluate symlinks in Dockerfile path: lstat {dockerfile}: no such file or directory"
        )
    log: list[str] = []
    steps = _instructions(text.decode("utf-8", errors="replace"))
    if not any(word == "FROM" for word, _ in steps):
        return _failed(log, "the Dockerfile has no FROM")
    copied: dict[str, bytes] = {}
    made = ImageFiles(files)
    for number, (word, rest) in enumerate(steps, 1):
        log.append(f"Step {number}/{len(steps)} : {word} {rest}")
        problem = _problem(word, rest, files, copied)
        if problem:
            return _failed(log, problem)
        if "--from=" not in rest:
            made.take(word, _paths(rest))
        log.append(f" ---> {hashlib.sha256(f'{number}{word}{rest}'.encode()).hexdigest()[:12]}")
    digest = hashlib.sha256(b"".join(name.encode() + body for name, body in sorted(files.items()))).hexdigest()
    name, _, tag = image.rpartition(":")
    log += [
        f"Successfully built {digest[:12]}",
        f"Successfully tagged {image}",
        f"The push refers to repository [{name}]",
        f"{tag}: digest: sha256:{digest} size: {len(steps)}",
    ]
    return Build(tuple(log), f"sha256:{digest}", made.copied)


def _failed(log: list[str], problem: str) -> Build:
    return Build((*log, problem, "failed to run step ID: build: exit status 1"), "")


def _plain(path: str) -> str:
    return path.removeprefix("./").strip("/")


def _files(archive: bytes) -> dict[str, bytes]:
    """Content by path; links have none. Raises TarError for an archive that is too large unpacked."""
    found: dict[str, bytes] = {}
    left = _LIMIT
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as packed:
        for entry in packed:
            left -= entry.size
            if left < 0 or len(found) > _MOST_FILES:
                raise tarfile.TarError(f"more than {_LIMIT} bytes or {_MOST_FILES} files")
            if not entry.isdir():
                body = packed.extractfile(entry) if entry.isfile() else None
                found[_plain(entry.name)] = body.read() if body else b""
    return found


def _instructions(text: str) -> list[tuple[str, str]]:
    lines = (line.strip() for line in _CONTINUED.sub(" ", text).splitlines())
    given = (line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))
    return [(word.upper(), " ".join(" ".join(rest).split())) for word, *rest in given]


def _problem(word: str, rest: str, files: dict[str, bytes], copied: dict[str, bytes]) -> str:
    if word in ("COPY", "ADD") and "--from=" not in rest:
        *sources, target = _paths(rest) or [""]
        if not sources:
            return f"{word} requires at least two arguments"
        for source in sources:
            if "$" in source or "<<" in source or "://" in source:
                continue  # an argument, a text in the Dockerfile, or a download: not evaluated
            wanted = _plain(source)
            matching = {
                name: body
                for name, body in files.items()
                if wanted in ("", ".") or name == wanted or name.startswith(f"{wanted}/") or fnmatch(name, wanted)
            }
            if not matching:
                return f"{word} failed: file not found in build context or excluded by .dockerignore: stat {source}: file does not exist"
            copied |= {target: next(iter(matching.values()))} if len(matching) == 1 else {}
    if word == "RUN" and (found := _HASHED.search(rest)) and (lock := copied.get(found[1])) is not None:
        return _without_hash(lock.decode("utf-8", errors="replace"))
    return ""


def _paths(rest: str) -> list[str]:
    """Sources and target, in words or as a JSON array."""
    words = [part for part in rest.split() if not part.startswith("--")]
    if words and words[0].startswith("["):
        with contextlib.suppress(ValueError):
            return [str(one) for one in json.loads(" ".join(words))]
    return words


def _without_hash(lock: str) -> str:
    packages = [one for one in re.split(r"\n(?=\S)", lock) if _PINNED.match(one)]
    bare = next((one.split()[0] for one in packages if "--hash=" not in one), "")
    return f"ERROR: In --require-hashes mode, all requirements must have hashes: {bare} has none" if bare else ""
