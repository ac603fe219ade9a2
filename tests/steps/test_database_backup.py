"""The backup before an upgrade: made once, found again, and replaced by the time to restore to where the service has none."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from typing_extensions import override

from installer.cloud.errors import AzureRefused
from installer.cloud.rest import Method, Response
from installer.errors import VerificationFailed
from installer.steps.database_backup import BackUpBeforeChange, restore
from tests.emulator.asgi_client import Local, local
from tests.emulator.in_memory import run
from tests.emulator.providers.test_database_backups import SERVER, VERSION, server
from tests.preflight.surveyed import LocalService
from tests.steps.step_context import Attempt

if TYPE_CHECKING:
    from installer.jsontypes import Json

BIG: Final = "Standard_D2ds_v5"
SMALL: Final = "Standard_B2ms"


class Moving(LocalService):
    """An embedded Azure whose operations end at once."""

    @override
    def reply(self, method: Method, path: str, body: "Mapping[str, Json] | None", doing: str) -> Response:
        response = super().reply(method, path, body, doing)
        if method == "PUT":
            self.on_loop(self._azure.done())
        return response

    @property
    def writes(self) -> int:
        """Number of backups that were asked for."""
        return sum(method == "PUT" for method, _ in self.sent)


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[Local]:
    """An embedded Azure."""
    it = local(tmp_path)
    yield it
    it.database.close()


@pytest.fixture
def service(azure: Local) -> Iterator[Moving]:
    """Its Azure Resource Manager."""
    found = Moving(azure)
    yield found
    found.close()


def test_a_backup_is_made_once_and_found_by_a_resumed_run(azure: Local, service: Moving) -> None:
    run(server(azure))
    attempt = Attempt()
    step = BackUpBeforeChange(service, SERVER, BIG, "m1")
    how, outputs = attempt.run(step)
    assert (how, list(outputs)) == ("done", ["completed"])
    assert attempt.run(step) == ("was so", outputs)
    assert service.writes == 1
    assert attempt.run(BackUpBeforeChange(service, SERVER, BIG, "m2"))[0] == "done"
    listed = run(azure.ask("GET", f"{SERVER}/backups?{VERSION}")).value
    assert sorted(str(one["name"]) for one in listed) == ["flowforge-m1", "flowforge-m2"]
    assert not attempt.texts("not-checked")


def test_where_the_tier_has_no_backups_the_time_to_restore_to_is_named(azure: Local, service: Moving) -> None:
    run(server(azure, "Burstable", SMALL))
    attempt = Attempt()
    how, outputs = attempt.run(BackUpBeforeChange(service, SERVER, SMALL, "m1"))
    assert (how, list(outputs)) == ("done", ["moment"])
    assert service.writes == 0
    (text,) = attempt.texts("not-checked")
    assert restore(SERVER, str(outputs["moment"])) in text
    assert "az postgres flexible-server restore" in text


@pytest.mark.parametrize("why", ["the tier", "scaled by others", "seven backups"])
def test_the_time_before_the_change_is_kept_by_a_resumed_run(azure: Local, service: Moving, why: str) -> None:
    """Later times are after the change, and `resume --only` needs a step that is done."""
    run(server(azure, *(("GeneralPurpose", BIG) if why == "seven backups" else ("Burstable", SMALL))))
    for number in range(7 if why == "seven backups" else 0):
        service.ask("PUT", f"{SERVER}/backups/b{number}?{VERSION}")
    attempt = Attempt()
    step = BackUpBeforeChange(service, SERVER, SMALL if why == "the tier" else BIG, "m1")
    outputs = attempt.run(step)[1]
    assert list(outputs) == ["moment"]
    assert attempt.run(step) == ("was so", outputs)
    assert attempt.run(replace(step, mark="m2"))[0] == "done", "another operation has another time"


@pytest.mark.parametrize("why", ["scaled by others", "seven backups"])
def test_what_the_service_refuses_is_said_and_the_time_named(azure: Local, service: Moving, why: str) -> None:
    small = why == "scaled by others"
    run(server(azure, *(("Burstable", SMALL) if small else ("GeneralPurpose", BIG))))
    for number in range(0 if small else 7):
        service.ask("PUT", f"{SERVER}/backups/b{number}?{VERSION}")
    attempt = Attempt()
    assert list(attempt.run(BackUpBeforeChange(service, SERVER, BIG, "m1"))[1]) == ["moment"]
    (text,) = attempt.texts("not-checked")
    assert ("Burstable" if small else "7 on-demand backups") in text


def test_a_server_that_does_not_exist_stops_the_upgrade(azure: Local, service: Moving) -> None:
    run(server(azure))
    with pytest.raises(AzureRefused):
        Attempt().run(BackUpBeforeChange(service, f"{SERVER}-other", BIG, "m1"))


def test_a_backup_that_was_deleted_is_not_taken_for_one(azure: Local, service: Moving) -> None:
    run(server(azure))
    attempt = Attempt()
    step = BackUpBeforeChange(service, SERVER, BIG, "m1")
    outputs = attempt.run(step)[1]
    service.ask("DELETE", f"{step.backup}?{VERSION}")
    service.on_loop(azure.done())
    with pytest.raises(VerificationFailed, match="flowforge-m1 is not listed"):
        step.verify(attempt.context(step), outputs)
