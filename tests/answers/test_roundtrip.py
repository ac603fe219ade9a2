"""Exports reproduce the answers: same answers, same file, same parameters byte by byte."""

import json
import os
import stat
from collections import Counter
from pathlib import Path

import pytest

from installer.answers.draft import Draft
from installer.answers.files import dump, load, parse, save
from installer.answers.model import ENVIRONMENTS, PAGES
from installer.answers.questions import all_questions
from installer.answers.starter import starter
from installer.conventions.sizing import PRESETS
from installer.errors import UsageError
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, stages
from tests.answers.answers_files import EVERY_FILE, FILES, LEAST, SUBSCRIPTION, TENANT


def parsed(text: str) -> Draft:
    return parse(text.encode(), "exported").draft


def filled_in(text: str) -> str:
    """A starter file with tenant and subscription ID, which have no default."""
    filled = text.replace("\n  tenant:\n", f"\n  tenant: {TENANT}\n")
    filled = filled.replace("\n  subscription:\n", f"\n  subscription: {SUBSCRIPTION}\n")
    assert filled.count(f"\n  tenant: {TENANT}\n") == filled.count(f"\n  subscription: {SUBSCRIPTION}\n") == 1
    return filled


def test_the_files_of_this_folder_make_every_choice_at_least_once() -> None:
    answers = [load(path).draft for path in FILES]
    for key, question in all_questions().items():
        if question.kind in ("choice", "yesno") and question.page not in (*ENVIRONMENTS, "sizing"):
            made = [draft.value(key) for draft in answers if key in {q.key for q in draft.questions(question.page)}]
            assert set(made) == set(question.values or (True, False)), key
            assert min(Counter(made).values()) >= 2 or key == "platform.maintenance_day", key


@EVERY_FILE
def test_an_export_repeats_the_answers_and_itself(path: Path) -> None:
    given = load(path)
    text = dump(given.draft)
    again = parse(text.encode(), "exported")
    assert again.answers == given.answers
    assert dump(again.draft) == text


@EVERY_FILE
def test_an_explicit_export_says_all_and_changes_nothing(path: Path) -> None:
    given = load(path)
    text = dump(given.draft, explicit=True)
    again = parse(text.encode(), "exported")
    assert again.answers == given.answers
    draft = given.draft
    applying = {q.key for page in PAGES for q in draft.questions(page) if draft.value(q.key) is not None}
    assert set(again.draft.given()) == applying
    settled = dump(again.draft)
    assert dump(parsed(settled)) == settled == dump(parsed(settled), explicit=True)


@EVERY_FILE
def test_exported_answers_send_the_same_parameters_to_the_byte(path: Path) -> None:
    given = load(path)
    for explicit in (False, True):
        again = parse(dump(given.draft, explicit=explicit).encode(), "exported").answers
        for one, other in zip(stages(given.answers), stages(again), strict=True):
            assert json.dumps(one.parameters(PLACEHOLDER_OUTPUTS)) == json.dumps(other.parameters(PLACEHOLDER_OUTPUTS))
            assert one.secrets == other.secrets


@EVERY_FILE
def test_an_export_begins_with_kind_and_version_and_explains_every_key(path: Path) -> None:
    lines = dump(load(path).draft).splitlines()
    assert [line for line in lines if not line.startswith("#")][:2] == ["kind: flowforge-answers", "version: 1"]
    labels = {question.ask.label for question in all_questions().values()}
    answers = [line for line in lines if line.startswith("  ") and not line.startswith("    ")]
    assert answers
    assert all(line.rpartition("# ")[2] in labels for line in answers)


def test_an_export_keeps_texts_that_look_like_something_else() -> None:
    for prefix in ("no", "on", "null", "true", "e10", "yes", "y"):
        if all_questions()["subscription.prefix"].accepts(prefix):
            draft = parsed(LEAST.replace("prefix: contoso", f'prefix: "{prefix}"'))
            assert parsed(dump(draft)).value("subscription.prefix") == prefix
    digits = "11111111-1111-1111-1111-111111111111"
    assert parsed(dump(parsed(LEAST.replace(TENANT, digits)))).value("subscription.tenant") == digits


def test_an_export_tells_where_an_answer_came_from_that_nobody_gave() -> None:
    draft = parsed(LEAST + "sizing:\n  preset: trial\n")
    draft.give("subscription.region", "westeurope", "discovered")
    text = dump(draft, explicit=True)
    assert "region: westeurope # Region (discovered)" in " ".join(text.split())
    assert "Node count (preset)" in text
    assert "Egress (default)" in text
    assert "Node count" not in dump(draft)


def test_a_starter_file_with_its_ids_filled_in_is_accepted() -> None:
    given = parse(filled_in(starter()).encode(), "starter")
    assert given.answers.platform.private_api is True
    assert given.answers.sizing.preset == "team"


def test_a_starter_file_names_every_key_and_says_what_it_means() -> None:
    text = starter()
    for question in all_questions().values():
        assert f" {question.key.partition('.')[2]}:" in text
        assert question.ask.help in text
        assert question.allowed in text


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_chosen_in_a_starter_file_decides_the_sizes(preset: str) -> None:
    text = filled_in(starter()).replace("# sizing:", "sizing:").replace("#   preset: team", f"  preset: {preset}")
    sizing = parse(text.encode(), "starter").answers.sizing.model_dump()
    assert {name: sizing[name] for name in PRESETS["trial"]} == dict(PRESETS[preset])  # type: ignore[index]


def test_what_a_starter_file_holds_as_comments_can_be_uncommented() -> None:
    text = filled_in(starter())
    for name, before in (
        ("firewall_address: ", "  # "),
        ("client_secret: ", "  # "),
        ("sizing:", "# "),
        ("worker_nodes: ", "#   "),
        ("postgres_ha: ", "#   "),
    ):
        assert f"\n{before}{name}" in text
        text = text.replace(f"\n{before}{name}", f"\n{'' if name == 'sizing:' else '  '}{name}", 1)
    assert parse(text.encode(), "starter").draft.source("sizing.worker_nodes") == "file"


# -- writing ---------------------------------------------------------------------------------------------------------


def test_a_file_is_written_whole_and_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "answers.yaml"
    save(path, LEAST)
    assert path.read_text() == LEAST
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["answers.yaml"]


def test_a_file_that_cannot_be_written_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        save(tmp_path / "file" / "answers.yaml", LEAST)
    path = tmp_path / "answers.yaml"
    path.write_text("before")
    with pytest.raises(UnicodeEncodeError, match="surrogates not allowed"):
        save(path, "\ud800")
    assert path.read_text() == "before"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["answers.yaml", "file"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "real.yaml"
    real.write_text("before")
    link = tmp_path / "link.yaml"
    link.symlink_to(real)
    save(link, LEAST)
    assert link.is_symlink()
    assert real.read_text() == LEAST


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        save(pipe, LEAST)
        assert os.read(reader, 10_000).decode() == LEAST
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_a_link_that_leads_in_a_circle_is_no_bug_of_ours(tmp_path: Path) -> None:
    circle = tmp_path / "answers.yaml"
    circle.symlink_to(circle)
    save(circle, "x\n")
    assert circle.read_text(encoding="utf-8") == "x\n"
