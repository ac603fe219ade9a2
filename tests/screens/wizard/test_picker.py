"""Lists from Azure: they can be filtered, they may fail, and an id can always be typed."""

from textual.pilot import Pilot

from installer.cloud.models import Choice
from installer.errors import DeploymentFailed
from screens.wizard.picker import MAX_LISTED, Picker
from screens.wizard.question_row import QuestionRow
from tests.screens.fake_session import (
    PLATFORM,
    SANDBOX,
    TENANT,
    Harness,
    at_place,
    keys,
    press,
    screen_text,
    settled,
    until,
)
from tests.screens.typing_keys import here


async def to_field(pilot: Pilot[int], key: str) -> None:
    """Move the focus to a question of this page."""
    while here(pilot).key != key:
        await press(pilot, "tab")


def test_arrow_keys_choose_from_the_list_and_the_name_is_shown(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await to_field(pilot, "subscription.subscription")
        assert "Contoso Sandbox" in screen_text(pilot)
        await press(pilot, "down", "down", "enter")
        assert "Contoso Sandbox" in screen_text(pilot)

    app = world.drive(world.app(), script)
    assert app.draft_store.draft.value("subscription.subscription") == SANDBOX
    assert app.draft_store.draft.source("subscription.subscription") == "given"


def test_unusable_entries_are_skipped(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await to_field(pilot, "subscription.subscription")
        await press(pilot, "down", "down", "down", "down")

    app = world.drive(world.app(), script)
    assert app.draft_store.draft.value("subscription.subscription") == SANDBOX


def test_typing_filters_by_name_and_enter_takes_the_match(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await to_field(pilot, "subscription.subscription")
        await press(pilot, "down")  # regions are fetched once a subscription is chosen
        await to_field(pilot, "subscription.region")
        await press(pilot, *"north")
        assert "North Europe" in screen_text(pilot)
        assert "Sweden Central" not in screen_text(pilot)
        await press(pilot, "enter")

    app = world.drive(world.app(), script)
    assert app.draft_store.draft.value("subscription.region") == "northeurope"


def test_the_only_possible_answer_is_given_and_marked_as_discovered(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        assert "Contoso Ltd · signed in as ada@contoso.com · discovered" in screen_text(pilot)

    app = world.drive(world.app(), script)
    assert app.draft_store.draft.value("subscription.tenant") == TENANT
    assert app.draft_store.draft.source("subscription.tenant") == "discovered"
    assert app.draft_store.draft.value("subscription.subscription") is None


def test_a_discovered_answer_stays_discovered_when_the_page_is_visited_again(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await to_field(pilot, "subscription.prefix")
        await at_place(pilot, "network")
        await press(pilot, "ctrl+b", "tab", "tab", "tab")

    assert world.drive(world.app(), script).draft_store.draft.source("subscription.tenant") == "discovered"


def test_a_failed_list_shows_the_reason_and_an_id_can_be_typed(world: Harness) -> None:
    world.session.lists["subscriptions"] = DeploymentFailed("az login has expired\nsecond line")

    async def script(pilot: Pilot[int]) -> None:
        assert "! az login has expired; Ctrl+R retries, or type it" in screen_text(pilot)
        await to_field(pilot, "subscription.subscription")
        await press(pilot, *PLATFORM)
        await press(pilot, "enter")
        assert here(pilot).key == "subscription.region"

    app = world.drive(world.app(), script)
    assert app.draft_store.draft.value("subscription.subscription") == PLATFORM


def test_ctrl_r_fetches_again(world: Harness) -> None:
    good = world.session.lists["subscriptions"]
    world.session.lists["subscriptions"] = DeploymentFailed("az login has expired")

    async def script(pilot: Pilot[int]) -> None:
        world.session.lists["subscriptions"] = good
        await press(pilot, "ctrl+r")
        assert "az login has expired" not in screen_text(pilot)
        await to_field(pilot, "subscription.subscription")
        assert "Contoso Data Platform" in screen_text(pilot)

    world.drive(world.app(), script)


def test_an_unexpected_error_of_a_list_is_shown_and_the_wizard_stays_usable(world: Harness) -> None:
    world.session.lists["tenants"] = RuntimeError("[bold]no[/x]")

    async def script(pilot: Pilot[int]) -> None:
        assert "internal error of the installer: RuntimeError" in screen_text(pilot)
        await at_place(pilot, "network")

    world.drive(world.app(), script)


def test_lists_are_fetched_once_and_not_at_every_visit(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "network")
        await press(pilot, "ctrl+b")

    world.drive(world.app(file="dev"), script)
    assert sorted(world.session.asked) == ["regions", "subscriptions", "tenants"]


def test_before_azure_answers_the_user_can_type_continue_and_leave(world: Harness) -> None:
    world.session.gate.clear()
    app = world.app(file="dev")

    async def script(pilot: Pilot[int]) -> None:
        world.session.gate.clear()
        await keys(pilot, "ctrl+r")
        assert "loading from Azure …" in screen_text(pilot)
        await keys(pilot, "ctrl+n")
        await until(pilot, lambda: "Posture" in screen_text(pilot), "the next page")
        await keys(pilot, "ctrl+q")

    world.session.gate.set()
    world.drive(app, script)
    world.session.gate.set()  # the answer arrives after the app has exited
    assert app.return_value == 0


def test_of_two_answers_for_one_list_the_later_request_counts(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        world.session.gate.clear()
        await keys(pilot, "ctrl+r", "ctrl+r")
        world.session.lists["regions"] = (Choice("polandcentral", "Poland Central"),)
        world.session.gate.set()
        await settled(pilot)
        await to_field(pilot, "subscription.region")
        await press(pilot, "ctrl+u")
        assert "Poland Central" in screen_text(pilot)

    world.drive(world.app(file="dev"), script)


def test_the_first_key_takes_the_marked_entry_and_the_next_ones_move(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        draft = app.draft_store.draft
        await to_field(pilot, "subscription.subscription")
        await press(pilot, "down")
        assert draft.value("subscription.subscription") == PLATFORM
        await press(pilot, "down")
        assert draft.value("subscription.subscription") == SANDBOX
        await press(pilot, "up", "up")
        assert draft.value("subscription.subscription") == PLATFORM

    app = world.app()
    world.drive(app, script)


def test_the_first_key_takes_the_first_match_of_what_was_typed(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await to_field(pilot, "subscription.subscription")
        await press(pilot, *"sand", "down")

    app = world.drive(world.app(), script)
    assert app.draft_store.draft.value("subscription.subscription") == SANDBOX


def test_a_list_of_hundreds_is_cut_and_filtered_as_a_whole(world: Harness) -> None:
    world.session.lists["node_sizes"] = tuple(Choice(f"Standard_D{n}s_v9", "", f"{n} cores") for n in range(1, 501))

    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "sizing")
        await to_field(pilot, "sizing.node_size")
        field = pilot.app.screen.query_one("#field-sizing-node-size", Picker)
        assert field.list.option_count == MAX_LISTED + 1
        assert str(field.list.get_option_at_index(MAX_LISTED).prompt) == "… 300 more: type to filter"
        await press(pilot, "ctrl+u", *"D499s", "enter")

    app = world.drive(world.app(file="dev"), script)
    assert app.draft_store.draft.value("sizing.node_size") == "Standard_D499s_v9"


def test_sizes_are_read_again_for_another_region(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "sizing")
        await settled(pilot)
        await at_place(pilot, "subscription")
        await to_field(pilot, "subscription.region")
        await press(pilot, "down", "down", "enter")
        await at_place(pilot, "sizing")
        await settled(pilot)

    world.drive(world.app(file="dev"), script)
    assert world.session.asked.count("node_sizes") == 2


def test_a_region_that_is_not_offered_is_refused_when_typed_with_near_names(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await to_field(pilot, "subscription.subscription")
        await press(pilot, "down")
        await to_field(pilot, "subscription.region")
        await press(pilot, *"northeuropa")
        await until(pilot, lambda: bool(here_note(pilot)), "the note")
        assert "did you mean northeurope (North Europe)" in here_note(pilot)
        assert app.problem_counts.get("subscription")

    app = world.app()
    world.drive(app, script)
    assert app.draft_store.draft.value("subscription.region") == "northeuropa"


def test_the_display_name_of_a_region_is_accepted(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await to_field(pilot, "subscription.subscription")
        await press(pilot, "down")
        await to_field(pilot, "subscription.region")
        await press(pilot, *"north europe")
        assert "no region" not in screen_text(pilot)
        await press(pilot, "enter")

    app = world.drive(world.app(), script)
    assert app.draft_store.draft.value("subscription.region") == "northeurope"


def here_note(pilot: Pilot[int]) -> str:
    """The line below the fields of the page that has a problem."""
    return " ".join(row.note for row in pilot.app.screen.query(QuestionRow) if "no region" in row.note)


def test_a_group_is_chosen_by_its_name_which_answers_the_next_question(world: Harness) -> None:
    groups = ("1a1a1a1a-0000-4000-8000-000000000001", "2b2b2b2b-0000-4000-8000-000000000002")
    world.session.lists["groups"] = (Choice(groups[0], "sg-users"), Choice(groups[1], "sg-platform-admins"))

    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "sign_on")
        await to_field(pilot, "sign_on.admin_group")
        await press(pilot, *"platform", "enter")
        assert "sg-platform-admins" in screen_text(pilot)

    draft = world.drive(world.app(file="dev"), script).draft_store.draft
    assert draft.value("sign_on.admin_group") == groups[1]
    assert draft.value("sign_on.admin_group_name") == "sg-platform-admins"
    assert draft.source("sign_on.admin_group_name") == "discovered"


def test_a_size_that_the_region_does_not_offer_is_refused_with_near_names(world: Harness) -> None:
    world.session.lists["node_sizes"] = tuple(Choice(f"Standard_D{n}ds_v5", "", f"{n} cores") for n in (2, 4, 8))

    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "sizing")
        await settled(pilot)
        assert "sizing" not in app.problem_counts
        await to_field(pilot, "sizing.node_size")
        await press(pilot, "ctrl+u", *"Standard_D44ds_v5", "tab")
        assert "! Standard_D44ds_v5 is no size that swedencentral offers" in screen_text(pilot)
        assert app.problem_counts["sizing"] == 1

    app = world.app(file="dev")
    world.drive(app, script)


def test_sizes_get_their_price_once_it_is_read(world: Harness) -> None:
    sizes = (Choice("Standard_D4ds_v5", "", "4 cores"), Choice("Standard_D8ds_v5", "", "sold out", usable=False))
    world.session.lists["node_sizes"] = sizes
    world.session.prices = {"Standard_D4ds_v5": "140 EUR/month", "Standard_D8ds_v5": "280 EUR/month"}
    app = world.app(file="dev")

    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "sizing")
        await settled(pilot)
        assert [one.fact for one in app.lists["node_sizes"]] == ["4 cores · 140 EUR/month", "sold out"]

    world.drive(app, script)


def test_typing_after_a_choice_filters_anew(world: Harness) -> None:
    async def script(pilot: Pilot[int]) -> None:
        await to_field(pilot, "subscription.subscription")
        await press(pilot, "down", "down", *"platform")
        assert "Contoso Data Platform" in screen_text(pilot)
        assert "Contoso Sandbox" not in screen_text(pilot)
        await press(pilot, "enter")

    app = world.drive(world.app(), script)
    assert app.draft_store.draft.value("subscription.subscription") == PLATFORM


def test_a_list_that_is_wider_than_its_field_begins_at_the_label(world: Harness) -> None:
    fact = "4 cores · 16 GB · 350 free · zones 1 2 3 · 142 EUR/month"
    world.session.lists["node_sizes"] = (Choice("Standard_D4ads_v5", "", fact),)

    async def script(pilot: Pilot[int]) -> None:
        await at_place(pilot, "sizing")
        await to_field(pilot, "sizing.node_size")
        await settled(pilot)
        assert f"Standard_D4ads_v5  {fact[:47]}" in screen_text(pilot)  # the price included

    world.drive(world.app(file="dev"), script)
