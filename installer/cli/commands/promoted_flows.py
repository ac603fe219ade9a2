"""The customer's flows of a promotion: the image that each environment runs, and its deployment with the acceptance run after it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from installer.cli.commands.flows import Chosen, flow_source, promoted_digest, running_flows
from installer.cli.commands.run import Settings, follow_to_end
from installer.operations.promotion.comparison import Flows
from installer.runs.flows import FlowRequest

if TYPE_CHECKING:
    from installer.runs.facts import RunFacts
    from installer.runs.session import Session


@dataclass(frozen=True)
class ReadFlows:
    """The flows of a promotion.

    Attributes:
        source: Absolute path of their files, "" if none are promoted.
        flows: The image of each environment by digest.

    """

    source: str = ""
    flows: Flows = field(default_factory=Flows)

    @property
    def differ(self) -> bool:
        """Whether there is something to deploy."""
        return self.flows.promoted and self.flows.source != self.flows.target


def flows_of(
    settings: Settings, session: "Session", facts: "RunFacts", pair: tuple[str, str], given: str | None
) -> ReadFlows:
    """The flows that both environments run, where their files are known. Runs a job that reads in each of them.

    Args:
        settings: Global options.
        session: The session.
        facts: The installation.
        pair: The environment that is promoted, "" for none, and the one that it is promoted to.
        given: Folder or archive of the flows, None for that of the answers.

    Raises:
        CheckBlocked: The environment that is promoted runs the files of another version, or none.

    """
    source, target = pair
    if not source or not (given or facts.answers.flows.source):
        return ReadFlows()
    path = flow_source(Chosen(target, source=given), facts)
    digest = promoted_digest(settings, session, facts, FlowRequest("deploy", target, path), source)
    present, _ = running_flows(settings, session, facts, target)
    return ReadFlows(path, Flows(digest, present, promoted=True))


def deploy_flows(settings: Settings, session: "Session", facts: "RunFacts", target: str, read: ReadFlows) -> int:
    """Deploy the flows by the digest of their image, then prove the environment again: its workers have another image now."""
    session.end_run()
    request = FlowRequest("deploy", target, read.source, digest=read.flows.source or "")
    run = session.begin_flows(facts, request, attended=False, assent=True)
    if code := follow_to_end(settings, run):
        return code
    session.end_run()
    proof = FlowRequest("run", target, deployment=f"canary/canary-{target}", parameters={"environment": target})
    return follow_to_end(settings, session.begin_flows(facts, proof, attended=False, assent=False))
