"""Summary of a finished run, from its answers and the events of all its attempts."""

from dataclasses import dataclass

from installer.answers.files import load
from installer.engine.events import Event, Kind
from installer.engine.step import Record
from installer.estate.resources import resources
from installer.jsontypes import Json
from installer.runs.summary import summarize
from tests.answers.answers_files import FOLDER

DEV = load(FOLDER / "dev.yaml").answers
PROD = load(FOLDER / "prod.yaml").answers


def event(number: int, **data: Json) -> Event:
    return Event(number, "2026-03-01T12:00:00.000Z", "step.finished", "prefect", data=data)


def test_the_summary_counts_the_same_resources_as_the_review() -> None:
    assert summarize(DEV, ()).resources == sum(1 for _ in resources(DEV)) > 10


def test_every_environment_has_its_address() -> None:
    addresses = summarize(PROD, ()).addresses
    assert list(addresses) == ["FlowForge · dev", "FlowForge · prod"]
    assert all(address.startswith("https://") and "fabrikam" in address for address in addresses.values())
    assert len(set(addresses.values())) == 2


def test_the_address_of_prefect_is_that_of_the_last_attempt() -> None:
    events = [event(1, ui="http://127.0.0.1:1"), event(2, ui=""), event(3, ui="http://127.0.0.1:2")]
    assert summarize(DEV, events).addresses["Prefect"] == "http://127.0.0.1:2"
    assert "Prefect" not in summarize(DEV, ()).addresses


def test_verified_facts_are_listed_once_with_their_duration() -> None:
    proof = "Prefect run in dev COMPLETED"
    events = [event(1, proof=proof, seconds=75), event(2, proof=proof, seconds=75), event(3, proof="it answers")]
    assert summarize(DEV, events).proved == (f"{proof} (1:15)", "it answers")


def test_settings_of_others_are_those_that_the_last_deployment_of_a_step_kept() -> None:
    def of(step: str, kind: Kind, **data: Json) -> Event:
        return Event(1, "2026-03-01T12:00:00.000Z", kind, step, data=data)

    before = [of("network", "step.started"), of("network", "log", kept=["nsg: securityRules/a", "rt: routes/b"])]
    web = [of("controlplane-dev", "step.started"), of("controlplane-dev", "log", kept=["app settings of app: TEAM"])]
    assert summarize(DEV, [*before, *web]).kept == ("nsg: securityRules/a", "rt: routes/b", "app settings of app: TEAM")
    again = [of("network", "step.started"), of("network", "log", kept=["rt: routes/b"])]
    skipped = [of("controlplane-dev", "step.started"), of("controlplane-dev", "step.skipped")]
    assert summarize(DEV, [*before, *web, *again, *skipped]).kept == ("rt: routes/b", "app settings of app: TEAM")
    assert summarize(DEV, ()).kept == ()


def test_remaining_work_depends_on_the_answers() -> None:
    (to_sign_on,) = summarize(DEV, ()).left
    assert to_sign_on.startswith("Sign-on: ")
    assert summarize(PROD, ()).left == ()


def test_with_an_ingress_its_host_is_shown_and_dns_work_remains() -> None:
    answers = load(FOLDER / "matrix" / "08-hardened-frontdoor.yaml").answers
    summary = summarize(answers, ())
    assert summary.addresses["FlowForge · prod"] == "https://flowforge.contoso.com"
    assert summary.addresses["FlowForge · dev"] == "https://dev-flowforge.contoso.com"
    assert any("flowforge.contoso.com must point" in sentence for sentence in summary.left)
    assert not any("approve" in sentence for sentence in summary.left), "the run does that itself"


def test_remaining_dns_records_are_those_of_the_last_check() -> None:
    answers = load(FOLDER / "matrix" / "08-hardened-frontdoor.yaml").answers

    def check(kind: Kind, **data: Json) -> Event:
        return Event(1, "2026-03-01T12:00:00.000Z", kind, "names-prod", data=data)

    record = "DNS: flowforge.contoso.com CNAME x.azurefd.net"
    events = [
        check("step.started"),
        check("warning", left="DNS: old"),
        check("step.started"),
        check("warning", left=record),
    ]
    left = summarize(answers, events).left
    assert record in left
    assert "DNS: old" not in left
    assert not any(one.startswith("DNS: flowforge.contoso.com must point") for one in left)
    assert any("dev-flowforge.contoso.com must point" in one for one in left), "without a check"


def test_a_name_of_ones_own_is_the_address() -> None:
    answers = DEV.model_copy(update={"governance": DEV.governance.model_copy(update={"names": ["site.dev=app-own"]})})
    assert summarize(answers, ()).addresses["FlowForge · dev"] == "https://app-own.azurewebsites.net"


@dataclass(frozen=True)
class Memory:
    """The outputs of the control plane."""

    host: str

    def remember(self, record: Record) -> None:
        raise NotImplementedError

    def recall(self, step: str) -> Record | None:
        return Record(step, 1, "done", outputs={"host": self.host}) if step.startswith("controlplane-") else None


def test_a_container_app_has_the_host_name_that_azure_chose() -> None:
    on_apps = DEV.model_copy(update={"platform": DEV.platform.model_copy(update={"control_plane": "container_app"})})
    host = "ca-ff-contoso-dev-web.happy-sea.westeurope.azurecontainerapps.io"
    assert summarize(on_apps, (), Memory(host)).addresses == {"FlowForge · dev": f"https://{host}"}
    assert summarize(on_apps, ()).addresses == {}
