"""Answers of an installation with fewer environments. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.answers.model import Answers

_ENVIRONMENTS: Final = "subscription.environments"
_DIFFER: Final = "subscription.differ"


def changes_without(answers: Answers, environment: str) -> Iterator[tuple[str, list[str]]]:
    """Keys and values of the answers to change, so that an environment is no longer asked for."""
    where = answers.subscription
    yield _ENVIRONMENTS, [one for one in where.environments if one != environment]
    if environment in where.differ:
        yield _DIFFER, [one for one in where.differ if one != environment]
