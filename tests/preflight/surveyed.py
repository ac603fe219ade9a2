"""An embedded Azure in the test's own process, with a survey, as the subject of checks."""

import asyncio
import json
import re
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from typing_extensions import override

from installer.answers.draft import Draft
from installer.answers.model import Answers
from installer.answers.trial import tried
from installer.cloud.errors import CHALLENGE, refused_by
from installer.cloud.rest import Method, Response
from installer.cloud.target import Target
from installer.emulator.authorization.directory_rights import caller_claims
from installer.emulator.survey import parse
from installer.jsontypes import Json
from installer.preflight.checks import CHECKS
from installer.preflight.model import Check, Finding, Report, Result
from installer.preflight.reads import Reads
from installer.preflight.report import check_all
from installer.preflight.subject import Subject
from installer.preflight.survey_limits import SurveyLimits
from tests.bicep.answers_variants import answers
from tests.cloud.no_cloud import AnsweredService
from tests.emulator.asgi_client import Local, local
from tests.emulator.in_memory import SUBSCRIPTION

T = TypeVar("T")
_SUBSCRIPTION: Final = re.compile(r'(?:/subscriptions/|"subscription":")([0-9a-fA-F-]{36})')
TENANT: Final = "7d2f9c3e-51b8-4a6d-9e04-c8a17b35f210"
"""The tenant of the embedded Azure of this process."""


class LocalService(AnsweredService):
    """Azure Resource Manager of an embedded Azure in this process. `sent` lists method and path of the requests."""

    def __init__(self, azure: Local, prefix: str = "") -> None:
        super().__init__(_target(azure), "https://127.0.0.1:1", "https://management.azure.com")
        self._azure = azure
        self._prefix = prefix
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.sent: list[tuple[str, str]] = []

    @override
    def reply(self, method: Method, path: str, body: Mapping[str, Json] | None, doing: str) -> Response:
        self.sent.append((method, path))
        sending = self._azure.ask(method, f"{self._prefix}{path}", None if body is None else dict(body))
        try:
            reply = asyncio.run_coroutine_threadsafe(sending, self._loop).result(60)
        except RuntimeError:  # a request that was sent ahead, after the end of the test
            sending.close()
            raise
        if reply.status >= 400:
            refused = refused_by(reply.json, doing, status=reply.status)
            if found := CHALLENGE.search(reply.headers.get("www-authenticate", "")):
                refused.challenge = found[1]
            raise refused
        return Response(reply.status, reply.json, reply.headers.get("location", ""))

    def on_loop(self, sent: Coroutine[Any, Any, T]) -> T:
        """The result of work on the thread of the embedded Azure, which is one for all."""
        return asyncio.run_coroutine_threadsafe(sent, self._loop).result(60)

    def close(self) -> None:
        """End its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(_ended())
        self._loop.close()


async def _ended() -> None:
    """End requests that were sent ahead and that no check has waited for."""
    await asyncio.sleep(0)
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


@dataclass(frozen=True)
class LocalCredential:
    """Tokens of the service principal of an embedded Azure in this process."""

    azure: Local

    def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        """A token for any audience."""
        identity, emulator = self.azure.azure.identity, self.azure.emulator
        if refusal := emulator.survey.directory.refusal:
            raise ClientAuthenticationError(f"Authentication failed: {refusal}")
        more = caller_claims(emulator.survey)
        return AccessToken(identity.token(emulator.directory.tenant_id, "any", "any", more=more), 0)


def _target(azure: Local) -> Target:
    return Target(
        "rehearsal", "public", "https://127.0.0.1:1", "", "https://management.azure.com", lambda: LocalCredential(azure)
    )


@contextmanager
def subject_of(
    folder: Path, given: Answers, hidden: str = "", faults: tuple[str, ...] = (), **survey: Any
) -> Iterator[Subject]:
    """Answers as the subject of checks in an embedded Azure with a survey; `hidden`: a subscription that it does not have."""
    folder.mkdir(exist_ok=True)
    named = dict.fromkeys(_SUBSCRIPTION.findall(given.model_dump_json()))
    others = tuple(one for one in named if one not in (SUBSCRIPTION, hidden))
    content: dict[str, Json] = {"version": 1, "subscriptionId": SUBSCRIPTION, **survey}
    seed = parse(json.dumps(content)) if survey else None
    azure = local(folder, survey=seed, cloud=given.subscription.cloud, others=others, faults=faults)
    service = LocalService(azure)
    directory = LocalService(azure, "/v1.0")
    arm, graph = Reads(service), Reads(directory)
    try:
        yield Subject(given, arm, graph, service.target, now=azure.clock.now)
    finally:
        for reads in (arm, graph):  # a check that ends early leaves requests open
            reads._pool.shutdown(cancel_futures=True)
        service.close()
        directory.close()
        azure.database.close()


def from_survey(folder: Path, given: Answers, survey: dict[str, Any], checks: tuple[Check, ...] = CHECKS) -> Report:
    """Results of checks from a survey alone, as `check F --survey S` gives them."""
    folder.mkdir(exist_ok=True)
    file = folder / "survey.json"
    file.write_text(json.dumps({"version": 1, "subscriptionId": SUBSCRIPTION, **survey}))
    limits = SurveyLimits.of(file)
    with subject_of(folder / "azure", given, **survey) as subject:
        arm, graph = Reads(subject.arm.service, limits, limits.assumed), Reads(subject.graph.service, limits.directory)
        own = replace(subject, arm=arm, graph=graph, surveyed=True, has_sign_in=limits.has_sign_in)
        report = check_all(own, checks)
        for reads in (arm, graph):
            reads._pool.shutdown(cancel_futures=True)
    return report


def checked(folder: Path, check: Check, given: Answers, **survey: Any) -> Result:
    """Result of one check in an embedded Azure with a survey."""
    with subject_of(folder, given, **survey) as subject:
        (result,) = check_all(subject, [check]).results
    return result


def sample(*environments: str, **given: Any) -> Answers:
    """Answers as of `tests.bicep.answers_variants.answers`, in the subscription of the embedded Azure of this process."""
    made = answers(*environments, **given)
    where = {"subscription": SUBSCRIPTION, "tenant": TENANT}
    return made.model_copy(update={"subscription": made.subscription.model_copy(update=where)})


def with_way(given: Answers, finding: Finding, number: int = 0) -> Answers:
    """The answers with a way out of a finding applied, as the wizard applies it."""
    changed = tried(Draft.of(given), finding.ways[number].answers)
    assert changed is not None, finding.ways[number]
    return changed
