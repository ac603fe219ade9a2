"""Regions in answers: display names are accepted, and a wrong one is blamed by its own key."""

import pytest

from installer.answers.draft import Draft
from installer.answers.files import load, parse
from installer.answers.model import Answers
from installer.answers.offered import not_offered
from installer.errors import InvalidAnswers
from tests.answers.answers_files import FOLDER

DRAFT = load(FOLDER / "dev.yaml").draft
TEXT = (FOLDER / "dev.yaml").read_text(encoding="utf-8")
READ = {"westeurope": "West Europe", "swedencentral": "Sweden Central", "northeurope": "North Europe"}


def with_answer(key: str, text: str) -> Draft:
    draft = Draft(DRAFT.given())
    draft.type(key, text)
    return draft


def with_allowed(regions: str) -> bytes:
    return (TEXT.replace("governance:", f"governance:\n  allowed_regions: {regions}") if "governance:" in TEXT else
            f"{TEXT}governance:\n  allowed_regions: {regions}\n").encode()  # fmt: skip


@pytest.mark.parametrize("text", ["West Europe", "west europe", "WestEurope", " westeurope "])
def test_a_display_name_is_the_name(text: str) -> None:
    draft = with_answer("subscription.region", text)
    assert draft.value("subscription.region") == "westeurope"
    assert draft.problems() == []
    raw = draft.nested()
    page = raw["subscription"]
    assert isinstance(page, dict)
    page["region"] = text.strip()
    assert Answers.model_validate(raw).subscription.region == "westeurope"


@pytest.mark.parametrize("regions", ["[West Europe, Sweden Central]", "[west europe, swedencentral]"])
def test_a_file_may_have_display_names(regions: str) -> None:
    loaded = parse(with_allowed(regions), "a.yaml")
    assert loaded.answers.governance.allowed_regions == ["westeurope", "swedencentral"]
    assert loaded.notes == ()


@pytest.mark.parametrize(
    ("regions", "words"),
    [
        (
            "west europe",
            'governance.allowed_regions: "west europe" is not a list; write one, for example [swedencentral',
        ),
        (
            "[westeuropa]",
            "governance.allowed_regions: westeuropa is no region that is known here; did you mean westeurope",
        ),
        ("[sweden-central]", 'governance.allowed_regions: "sweden-central" is not valid'),
        ("[westeurope]", "subscription.region: swedencentral is not an allowed region; allowed: westeurope"),
    ],
)
def test_a_wrong_entry_is_blamed_and_not_the_region(regions: str, words: str) -> None:
    with pytest.raises(InvalidAnswers) as refused:
        parse(with_allowed(regions), "a.yaml")
    assert words in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_typed_regions_are_taken_with_spaces() -> None:
    assert with_answer("governance.allowed_regions", "West Europe, sweden central").value(
        "governance.allowed_regions"
    ) == ["westeurope", "swedencentral"]


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("subscription.region", "westeuropa", "did you mean westeurope (West Europe)"),
        ("subscription.region", "japaneast", "japaneast is no region of this subscription"),
        ("governance.allowed_regions", "swedencentral, northeuropa", "northeuropa is no region of this subscription"),
    ],
)
def test_a_region_that_azure_does_not_offer_is_named_with_near_names(key: str, text: str, words: str) -> None:
    found = dict(not_offered(with_answer(key, text), READ))
    assert list(found) == [key]
    assert words in found[key]


def test_before_the_list_was_read_every_region_is_accepted() -> None:
    assert list(not_offered(with_answer("subscription.region", "westeuropa"), {})) == []
    assert list(not_offered(DRAFT, READ)) == []
