"""A typed secret appears nowhere: not on a page, not in the draft, not in a file, not in a screenshot."""

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from installer.answers.files import dump
from tests.screens.fake_session import Harness, at_place, press, screen_text
from tests.screens.typing_keys import here

CANARY = "canary-7Qx!v2"


async def to_secret(pilot: Pilot[int]) -> None:
    """Focus the field of the client secret."""
    await at_place(pilot, "sign_on")
    while here(pilot).key != "sign_on.client_secret":
        await press(pilot, "tab")


def test_a_typed_secret_is_only_in_the_session_when_the_run_starts(
    world: Harness, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world.session.state.path)
    seen: list[str] = []

    async def script(pilot: Pilot[int]) -> None:
        await to_secret(pilot)
        await press(pilot, "ctrl+u", *CANARY)
        seen.extend([screen_text(pilot), pilot.app.export_screenshot()])
        await press(pilot, "ctrl+s", "ctrl+n", "ctrl+b")
        seen.extend(str(field.value) for field in pilot.app.screen.query(Input))
        seen.extend([screen_text(pilot), pilot.app.export_screenshot()])
        await at_place(pilot, "review")
        await press(pilot, "x")
        seen.extend([screen_text(pilot), pilot.app.export_screenshot()])
        await press(pilot, "ctrl+n", "enter")

    app = world.drive(world.app(file="firewall"), script)
    seen += [dump(app.draft_store.draft), str(app.draft_store.draft.given()), repr(app)]
    seen += [
        f.read_text(encoding="utf-8", errors="replace") for f in world.session.state.path.rglob("*") if f.is_file()
    ]
    assert len([text for text in seen if "client_secret" in text]) >= 2
    assert not [text for text in seen if CANARY in text]
    assert world.session.fake_drafts.kept == {"sign_on.client_secret": CANARY}
    assert app.draft_store.draft.value("sign_on.client_secret") == "keyring:northwind9/sign_on.client_secret"


def test_returning_shows_an_empty_field_that_keeps_the_secret(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await to_secret(pilot)
        await press(pilot, "ctrl+u", *CANARY)
        await press(pilot, "ctrl+n", "ctrl+b")
        await to_secret(pilot)
        field = pilot.app.focused
        assert isinstance(field, Input)
        assert (field.value, field.placeholder) == ("", "already entered; type to replace it")
        await at_place(pilot, "review")
        await press(pilot, "ctrl+n", "enter")

    world.drive(world.app(file="firewall"), script)
    assert world.session.fake_drafts.kept == {"sign_on.client_secret": CANARY}


def test_a_typed_reference_stays_a_reference(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await to_secret(pilot)
        await press(pilot, "ctrl+u", *"env:OTHER_SECRET")
        await at_place(pilot, "review")
        await press(pilot, "ctrl+n", "enter")

    app = world.drive(world.app(file="firewall"), script)
    assert app.draft_store.draft.value("sign_on.client_secret") == "env:OTHER_SECRET"
    assert world.session.fake_drafts.kept == {}
