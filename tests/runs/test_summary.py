"""What a finished run comes to: told by its answers and by the events of all its sittings."""

from installer.answers.files import load
from installer.engine.events import Event, Kind
from installer.estate.resources import resources
from installer.jsontypes import Json
from installer.runs.summary import summarize
from tests.answers.answers_files import FOLDER

DEV = load(FOLDER / "dev.yaml").answers
PROD = load(FOLDER / "prod.yaml").answers


def event(number: int, **data: Json) -> Event:
    return Event(number, "2026-03-01T12:00:00.000Z", "step.finished", "prefect", data=data)


def test_it_counts_what_the_review_counted() -> None:
    assert summarize(DEV, ()).resources == sum(1 for _ in resources(DEV)) > 10


def test_every_environment_has_its_address() -> None:
    addresses = summarize(PROD, ()).addresses
    assert list(addresses) == ["FlowForge · dev", "FlowForge · prod"]
    assert all(address.startswith("https://") and "fabrikam" in address for address in addresses.values())
    assert len(set(addresses.values())) == 2


def test_prefect_is_where_the_last_sitting_put_it() -> None:
    events = [event(1, ui="http://127.0.0.1:1"), event(2, ui=""), event(3, ui="http://127.0.0.1:2")]
    assert summarize(DEV, events).addresses["Prefect"] == "http://127.0.0.1:2"
    assert "Prefect" not in summarize(DEV, ()).addresses


def test_what_was_proved_is_told_once_with_its_time() -> None:
    proof = "Prefect run in dev COMPLETED"
    events = [event(1, proof=proof, seconds=75), event(2, proof=proof, seconds=75), event(3, proof="it answers")]
    assert summarize(DEV, events).proved == (f"{proof} (1:15)", "it answers")


def test_what_is_left_depends_on_the_answers() -> None:
    to_sign_on, to_push = summarize(DEV, ()).left
    assert to_sign_on.startswith("Sign-on: ")
    assert DEV.platform.web_image in to_push
    (only_to_push,) = summarize(PROD, ()).left
    assert PROD.platform.web_image in only_to_push


def test_behind_an_ingress_people_type_its_host_and_somebody_has_work_left() -> None:
    answers = load(FOLDER / "matrix" / "08-hardened-frontdoor.yaml").answers
    told = summarize(answers, ())
    assert told.addresses["FlowForge · prod"] == "https://flowforge.contoso.com"
    assert told.addresses["FlowForge · dev"] == "https://dev-flowforge.contoso.com"
    assert any("flowforge.contoso.com must point" in sentence for sentence in told.left)
    assert not any("approve" in sentence for sentence in told.left), "the run does that by itself"


def test_records_that_somebody_has_to_write_are_those_of_the_last_look() -> None:
    answers = load(FOLDER / "matrix" / "08-hardened-frontdoor.yaml").answers

    def look(kind: Kind, **data: Json) -> Event:
        return Event(1, "2026-03-01T12:00:00.000Z", kind, "names-prod", data=data)

    record = "DNS: flowforge.contoso.com CNAME x.azurefd.net"
    events = [
        look("step.started"),
        look("warning", left="DNS: old"),
        look("step.started"),
        look("warning", left=record),
    ]
    left = summarize(answers, events).left
    assert record in left
    assert "DNS: old" not in left
    assert not any(one.startswith("DNS: flowforge.contoso.com must point") for one in left)
    assert any("dev-flowforge.contoso.com must point" in one for one in left), "where nobody has looked"


def test_a_name_of_ones_own_is_the_address() -> None:
    answers = DEV.model_copy(update={"governance": DEV.governance.model_copy(update={"names": ["site.dev=app-own"]})})
    assert summarize(answers, ()).addresses["FlowForge · dev"] == "https://app-own.azurewebsites.net"
