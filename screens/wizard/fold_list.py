"""List of the parts of a plan, which fold; the cursor stays on its part."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from installer.planning.branch import matching
from screens.base.glyphs import NOTHING_FOUND, cells, glyph, truncate
from screens.run.object_keys import id_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from installer.planning.branch import Branch

MIN_GAP = 2
MAX_FOUND = 500
"""Rows of a search; drawing more takes longer than a key press may."""


@dataclass(frozen=True)
class Row:
    """A visible part, with its level and the row of the part above it (-1 for none)."""

    branch: "Branch"
    level: int
    above: int


class FoldList(OptionList):
    """Keys as in lazygit: left and right fold and unfold, - and = do so with everything, Enter toggles.

    Args:
        id: Textual's id.
        levels: levels that = unfolds; parts below them open one by one.
        opened: keys of open parts, shared with another list that shows the same later.

    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "fold", "fold", key_display="←→"),
        Binding("right", "unfold", "unfold", show=False),
        Binding("enter,space", "toggle_branch", "fold or unfold; without parts, the whole text", show=False),
        Binding("minus", "fold_all", "fold all", show=False),
        Binding("equals_sign", "unfold_all", "unfold all", show=False),
    ]

    def __init__(self, *, id: str, levels: int = 99, opened: "set[str] | None" = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, compact=True, markup=False)
        self._roots: Sequence[Branch] = ()
        self._levels = levels
        self._open: set[str] = set() if opened is None else opened
        self._found: set[str] = set()
        self._words: list[str] = []
        self._drawn_width = 0
        self.rows: list[Row] = []

    def show(self, roots: "Sequence[Branch]") -> None:
        """Show other parts, open where something changes; parts that were shown before stay as they were."""
        known = {one.key for one in _every(self._roots)}
        self._open |= {one.key for one in _every(roots) if one.opens and one.key not in known}
        self._roots = roots
        self._fill(self.current)

    def search(self, words: str) -> None:
        """Show only parts with all of these words, unfolded to them; without words everything, as it was."""
        self._words = words.lower().split()
        self._fill(self.current)

    def go_to(self, key: str) -> None:
        """Put the cursor on a part, unfolding those above it."""
        for root in self._roots:
            if path := _path(root, key):
                self._open |= {one.key for one in path[:-1]}
                self._fill(path[-1])
                return

    @property
    def current(self) -> "Branch | None":
        """The part under the cursor."""
        at = self.highlighted
        return self.rows[at].branch if at is not None and at < len(self.rows) else None

    def on_resize(self) -> None:
        """Counts are at the right edge."""
        if self.size.width != self._drawn_width:
            self._fill(self.current)

    def _fill(self, cursor: "Branch | None") -> None:
        self.rows = []
        self._found = set()
        for root in self._roots:
            shown = matching(root, self._words, self._found)
            if shown is not None:
                self._add(shown, 0, -1)
        del self.rows[MAX_FOUND if self._words else len(self.rows) :]
        self.clear_options()
        self._drawn_width = self.size.width
        width = self.size.width - 1 if self.size.width else 0
        self.add_options([Option(Content(self._line(row, width))) for row in self.rows])
        if self._words and not self.rows:
            self.add_option(Option(NOTHING_FOUND, disabled=True))
        if self.rows:
            keys = [row.branch.key for row in self.rows]
            self.highlighted = keys.index(cursor.key) if cursor and cursor.key in keys else 0

    @property
    def resource_id(self) -> str:
        """ID of the resource under the cursor, or of that which has the property there; "" for other parts."""
        at = self.highlighted
        while at is not None and 0 <= at < len(self.rows):
            branch = self.rows[at].branch
            if branch.sign and (found := id_in(branch.key)):
                return found
            at = self.rows[at].above
        return ""

    def _add(self, branch: "Branch", level: int, above: int) -> None:
        here = len(self.rows)
        self.rows.append(Row(branch, level, above))
        if branch.key in self._open or branch.key in self._found:
            for child in branch.children:
                self._add(child, level + 1, here)

    def _line(self, row: Row, width: int) -> str:
        branch = row.branch
        opened = branch.key in self._open or branch.key in self._found
        mark = glyph("open" if opened else "folded") if branch.children else " "
        left = f"{'  ' * row.level}{mark} {f'{branch.sign} ' if branch.sign else ''}{branch.text}"
        if not branch.counts or not width:
            return truncate(left, 200)
        return f"{truncate(left, width - cells(branch.counts) - MIN_GAP)}{' ' * MIN_GAP}{branch.counts}"

    # -- keys ----------------------------------------------------------------------------------------------------

    def action_toggle_branch(self) -> None:
        """Fold or unfold the part under the cursor; one without parts is shown in full."""
        here = self.current
        if here is not None and here.children:
            self._open ^= {here.key}
            self._fill(here)
        else:
            self.action_select()

    def action_unfold(self) -> None:
        """Unfold the part under the cursor, or go into it."""
        here = self.current
        if here is None or not here.children:
            return
        if here.key in self._open:
            self.action_cursor_down()
        else:
            self._open.add(here.key)
            self._fill(here)

    def action_fold(self) -> None:
        """Fold the part under the cursor, or go to the one above it."""
        here = self.current
        if here is None or self.highlighted is None:
            return
        if here.children and here.key in self._open:
            self._open.discard(here.key)
            self._fill(here)
        elif self.rows[self.highlighted].above >= 0:
            self.highlighted = self.rows[self.highlighted].above

    def action_fold_all(self) -> None:
        """Fold everything; the cursor goes to the environment of its part."""
        at = self.highlighted
        while at is not None and self.rows and self.rows[at].above >= 0:
            at = self.rows[at].above
        self._open.clear()
        self._fill(self.rows[at].branch if at is not None and self.rows else None)

    def action_unfold_all(self) -> None:
        """Unfold everything."""
        self._open |= {one.key for one in _every(self._roots, self._levels) if one.children}
        self._fill(self.current)


def _every(branches: "Sequence[Branch]", levels: int = 99) -> "Iterator[Branch]":
    for one in branches if levels else ():
        yield one
        yield from _every(one.children, levels - 1)


def _path(branch: "Branch", key: str) -> "list[Branch]":
    """A part with those above it, outermost first; empty if it is not below the branch."""
    if branch.key == key:
        return [branch]
    return next(([branch, *found] for child in branch.children if (found := _path(child, key))), [])


def full_text(branch: "Branch", level: int = 0) -> "Iterator[str]":
    """The lines of a part and of all parts below it."""
    yield f"{'  ' * level}{f'{branch.sign} ' if branch.sign else ''}{branch.text}"
    for child in branch.children:
        yield from full_text(child, level + 1)
