"""A first installation with the default answers takes few keys at 80x24.

The user chooses from the lists, types the prefix and accepts the rest, by the shortest way that the pages show. BEFORE is what
the same user needed in the wizard of commit 4687b9c4 (2026-11-29, when the wizard was rebuilt), which was driven by this very
script, with ctrl+n for every one of its ten pages and no page before and after them: ↓ of its lists took the second entry.

`python -m tests.e2e.test_keystrokes` prints the keys page by page.
"""

import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

import pytest
from textual.pilot import Pilot

from screens.wizard.app import WizardApp
from screens.wizard.page import Page
from tests.screens.fake_session import PLATFORM, SMALL, Harness, frame, press, settled, until

BEFORE: Final = 29
SHARE: Final = 0.6
DECISIONS: Final = {
    "subscription.subscription": PLATFORM,
    "subscription.region": "swedencentral",
    "subscription.prefix": "contoso",
}
"""Answers without a default."""


class Typist:
    """Presses keys and counts them by page."""

    def __init__(self, pilot: Pilot[int], app: WizardApp) -> None:
        self.pilot, self.app = pilot, app
        self.keys: Counter[str] = Counter()

    async def press(self, *names: str) -> None:
        """Press keys."""
        self.keys[frame(self.pilot).page_key] += len(names)
        await press(self.pilot, *names)

    async def answer(self, page: Page) -> None:
        """Answer what the page needs, from field to field."""
        draft = self.app.draft_store.draft
        while needed := [problem.key for problem in draft.problems(page.page_key)]:
            question = page.focused_question
            assert question is not None
            if question.key != needed[0]:
                await self.press("tab")
                continue
            value = DECISIONS[question.key]
            if question.ask.source is None:
                await self.press(*value)
                continue
            await self.press("down")
            while draft.value(question.key) != value:
                await self.press("down")


def installation(world: Harness) -> Counter[str]:
    """The keys of a first installation by page, until the run has started."""
    app = WizardApp(world.session, None, clock=world.clock, first_page="start")
    found: list[Typist] = []

    async def script(pilot: Pilot[int]) -> None:
        typist = Typist(pilot, app)
        found.append(typist)
        await typist.press("enter")
        page = frame(pilot)
        assert isinstance(page, Page)
        await settled(pilot)
        await typist.answer(page)
        await typist.press("f10")
        await typist.press("ctrl+n")
        await typist.press("enter")
        await until(pilot, lambda: frame(pilot).page_key == "live", "the run")

    world.drive(app, script, SMALL)
    assert len(world.session.runs) == 1
    return found[0].keys


def test_a_first_installation_takes_at_most_three_fifths_of_the_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "C.UTF-8")
    keys = installation(Harness(tmp_path / "state"))
    assert keys.total() <= SHARE * BEFORE, keys


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        pressed = installation(Harness(Path(folder)))
    print(*(f"{name:<14}{count:>4}" for name, count in pressed.items()), sep="\n")
    print(f"{'together':<14}{pressed.total():>4} of {BEFORE} before ({pressed.total() / BEFORE:.0%})")
