"""Drafts of the wizard: saved when it is left before it has started a run, with typed secrets in the keyring."""

from typing import TYPE_CHECKING

from installer.json_access import as_object, as_text, member
from installer.jsontypes import Json
from installer.runs.state_directory import StateDirectory
from installer.sanitize import printable
from installer.secret_store import Secrets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.answers.draft import Draft, Source

FORMAT = 1


class DraftStore:
    """The draft of this machine, and its secrets."""

    def __init__(self, state: StateDirectory, secrets: Secrets, *, rehearsal: bool = False) -> None:
        self._state = state
        self._secrets = secrets
        self._rehearsal = rehearsal

    def secret_reference(self, draft: "Draft", key: str) -> str:
        """The keyring reference under which a typed secret is stored."""
        return f"keyring:{_secret_name(draft, key)}"

    def keep_secret(self, draft: "Draft", key: str, value: str) -> None:
        """Store a typed secret, and reference it in the draft. May block on the keyring."""
        draft.give(key, self._secrets.keep(_secret_name(draft, key), value))

    def save(self, draft: "Draft", names: "Mapping[str, str] | None" = None) -> None:
        """Save the draft for the next start; `names`: display names of its values, such as that of the subscription."""
        known: dict[str, Json] = dict(names or {})
        saved: dict[str, Json] = {**draft_as_json(draft), "names": known}
        self._state.write_draft(saved, rehearsal=self._rehearsal)

    def names(self) -> dict[str, str]:
        """Display names by value, as they were saved with the draft: Azure may not be reachable now."""
        saved = as_object(member(self._state.read_draft(rehearsal=self._rehearsal), "names"))
        return {value: printable(name) for value, name in saved.items() if isinstance(name, str)}

    def begun(self) -> bool:
        """Whether a user has answered anything in the saved draft. Light: it imports no questions."""
        answers = as_object(member(self._state.read_draft(rehearsal=self._rehearsal), "answers"))
        return any(member(one, "source") not in (None, "discovered") for one in answers.values())

    def prefix(self) -> str:
        """Prefix in the saved draft, "" if it has none. Light, too."""
        answers = as_object(member(self._state.read_draft(rehearsal=self._rehearsal), "answers"))
        return printable(as_text(member(answers.get("subscription.prefix"), "value")))

    def has_aside(self) -> bool:
        """Whether answers are kept aside; they may turn out to be damaged. Light, too."""
        return bool(self._state.drafts_aside(rehearsal=self._rehearsal))

    def saved(self) -> "Draft":
        """The draft of the last wizard that was left before it started a run, else an empty one."""
        return draft_from_json(self._state.read_draft(rehearsal=self._rehearsal))

    # -- starting over -------------------------------------------------------------------------------------------

    def keep_aside(self, draft: "Draft") -> None:
        """Keep a draft aside, so that the next start begins with an empty one. Raises UsageError on failure."""
        path = self._state.new_draft_aside(rehearsal=self._rehearsal)
        self._state.write_json(path, draft_as_json(draft), "the answers")
        self.forget()

    def aside(self) -> "Draft | None":
        """The draft that was kept aside last, None if there is none or it is damaged."""
        paths = self._state.drafts_aside(rehearsal=self._rehearsal)
        draft = draft_from_json(self._state.read_json(paths[-1])) if paths else None
        return draft if draft is not None and draft.begun else None

    def take_back(self, current: "Draft") -> "Draft":
        """Exchange the current draft, if it has answers, for the one that was kept aside last; that becomes the saved one."""
        paths = self._state.drafts_aside(rehearsal=self._rehearsal)
        found = self.aside()
        if found is None:
            return current
        if current.begun:
            self.keep_aside(current)
        self.save(found)
        paths[-1].unlink(missing_ok=True)
        return found

    def forget(self) -> None:
        """Delete the saved draft, once it has become a run."""
        self._state.draft(rehearsal=self._rehearsal).unlink(missing_ok=True)


def _secret_name(draft: "Draft", key: str) -> str:
    prefix = draft.value("subscription.prefix")
    return f"{prefix if isinstance(prefix, str) and prefix else 'flowforge'}/{key}"


def draft_as_json(draft: "Draft") -> dict[str, Json]:
    """The given answers of a draft with their sources, valid or not."""
    saved: dict[str, Json] = {
        key: {"value": _json(given.value), "source": given.source} for key, given in draft.given().items()
    }
    return {"format": FORMAT, "answers": saved}


def draft_from_json(content: Json) -> "Draft":
    """The saved draft; answers to unknown questions are dropped, as are other formats."""
    from installer.answers.draft import Draft
    from installer.answers.questions import all_questions

    answers = content.get("answers") if isinstance(content, dict) and content.get("format") == FORMAT else None
    draft = Draft()
    for key, given in answers.items() if isinstance(answers, dict) else ():
        if key in all_questions() and isinstance(given, dict):
            source: Source = "discovered" if given.get("source") == "discovered" else "given"
            draft.give(key, given.get("value"), source)
    return draft


def _json(value: object) -> Json:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return [_json(item) for item in value] if isinstance(value, (list, tuple)) else str(value)
