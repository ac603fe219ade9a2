"""Problems of an invalid answers file: each with its line and the accepted values."""

from pathlib import Path

import pytest

from installer.answers.files import MAX_BYTES, load, parse
from installer.answers.model import PAGES
from installer.answers.questions import all_questions
from installer.errors import InvalidAnswers, UsageError
from tests.answers.answers_files import CLIENT, LEAST, only, refused

CANARY = "hunter2-Canary!"


def test_an_unknown_key_is_reported_with_its_line_and_the_nearest_known_key() -> None:
    problem = only(LEAST + "platform:\n  runtme: aks\n")
    assert (problem.key, problem.line, problem.column) == ("platform.runtme", 9, 3)
    assert "did you mean runtime?" in problem.message
    assert problem.located("f.yaml").startswith("f.yaml:9: platform.runtme: unknown key")


def test_a_key_of_another_page_is_reported_with_that_page() -> None:
    assert "did you mean subscription.region?" in only(LEAST + "network:\n  region: westeurope\n").message
    assert "did you mean network.egress?" in only(LEAST + "egress: nat\n").message


def test_a_misspelt_key_of_another_page_is_recognized() -> None:
    assert "did you mean sizing.worker_nodes?" in only(LEAST + "network:\n  worker_node: 3\n").message


def test_an_unknown_page_is_reported_with_all_pages() -> None:
    problem = only(LEAST + "netwrok:\n  egress: nat\n")
    assert problem.key == "netwrok"
    assert "did you mean network?" in problem.message
    assert all(page in problem.message for page in PAGES)


def test_an_unrelated_key_is_reported_with_all_keys_of_the_page() -> None:
    problem = only(LEAST + "network:\n  zzz: 1\n")
    assert "did you mean" not in problem.message
    assert all(name in problem.message for name in PAGES["network"].model_fields)


@pytest.mark.parametrize(
    ("page", "wrong", "told"),
    [
        ("sizing", "worker_nodes: three", '"three" is not valid; allowed: a whole number from 1 to 50'),
        ("sizing", "worker_nodes: 3.5", "3.5 is not valid"),
        ("sizing", 'worker_nodes: "3"', '"3" is text; write the number without quotes'),
        ("sizing", "worker_nodes: true", "true is not valid"),
        ("sizing", "worker_nodes: [3]", "the list [3] is not valid"),
        ("sizing", "worker_nodes: {a: 3}", "a mapping is not valid"),
        ("sizing", "worker_nodes: 0", "0 is too small; allowed: a whole number from 1 to 50"),
        ("sizing", "worker_nodes: 51", "51 is too large; allowed: a whole number from 1 to 50"),
        ("sizing", "worker_nodes:", "required: a whole number from 1 to 50"),
        ("sizing", "postgres_storage_gb: 100", "allowed: one of 32, 64, 128"),
        ("sizing", "node_size: Standard D4", "allowed: an Azure VM size, for example Standard_D4ds_v5"),
        ("platform", "private_api: yes", '"yes" is not valid; allowed: yes or no (true or false in a file)'),
        ("platform", "private_api: 1", "1 is not valid"),
        ("platform", "runtime: docker", "allowed: one of aks, container_apps"),
        ("platform", "web_image: registry.example.com:5000/web:1", "without a registry"),
        ("network", "address_space: 10.40.0.0", "allowed: an IPv4 range in CIDR notation"),
        ("network", "address_space: \uff12\uff10.40.0.0/16", "not an IPv4 range"),
        ("network", "egress: [nat]", 'the list ["nat"] is not valid'),
        ("sign_on", "method: null", "required: one of later, secretless, secret"),
        (
            "monitoring",
            "emails: ops@contoso.com",
            '"ops@contoso.com" is not a list; write one, for example [data-team@contoso.com]',
        ),
        ("monitoring", "emails: {a: b}", "a mapping is not a list"),
        ("monitoring", "emails: [ops]", '"ops" is not valid; allowed: email addresses'),
        ("monitoring", "emails: [a@contoso.com, ops, 3]", 'item 2 ("ops") and item 3 (3) are not valid'),
        ("network", "connected_ranges: [172.16.0.0/12, office]", 'item 2 ("office") is not valid'),
    ],
)
def test_an_invalid_value_is_reported_with_the_accepted_ones(page: str, wrong: str, told: str) -> None:
    problem = only(f"{LEAST}{page}:\n  {wrong}\n")
    assert problem.key == f"{page}.{wrong.partition(':')[0]}"
    assert problem.line == 9
    assert told in problem.message


@pytest.mark.parametrize("space", [" 10.40.0.0/16", "10.40.0.0/16 ", "10.40.0.0/16\\n"])
def test_an_answer_with_blanks_around_it_is_not_silently_trimmed(space: str) -> None:
    assert only(f'{LEAST}network:\n  address_space: "{space}"\n').key == "network.address_space"


def test_what_does_not_apply_has_to_fit_all_the_same() -> None:
    problem = only(LEAST + "network:\n  egress: nat\n  firewall_address: next to the door\n")
    assert (problem.key, problem.line) == ("network.firewall_address", 10)


def test_a_required_answer_that_is_missing_is_reported_at_its_page() -> None:
    problem = only(LEAST.replace("  region: swedencentral\n", ""))
    assert (problem.key, problem.line) == ("subscription.region", 3)
    assert "required" in problem.message
    assert "swedencentral" in problem.message


@pytest.mark.parametrize("page", ["5", "[tenant, region]", "", "later"])
def test_a_page_without_keys_is_reported_with_its_keys(page: str) -> None:
    problem = only(f"kind: flowforge-answers\nversion: 1\nsubscription: {page}\n")
    assert (problem.key, problem.line) == ("subscription", 3)
    assert "tenant, subscription, region" in problem.message


def test_a_duplicate_key_is_reported_with_its_path_and_where_it_was_before() -> None:
    problem = only(LEAST + "  region: westeurope\n")
    assert (problem.key, problem.line) == ("subscription.region", 8)
    assert problem.message == "duplicate key; first used on line 6"
    assert only(LEAST + "version: 1\n").key == "version"


def test_all_problems_come_at_once_sorted_and_each_once() -> None:
    text = LEAST.replace("swedencentral", "Sweden-Central") + (
        "platform:\n  runtme: aks\nsizing:\n  worker_nodes: 99\n  preset: huge\n  preset: team\nextra: 1\n"
    )
    problems = refused(text)
    assert [(p.key, p.line) for p in problems] == [
        ("subscription.region", 6),
        ("platform.runtme", 9),
        ("sizing.worker_nodes", 11),
        ("sizing.preset", 12),
        ("sizing.preset", 13),
        ("extra", 14),
    ]
    with pytest.raises(InvalidAnswers) as caught:
        parse(text.encode(), "f.yaml")
    assert str(caught.value).splitlines() == [p.located("f.yaml") for p in problems]
    assert caught.value.exit_code == 2


def test_without_kind_and_version_the_rest_is_checked_too() -> None:
    problems = refused("platform:\n  runtme: aks\n")
    keys = [problem.key for problem in problems]
    assert keys[:2] == ["kind", "version"]
    assert "platform.runtme" in keys
    assert "subscription.tenant" in keys


@pytest.mark.parametrize("kind", ["kind: Pod", "kind: [flowforge-answers]", "kind: {}", "kind: true"])
def test_a_file_of_another_kind_is_only_told_that(kind: str) -> None:
    problem = only(f"apiVersion: v1\n{kind}\nspec:\n  region: x\n")
    assert (problem.key, problem.line) == ("kind", 2)
    assert "kind: flowforge-answers" in problem.message


@pytest.mark.parametrize("version", ["2", "99"])
def test_a_newer_file_is_reported_to_need_a_newer_installer(version: str) -> None:
    problem = only(LEAST.replace("version: 1", f"version: {version}") + "quantum: true\n")
    assert (problem.key, problem.line) == ("version", 2)
    assert "the file is from a newer flowforge-installer" in problem.message
    assert "version: 1" in problem.message


@pytest.mark.parametrize("version", ["0", '"1"', "true", "[1]", "one", "1.5"])
def test_a_version_that_there_never_was_is_refused(version: str) -> None:
    problem = only(LEAST.replace("version: 1", f"version: {version}"))
    assert problem.key == "version"
    assert "newer" not in problem.message


ODDITIES = {
    "anchor": ("kind: &k flowforge-answers\n", 1, "anchors and aliases"),
    "alias": ("a: 1\nb: *k\n", 2, "anchors and aliases"),
    "alias bomb": ("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n", 1, "anchors and aliases"),
    "anchor on a mapping": ("a: &k\n  b: 1\n", 1, "anchors and aliases"),
    "tag": ("kind: !!python/object:os.system x\n", 1, "tags (!)"),
    "tag on a list": ("a: !!set [1]\n", 1, "tags (!)"),
    "tag on a mapping": ("a: !thing {b: 1}\n", 1, "tags (!)"),
    "too deep": ("a: [[[[[[[[[[1]]]]]]]]]]\n", 1, "nested more than"),
    "very deep": ("[" * 50_000, 1, "nested more than"),
    "a second document": (LEAST + "---\nkind: flowforge-answers\n", 8, "a second YAML document"),
    "tab": ("kind: flowforge-answers\nsubscription:\n\tregion: x\n", 3, "not valid YAML"),
    "open quote": ('kind: "flowforge', 1, "not valid YAML"),
    "open list": ("a: [1, 2\nb: 3\n", 2, "not valid YAML"),
    "stray bracket": ("a: ]\n", 1, "not valid YAML"),
    "control character": ("a: \x1b[31m\n", 1, "not valid YAML"),
    "NUL": ("a: \0\n", 1, "not valid YAML"),
    "impossible escape": ('a: "\\UFFFFFFFF"\n', 1, "not valid YAML"),
    "empty": ("", 1, "not an answers file"),
    "only a comment": ("# nothing\n", 1, "not an answers file"),
    "only a dash": ("---\n", 1, "not an answers file"),
    "a list": ("- kind: flowforge-answers\n", 1, "not an answers file"),
    "a word": ("flowforge-answers\n", 1, "not an answers file"),
}


@pytest.mark.parametrize("name", ODDITIES)
def test_anything_but_a_plain_yaml_mapping_is_refused_at_its_line(name: str) -> None:
    text, line, told = ODDITIES[name]
    problem = only(text)
    assert problem.line == line
    assert told in problem.message


def test_a_merge_key_is_a_key_like_any_other() -> None:
    assert only(LEAST + "<<: {network: 1}\n").key == "<<"


def test_keys_that_are_no_words_are_refused() -> None:
    assert only(LEAST + "network:\n  ? [a]\n  : 1\n").message == "a key must be a word"
    assert only(LEAST + "network:\n  null: 1\n").key == "network.null"
    assert only(LEAST + "1: 1\n").key == "1"


def test_a_file_that_is_not_utf_8_is_reported_with_the_line() -> None:
    problem = only(LEAST.encode() + b"# caf\xe9\n")
    assert (problem.line, problem.message) == (8, "not UTF-8; save the file as UTF-8")
    assert only("kind: flowforge-answers".encode("utf-16")).message.startswith("not UTF-8")


def test_editors_of_windows_are_welcome() -> None:
    plain = parse(LEAST.encode(), "f")
    windows = parse(b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode(), "f")
    assert windows.answers == plain.answers


def test_a_file_that_is_too_big_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_text(LEAST + "# " + "x" * MAX_BYTES)
    with pytest.raises(InvalidAnswers, match=f"larger than {MAX_BYTES} bytes"):
        load(path)
    with pytest.raises(InvalidAnswers, match="larger than"):
        load(Path("/dev/zero"))


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_what_cannot_be_read_is_reported_by_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be read") as caught:
        load(tmp_path / name)
    assert str(tmp_path) in str(caught.value)
    assert not isinstance(caught.value, InvalidAnswers)


@pytest.mark.parametrize(
    "sign_on",
    [
        f"client_secret: {CANARY}",
        f"client_secret: [{CANARY}]",
        f"client_secret: {{value: {CANARY}}}",
        f"client_secret: env:{CANARY}",
        f"client_secrt: {CANARY}",
        f"client_secret: {CANARY}\n  client_secret: {CANARY}",
        f"method: later\n  client_secret: {CANARY}",
    ],
)
def test_a_secret_in_a_file_is_refused_without_showing_it(sign_on: str) -> None:
    method = "" if "method" in sign_on else "method: secret\n  "
    problems = refused(f"{LEAST}sign_on:\n  {method}client_id: {CLIENT}\n  {sign_on}\n")
    assert CANARY not in str(InvalidAnswers(problems, "f.yaml"))
    assert all(CANARY not in repr(problem) for problem in problems)
    assert any(problem.key.startswith("sign_on.client_sec") for problem in problems)


def test_a_refused_secret_is_in_no_cause_or_context_either() -> None:
    with pytest.raises(InvalidAnswers) as caught:
        parse(f"{LEAST}sign_on:\n  method: secret\n  client_secret: {CANARY}\n".encode(), "f")
    error: BaseException | None = caught.value
    while error is not None:
        assert CANARY not in str(error)
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("hostile", ["\\e[31mred", "two\\nlines", "\\u202Eleft", "\\uD800", "\\u2028", "\\a"])
def test_nothing_of_a_file_reaches_the_terminal_unfiltered(hostile: str) -> None:
    for text in (f'{LEAST}"{hostile}": 1\n', f'{LEAST}network:\n  egress: "{hostile}"\n  "{hostile}": 2\n'):
        problems = refused(text)
        assert problems
        for problem in problems:
            assert problem.located("f.yaml").isprintable()


def test_very_long_values_and_keys_are_shortened() -> None:
    long, key = "x" * 5000, "x" * 1000  # YAML accepts no key longer than 1024 characters
    problems = refused(f"{LEAST}network:\n  egress: {long}\n  {key}: 1\n  address_space: [{long}]\n")
    assert len(problems) == 3
    for problem in problems:
        assert len(problem.located("f.yaml")) < 400


def test_the_file_is_only_read(tmp_path: Path) -> None:
    for name, text in (("good.yaml", LEAST), ("bad.yaml", LEAST + "x: 1\n")):
        path = tmp_path / name
        path.write_text(text)
        path.chmod(0o400)
        before = path.stat()
        try:
            load(path)
        except InvalidAnswers:
            assert name == "bad.yaml"
        after = path.stat()
        assert path.read_text() == text
        assert (after.st_mtime_ns, after.st_ino, after.st_mode) == (before.st_mtime_ns, before.st_ino, before.st_mode)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["bad.yaml", "good.yaml"]


def test_the_smallest_file_is_as_small_as_it_can_be() -> None:
    lines = LEAST.splitlines(keepends=True)
    for line in lines:
        if line != "subscription:\n":
            assert refused(LEAST.replace(line, ""))
    parse(LEAST.encode(), "f")
    assert len(lines) - 3 == sum(
        question.default is None and not question.ask.optional and question.ask.applies({})
        for question in all_questions().values()
    )
