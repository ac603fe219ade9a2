"""Check: users will be able to sign in: app registrations can be created, or those of the answers are usable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.preflight.model import Check, NotChecked, Proof
from installer.preflight.sign_on.existing import existing
from installer.preflight.sign_on.registering import registering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.preflight.model import Entry
    from installer.preflight.subject import Subject


def _entries(subject: Subject) -> Iterator[Entry]:
    if subject.answers.sign_on.method == "later":
        yield Proof("sign-on is set up later: nothing to check")
    elif subject.surveyed and not (subject.has_sign_in and subject.it.registers):
        yield NotChecked("app registrations", "a survey has no objects of the directory")
    elif subject.it.registers:
        yield from registering(subject)
    else:
        yield from existing(subject)


SIGN_ON: Final = Check("sign-on", "Sign-on", _entries)
