"""Step: builds the Prefect image in the registry, by a task run that gets the files of this installer.

Shapes: azure-mgmt-containerregistrytasks; use of upload and log: azure-cli, command_modules/acr/build.py and _stream_utils.py.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Final

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Method
from installer.cloud.signed_urls import SignedUrls
from installer.engine.step import Context
from installer.errors import DeploymentFailed, Interrupted
from installer.images.context import DOCKERFILE, build_context, context_mark
from installer.json_access import JsonObject, as_text, member, objects_of
from installer.sanitize import clean
from installer.steps.images import ProvideImage
from installer.steps.polling import poll

VERSION: Final = "2019-06-01-preview"
BUILD_SECONDS: Final = 3600
"""Longest time of a build."""
USUAL_SECONDS: Final = 240.0
"""Estimated: a base image, and packages to install."""
_POLL_SECONDS: Final = 3.0
_LOG_LINES: Final = 12
_ENDED: Final = frozenset({"Succeeded", "Failed", "Canceled", "Error", "Timeout"})


@dataclass
class _Log:
    """The part of a log that was read."""

    offset: int = 0
    rest: bytes = b""
    last: list[str] = field(default_factory=list)

    def lines(self, content: bytes, *, end: bool) -> Iterator[str]:
        """Complete lines of the next part, cleaned."""
        self.offset += len(content)
        *whole, self.rest = (self.rest + content).split(b"\n")
        if end and self.rest:
            whole, self.rest = [*whole, self.rest], b""
        for line in whole:
            text = clean(line.decode("utf-8", errors="replace")).strip()
            if text:
                self.last = [*self.last, text][-_LOG_LINES:]
                yield text


@dataclass(frozen=True, kw_only=True)
class BuildImage(ProvideImage):
    """Builds the image from the files of the installer; a build with the same files is not repeated."""

    signed: SignedUrls
    usual: ClassVar[float] = USUAL_SECONDS

    @property
    def usual_seconds(self) -> float:
        """Estimated."""
        return self.usual / self.arm.target.speed

    @property
    def source(self) -> str:
        """The files."""
        return f"build:{self.image}:{self.mark}"

    @property
    def mark(self) -> str:
        """Short hash of the files."""
        return context_mark()

    def archive(self) -> bytes:
        """The files as tar.gz."""
        return build_context()

    def provide(self, context: Context) -> str:
        """Upload the files, start the run, or follow the one that an earlier attempt has started."""
        run = self._begun(context) or self._start(context)
        context.emit("resource.started", "building", resource=self.image, type="image")
        try:
            return self._followed(context, run)
        except Interrupted:
            if context.stop.cancel_deployments:
                with contextlib.suppress(AzureRefused):
                    self._ask("POST", f"runs/{run}/cancel", doing="cancel the build")
            raise

    def _begun(self, context: Context) -> str:
        """The run of an earlier attempt with the same files, if it still runs or has succeeded."""
        record = context.memory.recall(self.key)
        if record is None or record.state != "begun" or record.digest != self.source or not record.name:
            return ""
        found = self.service.find(self._path(f"runs/{record.name}"), doing="read the build")
        status = as_text(member(found, "properties", "status"))
        return record.name if status and (status not in _ENDED or status == "Succeeded") else ""

    def _start(self, context: Context) -> str:
        source = self._ask("POST", "listBuildSourceUploadUrl", doing="get an upload URL of the registry")
        self.signed.upload(as_text(source.get("uploadUrl")), self.archive(), doing="upload the files of the image")
        begun = self._ask(
            "POST",
            "scheduleRun",
            {
                "type": "DockerBuildRequest",
                "sourceLocation": source.get("relativePath"),
                "dockerFilePath": DOCKERFILE,
                "imageNames": [self.image],
                "isPushEnabled": True,
                "noCache": False,
                "platform": {"os": "Linux", "architecture": "amd64"},
                "agentConfiguration": {"cpu": 2},
                "timeout": BUILD_SECONDS,
            },
            doing=f"start the build of {self.image}",
        )
        run = as_text(member(begun, "properties", "runId")) or as_text(begun.get("name"))
        context.remember("begun", name=run, digest=self.source)
        return run

    def _followed(self, context: Context, run: str) -> str:
        log = _Log()
        speed = self.arm.target.speed
        for _ in poll(context, interval=_POLL_SECONDS, limit=BUILD_SECONDS, speed=speed):
            found = self._ask("GET", f"runs/{run}", doing="read the build")
            status = as_text(member(found, "properties", "status"))
            self._read_log(context, run, log, end=status in _ENDED)
            if status in _ENDED:
                return self._digest(run, found, status, log)
        raise DeploymentFailed(f"the build {run} of {self.image} has not ended after {BUILD_SECONDS} s")

    def _read_log(self, context: Context, run: str, log: _Log, *, end: bool) -> None:
        """Emit the next lines of the log. A log that cannot be read stops no build."""
        try:
            link = as_text(self._ask("POST", f"runs/{run}/listLogSasUrl", doing="get the log").get("logLink"))
            part = self.signed.read_from(link, log.offset, doing="read the log of the build")
        except AzureRefused as refused:
            if end:
                context.emit("not-checked", f"log of the build {run}: {str(refused).splitlines()[0]}")
            return
        for line in log.lines(part.content, end=end):
            context.emit("log", line, resource=self.image)

    def _digest(self, run: str, found: JsonObject, status: str, log: _Log) -> str:
        if status != "Succeeded":
            reason = as_text(member(found, "properties", "runErrorMessage"))
            raise DeploymentFailed(
                "\n".join(
                    [f"the build {run} of {self.image} ended as {status}; {reason or 'its last lines'}:", *log.last]
                )
            )
        for image in objects_of(member(found, "properties", "outputImages")):
            if as_text(image.get("repository")) == self.repository and (digest := as_text(image.get("digest"))):
                return digest
        raise DeploymentFailed(f"the build {run} succeeded without pushing {self.image}")

    def _ask(self, method: Method, path: str, body: JsonObject | None = None, *, doing: str) -> JsonObject:
        return self.service.ask(method, self._path(path), body, doing=doing).body

    def _path(self, path: str) -> str:
        return f"{self.registry}/{path}?api-version={VERSION}"
