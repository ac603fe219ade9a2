"""Errors of Azure as people paste them: the output of a tool, a page of the portal, a log. Their causes, innermost first.

Each tool prints the code in its own form: az (azure-cli-core, `(Code) message` and `Code: …`), azd
(Deployment Error Details), Azure PowerShell (`Code=…; Message=…`, `(Code:…)`), the SDK for Go and Terraform (`ERROR CODE: …`,
`with error: Code: …`, `Code="…" Message="…"`, `Status: "…"`), kubectl (`Error from server (Reason)`), Microsoft Entra (AADSTS…)
and this program. JSON inside a text counts more than the words around it, which stay in the message where it has none.
"""

from __future__ import annotations

import json
import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from installer.cloud.error_causes import GENERIC, WRAPPERS, Cause, causes
from installer.cloud.error_explanations import by_sentence, explanation
from installer.json_access import as_list, as_object, as_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.jsontypes import Json

_MAX_DEPTH: Final = 30
_MAX_CHARACTERS: Final = 100_000
"""Read at the beginning and at the end of a long text."""
_MAX_OBJECTS: Final = 200
"""Largest number of JSON objects that are searched for in one text."""
_WORD: Final = r"[A-Z][A-Za-z0-9_]{2,99}\b"
"""A code; services write words together, with a capital at the beginning."""
_BEGIN: Final = r"^[ \t|│>#*-]{0,40}"
"""The beginning of a line: tools draw frames around errors, and people quote them."""
_GAP: Final = r"\s{0,80}"
_FORMS: Final = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        # Azure PowerShell: Code=X; Message=…; SDK for Go: Code="X" Message="…"
        rf"\bCode=\"?(?P<code>{_WORD})\"?;?\s{{1,80}}Message=\"?(?P<text>.*?)(?:\"?\s{{1,5}}Details=|\"\s{{0,5}}$|$)",
        # az after a failure: Code: X, Message: …; PowerShell and the portal: the same with spaces, or Error Code
        rf"{_BEGIN}(?:(?:ERROR |Error ?)?[Cc](?:ode|ODE)|Error type) {{0,9}}: {{0,9}}\"?(?P<code>{_WORD})\"?,?[ \t]{{0,9}}$"  # noqa: ISC004
        rf"(?:{_GAP}{_BEGIN}(?:Error ?)?Message {{0,9}}: {{0,9}}\"?(?P<text>.*?)\"?[ \t]{{0,9}}$)?",
        # Terraform while it polls: the code is in Status
        rf"{_BEGIN}Status: \"(?P<code>{_WORD})\"{_GAP}{_BEGIN}Code: \"\"{_GAP}{_BEGIN}Message: \"(?P<text>[^\"]*)\"",
        rf"{_BEGIN}Status: \"[^\"]{{0,80}}\"{_GAP}{_BEGIN}Code: \"(?P<code>{_WORD})\"{_GAP}{_BEGIN}Message: \"(?P<text>[^\"]*)\"",
        # SDK for Go
        rf"ERROR CODE: {{0,9}}(?P<code>{_WORD})(?P<text>)",
        rf"with error: {{0,9}}(?P<code>{_WORD}):\s{{0,9}}(?P<text>.*)$",
        # az: (Code) message, behind ERROR: or Exception Details:
        rf"{_BEGIN}(?:[\w.]{{1,80}}:\s{{0,9}}|Exception Details:\s{{0,9}}){{0,3}}\((?P<code>{_WORD})\)\s{{0,9}}(?P<text>.+)$",
        # Azure PowerShell with Microsoft Graph: [Code] : message
        rf"{_BEGIN}\[(?P<code>{_WORD})\] {{0,9}}: {{0,9}}(?P<text>.+)$",
        # AKS: Category: …; SubCode: X; and pages of Azure DevOps: inner error code: X, inner error message …
        rf"\bSubCode: {{0,9}}(?P<code>{_WORD});(?P<text>)",
        rf"inner error code: {{0,9}}(?P<code>{_WORD}),\s{{0,9}}inner error message\s{{0,9}}(?P<text>.*)$",
        # kubectl and client-go
        rf"Error from server \((?P<code>{_WORD})\): {{0,9}}(?P<text>.*)$",
        # PowerShell since 2020, and messages of the portal: the code follows
        rf"^(?P<text>.*?)\s{{0,9}}\(Code: {{0,9}}(?P<code>{_WORD})(?:,[^)]{{0,200}})?\)",
        # az and scripts: code, message in an object that is no JSON
        rf"'code': '(?P<code>{_WORD})',\s{{0,9}}'message': [\"'](?P<text>.*?)[\"'](?:,\s{{0,9}}'|\}})",
    )
)
_LINE: Final = re.compile(
    rf"{_BEGIN}(?:ERROR: |Error: |Cause: )?(?P<code>{_WORD})(?: \((?P<target>[^)\s]{{1,200}})\))?: {{1,9}}(?P<text>.+)$",
    re.MULTILINE,
)
"""azd, Bicep, and this program: Code (target): message. Other words have that form, so the code has to be known."""
_LOG_PREFIX: Final = re.compile(
    r"(?:\x1b| )?\[[0-9;]{1,12}m|^\d{4}-\d\d-\d\dT[0-9:.]{8,20}Z ?|##\[\w{1,20}\]|^\[\d\d:\d\d:\d\d\] ?|^E {3,20}",
    re.MULTILINE,
)
"""Colours of terminals, and what logs of pipelines and pytest write before each line."""
_CODE: Final = re.compile(r"\b[A-Z][a-z0-9]+[A-Z][A-Za-z0-9_]{3,99}\b")
_FRAME: Final = re.compile(r"^[ \t|│╷╵>]+")
_PLACE: Final = re.compile(
    r"(?:with [\w.\[\]\"-]+,|on \S+ line \d+|At line:\d+|At \S+:\d+ char|\+ |~+$|Line \|$|File \"|\d+ \|)"
)
"""Lines that name a place in source code."""
_HOLE: Final = "\ufffc"
"""Replaces JSON that was understood; no form matches it."""
NODE_EXTENSION: Final = "extension 'vmssCSE'"
VM_EXTENSION: Final = "VMExtensionProvisioningError"
"""Words of the portal about AKS nodes that do not become ready, and their code, which it leaves out."""
_ENTRA: Final = re.compile(r"(?P<code>AADSTS\d{4,7})\b:?\s*(?P<text>[^\n]*)")


def causes_of_text(text: str) -> list[Cause]:
    """Distinct innermost errors of a text, in their order; a single one without a code if none is recognised.

    Args:
        text: JSON, or the output of a tool. It is cleaned by the caller.

    """
    try:
        found = list(_in_json(json.loads(text), _MAX_DEPTH))
    except (ValueError, RecursionError):
        text = _LOG_PREFIX.sub("", text)
        found = _in_words(text)
    named = [_unfolded(cause) for cause in found] or _known_line(text)
    specific = [cause for cause in named if cause.code and cause.code not in WRAPPERS]
    chosen = specific or [cause for cause in named if cause.code] or [cause for cause in named if cause.message]
    if not chosen:
        innermost = _innermost(text)
        code = VM_EXTENSION if NODE_EXTENSION in innermost else ""
        only = Cause(code, innermost)
        chosen = [_unfolded(only)] if only.message else []
    return _once(chosen)


def _innermost(text: str) -> str:
    """A text without the frames that tools draw, and without lines that name places in source code."""
    lines = [_FRAME.sub("", line).strip() for line in text.splitlines()]
    kept = [line for line in lines if line and not _PLACE.match(line)]
    return " ".join(" ".join(kept or lines).split())


def _known_line(text: str) -> list[Cause]:
    """The first line of a text with a known sentence, else with a known code."""
    lines = [" ".join(line.split()) for line in text[:_MAX_CHARACTERS].splitlines()]
    found = chain(
        (_unfolded(Cause("", line)) for line in lines if by_sentence(line) is not None),
        (
            Cause(match[0], line)
            for line in lines
            for match in _CODE.finditer(line)
            if explanation(match[0], line) is not None
        ),
    )
    return list(islice(found, 1))


def _once(found: list[Cause]) -> list[Cause]:
    """Each code and target once, with the longest message."""
    best: dict[tuple[str, str], Cause] = {}
    for cause in found:
        key = (cause.code.lower(), cause.target.lower())
        known = best.get(key)
        if known is None or len(cause.message) > len(known.message):
            best[key] = cause
    return list(best.values())


def _unfolded(cause: Cause) -> Cause:
    """A wrapper or a general code is replaced by the code of its sentence."""
    known = by_sentence(cause.message) if cause.code in GENERIC else None
    return Cause(known.code, cause.message, cause.target) if known is not None and known.code else cause


def _in_json(value: Json, depth: int) -> Iterator[Cause]:
    """Errors anywhere in JSON: ARM, OData, OAuth, Kubernetes, lists of operations, entries of the activity log."""
    if depth <= 0:
        return
    if isinstance(value, list):
        for item in value:
            yield from _in_json(item, depth - 1)
        return
    if isinstance(value, str):
        if "{" in value or _ENTRA.search(value):
            yield from _in_words(value)
        return
    if not isinstance(value, dict):
        return
    names = {name.lower(): member for name, member in value.items()}
    if isinstance(names.get("error"), str) and "error_description" in names:
        yield _oauth(as_text(names["error"]), as_text(names["error_description"]))
    elif as_text(names.get("kind")) == "Status" and names.get("reason"):
        yield Cause(as_text(names["reason"]), " ".join(as_text(names.get("message")).split()))
    elif isinstance(names.get("code"), str) or isinstance(names.get("error"), dict):
        yield from _odata(value) or causes(value)
    else:
        yield from _in_members(names, depth)


def _in_members(names: dict[str, Json], depth: int) -> Iterator[Cause]:
    """Errors in the members of an object that is none itself."""
    nested = [one for one in names.values() if isinstance(one, (dict, list)) or (isinstance(one, str) and "{" in one)]
    for member in nested:
        yield from _in_json(member, depth - 1)
    for name in ("message", "detail", "exception_message", "errormessage"):
        text = names.get(name)
        if isinstance(text, str) and not nested:
            yield from _in_words(text) or [Cause("", text)]
            return


def _odata(value: Json) -> list[Cause]:
    """The code of an inner error without a message, as App Service and Application Gateway return it."""
    error = as_object(as_object(value).get("error", value))
    inner = as_object(error.get("innererror") or error.get("innerError"))
    if (
        as_list(error.get("details"))
        or not isinstance(inner.get("code"), str)
        or as_text(error.get("code")) not in GENERIC
    ):
        return []
    return [Cause(as_text(inner["code"]), as_text(inner.get("message")) or as_text(error.get("message")))]


def _oauth(code: str, description: str) -> Cause:
    found = _ENTRA.search(description)
    text = " ".join(description.split())
    return Cause(found["code"], text) if found else Cause(code, text)


def _plain(text: str) -> str:
    """One line without the JSON that was in it."""
    return " ".join(text.replace(_HOLE, "").split())


def _in_words(text: str) -> list[Cause]:
    """Errors in JSON inside a text, and in the forms of tools around it."""
    if len(text) > 2 * _MAX_CHARACTERS:
        text = f"{text[:_MAX_CHARACTERS]}\n{text[-_MAX_CHARACTERS:]}"
    found, around = _objects_in(text)
    taken: list[tuple[int, int]] = []

    def is_free(match: re.Match[str]) -> bool:
        return not any(start <= match.start("code") < end for start, end in taken)

    for form in _FORMS:
        for match in filter(is_free, form.finditer(around)):
            taken.append(match.span())
            found.append((match.start(), Cause(match["code"], _plain(match["text"] or ""))))
    for match in filter(is_free, _LINE.finditer(around)):
        cause = Cause(match["code"], _plain(match["text"]), match["target"] or "")
        known = explanation(cause.code, cause.message)
        if known is not None and known.code in (cause.code, ""):
            found.append((match.start(), cause))
    for match in _ENTRA.finditer(around):
        if not any(cause.code == match["code"] for _, cause in found):
            found.append((match.start(), Cause(match["code"], _plain(match[0]))))
    return [cause for _, cause in sorted(found, key=lambda one: one[0])]


def _objects_in(text: str) -> tuple[list[tuple[int, Cause]], str]:
    """Errors in JSON inside a text, with their places, and the text with holes for them."""
    found: list[tuple[int, Cause]] = []
    outside = list(text)
    decoder = json.JSONDecoder()
    position = text.find("{")
    for _ in range(_MAX_OBJECTS):
        if position < 0:
            break
        try:
            value, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            position = text.find("{", position + 1)
            continue
        inside = list(_in_json(value, _MAX_DEPTH))
        found += [(position, cause) for cause in inside]
        if inside:
            outside[position:end] = _HOLE * (end - position)
        position = text.find("{", end)
    return found, "".join(outside)
