"""Saved drafts: the answers of a wizard that was left before it started a run, as JSON."""

from installer.answers.draft import Draft
from installer.answers.questions import all_questions
from installer.jsontypes import Json

FORMAT = 1


def draft_as_json(draft: Draft) -> dict[str, Json]:
    """The given answers of a draft with their sources, valid or not."""
    saved: dict[str, Json] = {
        key: {"value": _json(given.value), "source": given.source} for key, given in draft.given().items()
    }
    return {"format": FORMAT, "answers": saved}


def draft_from_json(content: Json) -> Draft:
    """The saved draft; answers to unknown questions are dropped, as are other formats."""
    answers = content.get("answers") if isinstance(content, dict) and content.get("format") == FORMAT else None
    draft = Draft()
    for key, given in answers.items() if isinstance(answers, dict) else ():
        if key in all_questions() and isinstance(given, dict):
            draft.give(key, given.get("value"), "previous run")
    return draft


def _json(value: object) -> Json:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return [_json(item) for item in value] if isinstance(value, (list, tuple)) else str(value)
