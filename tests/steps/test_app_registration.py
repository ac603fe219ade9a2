"""App registrations: created once, adopted later, shown in full without rights to create them, and verified."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from installer.cloud.emulator_process import Rehearsal
from installer.cloud.errors import AzureRefused
from installer.cloud.graph import Graph
from installer.cloud.rest import Response, Service
from installer.engine.step import Question, Stop
from installer.errors import WaitingForInput
from installer.estate.parameters import PLACEHOLDER_OUTPUTS
from installer.estate.parameters.app_registration import ADMINISTRATOR, USER, registration, role_id
from installer.estate.parameters.context import Installation
from installer.jsontypes import Json
from installer.sanitize import MAX_CHARACTERS
from installer.steps.app_registration import EnsureAppRegistration
from installer.steps.app_registration_check import CheckAppRegistration, content, differences
from tests.bicep.answers_variants import CLIENT, answers
from tests.steps.step_context import SPEED, Attempt

if TYPE_CHECKING:
    from installer.cloud.rest import Method

GROUP = "aaaaaaaa-0000-4000-8000-000000000001"


def installation(prefix: str, **more: Json) -> Installation:
    sign_on: dict[str, Json] = {"method": "secretless", "registration": "new", **more}
    ingress = {"kind": "frontdoor", "host": "flowforge.contoso.com"}
    return Installation(answers("dev", "prod", prefix=prefix, sign_on=sign_on, ingress=ingress))


class Watched(Service):
    """Graph that counts what is written; `denied` are methods that it refuses."""

    def __init__(self, rehearsal: Rehearsal, *denied: str) -> None:
        found = Service.of_graph(rehearsal.target)
        super().__init__(found.target, found.endpoint, found.audience)
        self.denied = denied
        self.written: list[str] = []

    def ask(
        self,
        method: "Method",
        path: str,
        body: Mapping[str, Json] | None = None,
        *,
        prefer: str = "",
        doing: str = "",
        most: int = MAX_CHARACTERS,
    ) -> Response:
        """As Graph, or refused."""
        if method in self.denied:
            raise AzureRefused("Insufficient privileges to complete the operation.", status=403)
        if method != "GET":
            self.written.append(f"{method} {path}")
        return super().ask(method, path, body, prefer=prefer, doing=doing, most=most)


def attempt() -> Attempt:
    return Attempt(outputs=dict(PLACEHOLDER_OUTPUTS))


def step(service: Service, it: Installation, environment: str = "dev") -> EnsureAppRegistration:
    return EnsureAppRegistration(Graph(service), it, environment, (), SPEED)


def test_a_complete_registration_is_created_once(rehearsal: Rehearsal) -> None:
    service = Watched(rehearsal)
    it = installation("dira", admin_group=GROUP, admin_group_name="admins")
    state, outputs = attempt().run(step(service, it))
    assert state == "done"
    app = Graph(service).by_client(str(outputs["clientId"]))
    assert app is not None
    wanted = registration(it, PLACEHOLDER_OUTPUTS, "dev")
    assert app["web"] == {
        "redirectUris": [
            "https://app-ff-dira-dev.azurewebsites.net/.auth/login/aad/callback",
            "https://dev-flowforge.contoso.com/.auth/login/aad/callback",
            "https://app-ff-dira-dev-staging.azurewebsites.net/.auth/login/aad/callback",
        ],
        "implicitGrantSettings": {"enableIdTokenIssuance": True},
    }
    (credential,) = Graph(service).credentials(str(app["id"]))
    assert credential["subject"] == wanted.subject
    assert credential["issuer"] == wanted.issuer
    principal = Graph(service).principal(str(app["appId"]))
    assert principal is not None
    assert [one["principalId"] for one in Graph(service).assigned(str(principal["id"]))] == [GROUP]
    written = len(service.written)
    again = attempt().run(step(service, it))
    assert again == ("was so", outputs)
    assert len(service.written) == written


def _principal(service: Service, prefix: str) -> dict[str, Json]:
    app = Graph(service).by_name(f"flowforge-{prefix}-dev")
    assert app is not None
    found = Graph(service).principal(str(app["appId"]))
    assert found is not None
    return found


def test_only_assigned_groups_may_sign_in(rehearsal: Rehearsal) -> None:
    service = Watched(rehearsal)
    it = installation("dirj", user_group=CLIENT, admin_group=GROUP, admin_group_name="admins")
    assert attempt().run(step(service, it))[0] == "done"
    principal = _principal(service, "dirj")
    assert principal["appRoleAssignmentRequired"] is True
    assigned = {str(one["principalId"]): one["appRoleId"] for one in Graph(service).assigned(str(principal["id"]))}
    assert assigned == {GROUP: role_id(ADMINISTRATOR), CLIENT: role_id(USER)}


def test_a_registration_that_lets_everyone_in_is_restricted_by_the_next_run(rehearsal: Rehearsal) -> None:
    service, it = Watched(rehearsal), installation("dirk", assignment=False)
    assert attempt().run(step(service, it))[0] == "done"
    assert not _principal(service, "dirk").get("appRoleAssignmentRequired")
    now = attempt()
    assert now.run(step(service, installation("dirk")))[0] == "done"
    assert _principal(service, "dirk")["appRoleAssignmentRequired"] is True
    assert any("no user is assigned yet" in text for text in now.texts("warning"))


def test_an_existing_registration_that_lets_everyone_in_is_reported(rehearsal: Rehearsal) -> None:
    service, it = Watched(rehearsal), installation("dirl", assignment=False)
    client = str(attempt().run(step(service, it))[1]["clientId"])
    now = attempt()
    assert now.run(CheckAppRegistration(Graph(service), existing(installation("dirl"), client), "dev", ()))[0] == "done"
    assert any("every user of the tenant may sign in" in text for text in now.texts("warning"))


def test_an_existing_registration_with_assignment_is_reported_with_the_guests_that_it_admits(
    rehearsal: Rehearsal,
) -> None:
    service, it = Watched(rehearsal), installation("dirm")
    client = str(attempt().run(step(service, it))[1]["clientId"])
    now = attempt()
    assert now.run(CheckAppRegistration(Graph(service), existing(it, client), "dev", ()))[0] == "done"
    (found,) = [text for text in now.texts("log") if client in text]
    assert "guests in an assigned group included" in found
    assert "Global Administrators" in found
    assert not any("may sign in" in text for text in now.texts("warning"))


@pytest.mark.parametrize("wrong", [["User"], {"value": "User"}, 1, None], ids=str)
def test_a_role_with_a_value_of_another_type_is_none_of_the_expected_ones(wrong: Json) -> None:
    expected = registration(installation("typed"), PLACEHOLDER_OUTPUTS, "dev")
    app: dict[str, Json] = {"appRoles": [{"value": wrong, "isEnabled": True}]}
    assert "roles" in differences(app, expected)
    kept = content(app, expected)["appRoles"]
    assert isinstance(kept, list)
    assert len(kept) == 3


def test_each_environment_has_its_own(rehearsal: Rehearsal) -> None:
    it, service = installation("dirb"), Watched(rehearsal)
    made = {name: attempt().run(step(service, it, name))[1]["clientId"] for name in ("dev", "prod")}
    assert len(set(made.values())) == 2


def test_additions_are_kept_and_removed_parts_are_restored(rehearsal: Rehearsal) -> None:
    it, service = installation("dirc"), Watched(rehearsal)
    attempt().run(step(service, it))
    role: dict[str, Json] = {"id": "1", "value": "Auditor", "displayName": "Auditors", "isEnabled": True}
    other = "https://elsewhere.contoso.com/callback"
    Graph(service).register("flowforge-dirc-dev", {"web": {"redirectUris": [other]}, "appRoles": [role]})
    assert attempt().run(step(service, it))[0] == "done"
    app = Graph(service).by_name("flowforge-dirc-dev")
    assert app is not None
    web, roles = app["web"], app["appRoles"]
    assert isinstance(web, dict)
    assert isinstance(roles, list)
    wanted = registration(it, PLACEHOLDER_OUTPUTS, "dev")
    assert web["redirectUris"] == [other, *wanted.redirects, *wanted.slot_redirects]
    assert role in roles
    assert len(roles) == 3


def test_a_recreated_identity_is_trusted_again(rehearsal: Rehearsal) -> None:
    it, service = installation("dird"), Watched(rehearsal)
    attempt().run(step(service, it))
    app = Graph(service).by_name("flowforge-dird-dev")
    assert app is not None
    (before,) = Graph(service).credentials(str(app["id"]))
    Graph(service).change_credential(str(app["id"]), str(before["id"]), {"subject": "somebody-else"})
    assert attempt().run(step(service, it))[0] == "done"
    (after,) = Graph(service).credentials(str(app["id"]))
    assert after["subject"] == before["subject"]


@pytest.mark.parametrize("denied", [("GET", "PATCH", "POST"), ("PATCH", "POST")])
def test_without_rights_the_required_registration_is_shown(rehearsal: Rehearsal, denied: tuple[str, ...]) -> None:
    it, service = installation("dire"), Watched(rehearsal, *denied)
    with pytest.raises(WaitingForInput) as caught:
        attempt().run(step(service, it))
    told, wanted = str(caught.value), registration(it, PLACEHOLDER_OUTPUTS, "dev")
    assert caught.value.exit_code == 7
    for part in (*wanted.redirects, wanted.issuer, wanted.subject, wanted.audience):
        assert part in told


def test_an_entered_client_id_is_used_and_recorded(rehearsal: Rehearsal) -> None:
    it, service, now = installation("dirf"), Watched(rehearsal, "GET", "PATCH", "POST"), attempt()
    asked: list[str] = []

    def somebody(question: Question, stop: Stop) -> str | None:
        asked.append(question.key)
        return f" {CLIENT} "

    now.answering = somebody
    assert now.run(step(service, it)) == ("done", {"clientId": CLIENT})
    assert now.run(step(service, it)) == ("was so", {"clientId": CLIENT})
    assert asked == ["sign-on.client-id.dev"]
    assert any(CLIENT in text for text in now.texts("not-checked"))


def test_an_invalid_client_id_is_rejected(rehearsal: Rehearsal) -> None:
    it, service, now = installation("diri"), Watched(rehearsal, "GET", "PATCH", "POST"), attempt()

    replies = iter(("none", None))

    def somebody(question: Question, stop: Stop) -> str | None:
        return next(replies)

    now.answering = somebody
    with pytest.raises(WaitingForInput, match='"none" is not accepted; expected: an ID of the form'):
        now.run(step(service, it))


def existing(it: Installation, client: str) -> Installation:
    sign_on = it.answers.sign_on.model_copy(update={"registration": "existing", "client_id": client})
    return replace(it, answers=it.answers.model_copy(update={"sign_on": sign_on}))


def test_an_existing_registration_is_only_checked(rehearsal: Rehearsal) -> None:
    it, service = installation("dirg"), Watched(rehearsal)
    client = str(attempt().run(step(service, it))[1]["clientId"])
    written = len(service.written)
    proved = attempt()
    it = existing(it, client)
    assert proved.run(CheckAppRegistration(Graph(service), it, "dev", ())) == ("done", {"clientId": client})
    assert proved.texts("not-checked") == []
    with pytest.raises(WaitingForInput, match=r"app-ff-dirg-prod.*federated credential"):
        attempt().run(CheckAppRegistration(Graph(service), it, "prod", ()))
    assert len(service.written) == written


@pytest.mark.parametrize("denied", [(), ("GET",)])
def test_a_registration_that_cannot_be_read_is_reported_as_not_checked(
    rehearsal: Rehearsal, denied: tuple[str, ...]
) -> None:
    it, service, now = existing(installation("dirh"), CLIENT), Watched(rehearsal, *denied), attempt()
    assert now.run(CheckAppRegistration(Graph(service), it, "dev", ())) == ("done", {"clientId": CLIENT})
    (told,) = now.texts("not-checked")
    assert "/.auth/login/aad/callback" in told
