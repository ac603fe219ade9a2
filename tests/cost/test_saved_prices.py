"""A saved price list prices the answers that it was made with as the list itself does, with its own date, and nothing else."""

from pathlib import Path

import pytest

from installer.answers.files import load
from installer.cloud.errors import AzureRefused
from installer.cloud.price_list import price_filter
from installer.cloud.saved_prices import SavedPrices, saved_text
from installer.cost.estimate import estimate
from installer.runs import prices as module
from installer.runs.prices import Prices
from tests.answers.answers_files import FOLDER
from tests.cost.test_estimate import Rehearsed

DEV, PROD = (load(FOLDER / f"{name}.yaml").answers for name in ("dev", "prod"))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """The list of an embedded Azure, as pricing the answers for dev has asked it."""
    (tmp_path / "azure").mkdir()
    rehearsed, known = Rehearsed(tmp_path / "azure"), {}
    ask = rehearsed.items

    def items(terms):  # type: ignore[no-untyped-def]  # of the list
        found = ask(terms)
        known[price_filter(terms)] = found
        return found

    rehearsed.items = items  # type: ignore[method-assign]  # to record it
    estimate(DEV, rehearsed)
    file = tmp_path / "prices.json"
    file.write_text(saved_text("EUR", "2026-11-02", known, rehearsal=True))
    return file


def test_the_same_figures_with_their_own_date(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    now, then = estimate(DEV, Rehearsed(tmp_path / "other")), estimate(DEV, SavedPrices(saved))
    assert now.lines == then.lines
    assert then.lines
    assert (then.dated, then.rehearsal) == ("2026-11-02", True)


def test_answers_with_other_prices_have_no_figure_and_the_reason(saved: Path) -> None:
    found = estimate(PROD, SavedPrices(saved))
    assert not found.lines
    assert "saved on 2026-11-02 has nothing for" in found.why


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 2}'])
def test_a_damaged_file_is_a_refusal(tmp_path: Path, text: str) -> None:
    (tmp_path / "prices.json").write_text(text)
    with pytest.raises(AzureRefused, match=r"saved price list .*prices\.json"):
        SavedPrices(tmp_path / "prices.json")


def test_it_stands_in_only_for_a_list_out_of_reach_and_for_its_currency(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Lost:
        """A list out of reach."""

        is_rehearsal, made = False, ""

        def __init__(self, _own: object, currency: str) -> None:
            self.currency = currency

        def items(self, terms: object) -> list[dict[str, object]]:
            raise AzureRefused(f"Azure could not be reached\n({terms})")

    monkeypatch.setattr(module, "PriceList", Lost)
    assert Prices(lambda _answers: None).estimate(DEV, "EUR").unread
    monkeypatch.setattr(module, "saved_prices", lambda: saved)
    prices = Prices(lambda _answers: None)
    assert prices.estimate(DEV, "EUR").dated == "2026-11-02"
    assert prices.estimate(DEV, "USD").unread
    with pytest.raises(AzureRefused, match="could not be read"):
        Prices(lambda _answers: None).save([DEV], "EUR")
