"""A plan in every form: what a name contains stays text in each of them."""

import json
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from installer.estate.egress import Egress
from installer.planning.document import Section, as_text
from installer.planning.id_parts import parts_of
from installer.planning.model import Change, Plan, Word
from installer.planning.report import heading, rendered

FORMS = (".txt", ".md", ".html", ".json")
HOSTILE = [
    "<script>alert(1)</script>",
    "a|b",
    "a\nb",
    "`code`",
    "![x](http://x)",
    "\x1b[2J",
    "a\u202eb",
    "[bold]",
    "\\|",
    "\"'&amp;",
]


def change(name: str = "st", what: Word = "create", stage: str = "data", *, paths: tuple[str, ...] = ()) -> Change:
    return Change(f"/x/{name}", "Microsoft.Storage/storageAccounts", name, f"rg-{name}", stage, what, paths)


def plan(*changes: Change, unchecked: tuple[str, ...] = (), usual: float = 90) -> Plan:
    return Plan("4f2c", "public", usual, changes, unchecked, dict(Counter(one.change for one in changes)))


class Page(HTMLParser):
    """The tags and the texts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.cells: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert all(not name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.cells.append(data)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("form_of_name", HOSTILE)
def test_a_hostile_name_stays_text(form: str, form_of_name: str) -> None:
    hostile = plan(change(form_of_name, "change", paths=(form_of_name,)), change("kv"), unchecked=(form_of_name,))
    harmless = plan(change("st", "change", paths=("st",)), change("kv"), unchecked=("st",))
    shown, usual = rendered(hostile, form), rendered(harmless, form)
    if form == ".json":
        assert json.loads(shown)["changes"][0]["name"] == form_of_name
        return
    assert len(shown.splitlines()) == len(usual.splitlines())
    assert all(character.isprintable() or character == "\n" for character in shown)
    if form == ".html":
        assert Page(shown).tags == Page(usual).tags
    if form == ".md":
        assert "<" not in shown.replace("\\<", "")
        assert bars(shown) == bars(usual)


def bars(text: str) -> list[int]:
    """How many cells each line has."""
    return [line.replace("\\\\", "").replace("\\|", "").count("|") for line in text.splitlines()]


def test_as_text() -> None:
    text = rendered(plan(change(), change("kv", "change", paths=("properties.sku",)), change("old", "same")), ".txt")
    assert text.splitlines() == [
        "Plan for subscription 4f2c (public)",
        "+ 1 create   ~ 1 change   = 1 as is; usually 1:30 in Azure",
        "",
        "Changes",
        "  shared",
        "    rg-st",
        "      + st (Storage account)",
        "    rg-kv",
        "      ~ kv (Storage account)",
        "        properties.sku",
        "    rg-old",
        "      = 1 as is",
    ]


def test_many_changed_properties_are_counted() -> None:
    text = rendered(plan(change("kv", "change", paths=tuple(f"p{number}" for number in range(9)))), ".txt")
    assert [line.strip() for line in text.splitlines()][-7:] == ["p0", "p1", "p2", "p3", "p4", "p5", "and 3 more"]


@pytest.mark.parametrize("form", [".txt", ".md", ".html"])
def test_unchanged_resources_are_only_counted(form: str) -> None:
    first, second = change("unchanged-1", "same"), replace(change("unchanged-2", "same"), group="rg-unchanged-1")
    shown = rendered(plan(first, second, usual=0), form)
    assert "= 2 as is" in shown
    assert " unchanged-" not in shown
    assert "almost no time" in shown


@pytest.mark.parametrize("form", FORMS)
def test_unchecked_stages_are_reported(form: str) -> None:
    assert "network has not been deployed yet" in rendered(plan(unchecked=("network has not been deployed yet",)), form)


@pytest.mark.parametrize("form", FORMS)
def test_settings_of_others_that_a_run_keeps_are_listed(form: str) -> None:
    shown = rendered(replace(plan(), kept=("nsg-web: securityRules/from-bastion",)), form)
    assert "from-bastion" in shown
    assert "from-bastion" not in rendered(plan(), form)


def test_json_has_everything() -> None:
    told = json.loads(rendered(plan(change("a", "same"), change("b", paths=("x",))), ".json"))
    assert [one["name"] for one in told["changes"]] == ["a", "b"]
    assert (told["usual"], told["counts"], told["changes"][1]["paths"]) == (90, {"same": 1, "create": 1}, ["x"])


def test_a_plan_without_changes_says_so() -> None:
    assert heading(plan()) == "nothing to do"
    assert heading(plan(change("a", "delete"), change("b", "unknown"))) == "? 1 not known in advance   - 1 delete"


@pytest.mark.parametrize(
    ("resource", "parts"),
    [
        ("/subscriptions/s/resourceGroups/rg", ("Microsoft.Resources/resourceGroups", "rg", "")),
        (
            "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st/blobServices/default",
            ("Microsoft.Storage/storageAccounts/blobServices", "st/default", "rg"),
        ),
        (
            "/subscriptions/s/resourcegroups/rg/providers/Microsoft.Web/sites/w/providers/Microsoft.Authorization/roleAssignments/r",
            ("Microsoft.Authorization/roleAssignments", "r", "rg"),
        ),
        (
            "/subscriptions/s/providers/Microsoft.Authorization/roleAssignments/r",
            ("Microsoft.Authorization/roleAssignments", "r", ""),
        ),
    ],
)
def test_the_parts_of_a_resource_id(resource: str, parts: tuple[str, str, str]) -> None:
    assert parts_of(resource) == parts


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".json"])
def test_the_plan_lists_the_required_firewall_targets(suffix: str) -> None:
    target = Egress("mcr.microsoft.com", 443, "images of <Kubernetes>", "https://example.com")
    text = rendered(Plan("s", "public", 0.0, (), (), {}, (target,)), suffix)
    assert "mcr.microsoft.com" in text
    assert "443" in text
    assert "firewall must allow" not in rendered(Plan("s", "public", 0.0, (), (), {}), suffix)
    assert ("<Kubernetes>" in text) == (suffix in (".txt", ".json"))


def test_columns_of_the_text_form_are_aligned_and_figures_are_at_the_right() -> None:
    rows = (("dev", "1,240", "+ 12", "a"), ("production", "98", "- < 1", "a longer one"), ("all", "1,338", "0", ""))
    text = as_text("t", (), [Section("Cost", ("for", "cost", "difference", "why"), rows)])
    assert text.splitlines()[3:] == [
        "  for          cost  difference  why",
        "  dev         1,240        + 12  a",
        "  production     98       - < 1  a longer one",
        "  all         1,338           0",
    ]
    one = as_text("t", (), [Section("Cost", ("for", "cost"), (("dev", "5"),))])
    assert one.splitlines()[3:] == ["  dev  5"]  # the title names a single one


def test_a_column_without_text_takes_no_room() -> None:
    text = as_text("t", (), [Section("s", ("resource", "type", "why"), (("", "vaults", "x"), ("", "sites", "y")))])
    assert text.splitlines()[3:] == ["  vaults  x", "  sites   y"]
    assert as_text("t", (), [Section("s", ("a", "b"), ())]).splitlines() == ["t", "", "s"]
