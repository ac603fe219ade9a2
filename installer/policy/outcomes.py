"""Why a condition has no answer: exceptions of the evaluation."""

from __future__ import annotations


class NotJudgedError(Exception):
    """A definition uses something that this engine does not evaluate; the text names it."""


class EvaluationError(Exception):
    """An evaluation failed, which Azure treats as a denial (definition-structure-policy-rule, template failures)."""


class UndecidedError(Exception):
    """The answer depends on a value that is known only during the run; the write decides."""
