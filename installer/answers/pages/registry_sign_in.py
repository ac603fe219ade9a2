"""Questions for the sign-in to a registry from which Azure imports an image: user, and a reference to the password.

One declaration for every page that asks them.
"""

from collections.abc import Callable
from typing import Final

from pydantic import Field

from installer.answers.ask import Ask, View
from installer.answers.pages.patterns import REFERENCE, REFERENCE_WORDS

USER: Final = Field(pattern=r"^[^\x00-\x20]{1,200}$")
PASSWORD: Final = Field(pattern=REFERENCE)


def registry_user(label: str, registry: str, applies: Callable[[View], bool]) -> Ask:
    """The question for the user of a registry; `registry`: which one."""
    return Ask(
        label,
        help=f"User name or token name for {registry}. Empty = without sign-in.",
        allowed="up to 200 characters without spaces",
        applies=applies,
        optional=True,
    )


def registry_password(label: str, example: str, applies: Callable[[View], bool]) -> Ask:
    """The question for the reference to the password of that user."""
    return Ask(
        label,
        help="Reference to the password or token. It is sent to Azure with the import and stored nowhere.",
        allowed=REFERENCE_WORDS,
        example=example,
        applies=applies,
        secret=True,
    )
