"""The review: every decision with where it came from, every resource that will be there, and the start."""

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from installer.invocation import command
from screens.frame import PAGE_TITLES, Frame
from screens.signs import clock, cut, sign
from screens.windows import HelpWindow


class Review(Frame):
    """Decisions above, consequences below; on wide terminals side by side."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "edit"),
        Binding("x", "export", "export"),
        Binding("ctrl+n", "to_start", "to start"),
        Binding("ctrl+b", "back", "back"),
        Binding("f1", "explain", "help"),
    ]
    place = "review"

    class Planned(Message):
        """What Azure says of the plan."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def body(self) -> ComposeResult:
        """Decisions, estate, start."""
        yield OptionList(id="decisions", compact=True, markup=False)
        yield Static(id="caption", classes="caption", markup=False)
        yield OptionList(id="estate", compact=True, markup=False)
        with Horizontal(id="start-row"):
            yield Button(Content(self._start_text()), id="start", compact=True, variant="primary")

    def _start_text(self) -> str:
        return "Start the rehearsal" if self.wizard.rehearsal else "Start: build this in Azure"

    def on_mount(self) -> None:
        """Fill both lists."""
        self.wizard.seen_pages.update(PAGE_TITLES)
        self._decide()
        self._consequences()
        self.query_one("#decisions").focus()
        self.say("e or Enter changes the decision under the cursor; Ctrl+N goes to the start button.")

    def _decide(self) -> None:
        draft = self.wizard.draft
        problems = {problem.key: problem.message for problem in draft.problems()}
        self.wizard.count_problems(problems)
        options: list[Option] = []
        first_bad: int | None = None
        for page, title in PAGE_TITLES.items():
            for question in draft.questions(page) if page != "review" else ():
                shown = self.wizard.label_of(question.key) or question.shown(draft.value(question.key))
                bad = problems.get(question.key)
                text = f"{sign('question')} {bad}" if bad else f"{shown}  ({draft.source(question.key)})"
                if bad and first_bad is None:
                    first_bad = len(options)
                line = f"{title:<14}{question.ask.label:<20}{text}"
                options.append(Option(Content(line), id=question.key))
        decisions = self.query_one("#decisions", OptionList)
        decisions.clear_options()
        decisions.add_options(options)
        decisions.highlighted = first_bad or 0
        self.query_one("#start", Button).disabled = bool(problems)
        self.refresh_frame()

    def _consequences(self) -> None:
        from installer.errors import InvalidAnswers
        from installer.estate import critical_seconds, estate

        caption, found = self.query_one("#caption", Static), self.query_one("#estate", OptionList)
        try:
            stages = estate(self.wizard.draft.answers())
        except InvalidAnswers as refused:
            caption.update(Content(f"{len(refused.problems)} decisions are not made yet; e changes the marked one."))
            return
        count = sum(len(stage.resources) for stage in stages)
        self._caption = (
            f"{count} resources in {len(stages)} deployments; in Azure usually {clock(critical_seconds(stages))}"
        )
        caption.update(Content(f"{self._caption}; comparing with Azure …"))
        for stage in stages:
            found.add_option(
                Option(Content.styled(f"{stage.spec.title}  {len(stage.resources)}", "bold"), disabled=True)
            )
            found.add_options(
                Option(Content(f"  + {cut(r.name, 38):<38} {cut(r.kind, 18):<18} {r.group}")) for r in stage.resources
            )
        self._compare()

    @work(thread=True, exit_on_error=False)
    def _compare(self) -> None:
        from installer.errors import InstallerError
        from installer.planprint import heading

        try:
            text = heading(self.wizard.session.plan(self.wizard.draft.answers()))
        except InstallerError as error:
            text = f"not compared with Azure: {str(error).splitlines()[0]}"
        self.post_message(self.Planned(text))

    def on_review_planned(self, event: Planned) -> None:
        """Show what would change."""
        self.query_one("#caption", Static).update(Content(f"{self._caption}: {event.text}"))

    @on(OptionList.OptionSelected, "#decisions")
    def action_edit(self) -> None:
        """Change the decision under the cursor, and come back here."""
        decisions = self.query_one("#decisions", OptionList)
        if decisions.highlighted is not None:
            key = decisions.get_option_at_index(decisions.highlighted).id or ""
            self.wizard.show_place(key.partition(".")[0], focus=key)

    def action_export(self) -> None:
        """Write the answers file."""
        self.wizard.export()

    def action_to_start(self) -> None:
        """Put the focus on the start button."""
        self.query_one("#start").focus()

    def action_back(self) -> None:
        """The page before."""
        self.wizard.show_place("sign_on")

    def action_explain(self) -> None:
        """What this page is."""
        self.app.push_screen(
            HelpWindow(
                "Review",
                "Above is every decision with where it came from: given by you, from a file, from a previous run, from the "
                "preset, discovered in Azure, or a default. Below is every resource that will be there.\n\n"
                f"x writes the answers to a file, with which {command('apply')} repeats the installation without questions.",
            )
        )

    @on(Button.Pressed, "#start")
    def _start(self) -> None:
        self.wizard.start_run()
