"""A page of lists that fold: the search through them, the side pane with all of a part, the keys of a resource."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import DescendantFocus
from textual.widget import Widget
from textual.widgets import Input, OptionList

from screens.base.line_details import LineDetails
from screens.run.object_keys import copy_id, open_in_portal
from screens.wizard.fold_list import FoldList, full_text
from screens.wizard.search_field import SearchField
from screens.wizard.shell import WizardPage

if TYPE_CHECKING:
    from installer.answers.pages.subscription import Subscription
    from screens.base.terminal_app import TerminalApp


class FoldPage(WizardPage):
    """The page. Subclasses yield their lists and `search_field`, and name the list with resources.

    Class attributes:
        PLACEHOLDER: text of the empty search field.
        RESOURCES: id of the list with resources.
        EXISTING: whether these resources exist, so that the portal can open them.

    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "search", key_display="/"),
        Binding("c", "copy_id", "copy", tooltip="copy the ID of the resource"),
        Binding("o", "open_portal", "open", tooltip="open the resource in the portal"),
    ]
    PLACEHOLDER: ClassVar[str]
    RESOURCES: ClassVar[str]
    EXISTING: ClassVar[bool] = True

    def search_field(self) -> SearchField:
        """The field, hidden until it is asked for."""
        field = SearchField(id="search", compact=True, placeholder=f"{self.PLACEHOLDER}; Enter keeps, Esc clears")
        field.display = False
        return field

    def side(self) -> ComposeResult:
        """The whole text of the part under the cursor."""
        yield LineDetails()

    @on(OptionList.OptionHighlighted)
    def _cursor_moved(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_list.has_focus or not self.query_one(LineDetails).shown:
            self._show_whole(event.option_list)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """The pane is that of the list with the focus."""
        self._show_whole(event.widget)

    def _show_whole(self, shown: Widget) -> None:
        if isinstance(shown, FoldList):
            here = shown.current
            self.query_one(LineDetails).show("\n".join(full_text(here)) if here is not None else "")

    # -- search --------------------------------------------------------------------------------------------------

    @property
    def searched_words(self) -> str:
        """Words of the search when the page was left."""
        return ""

    def search_changed(self, words: str) -> None:
        """The words have changed."""

    def action_search(self) -> None:
        """Type words that the listed parts have to contain."""
        self.open_search(self.searched_words)
        self.set_focus(self.query_one(SearchField))

    def open_search(self, words: str) -> None:
        """Show the field with these words."""
        field = self.query_one(SearchField)
        field.display = True
        field.value = words

    @on(Input.Changed, "#search")
    def _searched(self, event: Input.Changed) -> None:
        event.stop()
        self.search_changed(event.value)
        for shown in self.query(FoldList):
            shown.search(event.value)

    @on(Input.Submitted, "#search")
    def _keep_search(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(SearchField).display = bool(event.value)
        lists = list(self.query(FoldList))
        self.set_focus(next((shown for shown in lists if shown.rows), lists[-1]))

    def action_clear_search(self) -> None:
        """Show everything again."""
        field = self.query_one(SearchField)
        field.value = ""
        field.display = False
        self.set_focus(self.query(FoldList).first())

    # -- resources -----------------------------------------------------------------------------------------------

    @property
    def resource_id(self) -> str:
        """ID of the resource under the cursor, or of that which has the property there."""
        return self.query_one(f"#{self.RESOURCES}", FoldList).resource_id

    def where(self) -> "Subscription | None":
        """The subscription of the resources, None as long as it is not known."""
        return self.wizard.draft_store.draft.answers().subscription

    def action_copy_id(self) -> None:
        """Copy the ID of the resource under the cursor."""
        copy_id(cast("TerminalApp", self.app), self.resource_id)

    def action_open_portal(self) -> None:
        """Open the page of the resource under the cursor."""
        app, rehearsal = cast("TerminalApp", self.app), self.wizard.rehearsal
        open_in_portal(app, self.resource_id, self.where(), rehearsal=rehearsal, exists=self.EXISTING)
