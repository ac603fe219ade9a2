"""Single functions of the language, for hosts that add functions to the language (Azure Policy)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.arm_templates.arguments import FUNCTIONS, Arguments
from installer.arm_templates.errors import TemplateError
from installer.arm_templates.frames import TOP, Frame, Session
from installer.arm_templates.limits import bounded
from installer.arm_templates.scopes import Context, Scope
from installer.arm_templates.values import PendingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from installer.arm_templates.values import Value

_NOWHERE = Frame(Context(Scope("tenant", "00000000-0000-0000-0000-000000000000"), "host"), {}, Session())


def known_function(name: str) -> bool:
    """Whether the language has a function; case is ignored."""
    return name.lower() in FUNCTIONS


def call_function(name: str, values: Sequence[Value]) -> Value:
    """The result of a function for evaluated arguments.

    Raises:
        TemplateError: Unknown function, wrong arguments, or one that needs a deployment.

    """
    found = FUNCTIONS.get(name.lower())
    if found is None:
        raise TemplateError(f"The template function '{name}' is not valid.")
    found.check(name, len(values))
    try:
        return bounded(found.implementation(Arguments(name, list(values), _NOWHERE, TOP, single=found.maximum == 1)))
    except PendingError:
        raise TemplateError(f"The template function '{name}' is not expected at this location.") from None
