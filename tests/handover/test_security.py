"""The document on security: every right, every secret and every control of the installation is in it, and no value of a secret."""

from pathlib import Path

import pytest

from installer.answers.model import Answers
from installer.estate.parameters.context import Installation
from installer.estate.parameters.vault_secrets import secret_sources
from installer.handover.report.security_review import controls
from installer.handover.runbooks.files import write_runbooks
from installer.handover.security import security_markdown
from installer.topology.estate_topology import topology
from tests.bicep.answers_matrix import MATRIX


@pytest.mark.parametrize("answers", MATRIX.values(), ids=MATRIX)
def test_it_names_rights_secrets_and_controls(answers: Answers) -> None:
    text = security_markdown(answers)
    it = Installation(answers)
    assert all(f"| {site.name} | {name} |" in text for site in it.sites for name in secret_sources(it, site))
    assert all(one.name in text for one in topology(answers).identities if one.grants)
    assert all(f"| {one.id} {one.title} |" in text for one in controls())
    assert "env:" not in text
    assert "keyring:" not in text


def test_an_open_network_is_said_to_be_open() -> None:
    public = next(one for one in MATRIX.values() if one.network.mode == "public")
    private = next(one for one in MATRIX.values() if one.network.mode == "new")
    assert security_markdown(public) != security_markdown(private)
    assert "| Virtual networks | " in security_markdown(public)


def test_it_lies_beside_the_runbooks_and_is_listed(tmp_path: Path) -> None:
    answers = next(iter(MATRIX.values()))
    written = write_runbooks(answers, "contoso-1", tmp_path)
    assert {"security.md", "security.html"} <= set(written)
    assert "(security.md)" in (tmp_path / "README.md").read_text(encoding="utf-8")
    assert 'href="security.html"' in (tmp_path / "index.html").read_text(encoding="utf-8")
