"""The starter answers file: every question with its explanation, default or example."""

import json
import re

from installer.answers.ask import View
from installer.answers.draft import Draft
from installer.answers.model import KIND, PAGES, VERSION
from installer.answers.questions import Question, all_questions


def starter() -> str:
    """A starter answers file: every key with its default and help.

    Keys that do not apply and keys set by a preset are commented out: as explicit answers they would persist after the
    answer that they depend on has changed.
    """
    draft = Draft()
    view = draft.view()
    lines = [f"kind: {KIND}", f"version: {VERSION}"]
    for page, model in PAGES.items():
        asked = [question for question in all_questions().values() if question.page == page]
        answered = {question.key for question in asked if _belongs(question, draft, view)}
        lines += ["", f"# {str(model.__doc__).strip()}", f"{page}:" if answered else f"# {page}:"]
        for question in asked:
            value = draft.value(question.key)
            shown = _literal(question.parse(question.ask.example) if value is None else value)
            entry = f"{question.key.partition('.')[2]}: {shown}".rstrip()
            lines += [f"  # {question.ask.label}: {question.ask.help}", f"  #   {question.allowed}"]
            lines.append(f"  {entry}" if question.key in answered else f"  # {entry}" if answered else f"#   {entry}")
    return "\n".join(lines) + "\n"


def _belongs(question: Question, draft: Draft, view: View) -> bool:
    """Whether the starter file answers a question instead of commenting it out."""
    left_open = question.ask.optional and draft.value(question.key) is None
    return question.ask.applies(view) and draft.source(question.key) != "preset" and not left_open


def _literal(value: object) -> str:
    """A value as one line of YAML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    text = str(value)
    plain = not isinstance(value, str) or re.fullmatch(r"[A-Za-z/][A-Za-z0-9_./=-]*", text) or not text
    return text if plain else json.dumps(text, ensure_ascii=False)
