"""The supported kubectl commands: get, apply, delete, logs, auth can-i.

Other commands are refused. Manifests are JSON files in the context of the command.
"""

from __future__ import annotations

import argparse
import json
import shlex
from typing import TYPE_CHECKING, Final, NoReturn

from installer.emulator.providers.kubernetes.kinds import Kind, kind_named
from installer.emulator.providers.kubernetes.kubectl_table import table
from installer.json_access import JsonObject, as_list, as_object, as_text, member

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from installer.emulator.providers.kubernetes.cluster_objects import ClusterObjects
    from installer.jsontypes import Json

Result = tuple[int, str]
_NOT_FOUND: Final = 127


class _Usage(Exception):
    """A command line that kubectl would refuse, with the reason."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _Usage(message)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:  # noqa: ARG002  argparse's
        raise _Usage(message or "not understood here")


def execute(objects: ClusterObjects, line: str, files: Mapping[str, str]) -> Result:
    """Runs command lines joined by `&&`; returns the exit code and the output."""
    printed = ""
    for one in line.split("&&"):
        code, text = _run_one(objects, one.strip(), files)
        printed += text
        if code:
            return code, printed
    return 0, printed


def _run_one(objects: ClusterObjects, line: str, files: Mapping[str, str]) -> Result:
    try:
        words = shlex.split(line)
    except ValueError as problem:
        return 2, f"sh: {problem}\n"
    if words[:1] != ["kubectl"]:
        name = words[0] if words else ""
        return _NOT_FOUND, f"rehearsal: nothing was run for {name!r}: only kubectl is understood here\n"
    try:
        options = _parser().parse_args(words[1:])
        verb: Callable[[ClusterObjects, argparse.Namespace, Mapping[str, str]], Result] = options.verb
        return verb(objects, options, files)
    except _Usage as problem:
        return 1, f"error: {problem}\nrehearsal: kubectl is understood here as far as an installation needs it\n"


def _parser() -> _Parser:
    parser = _Parser(prog="kubectl", add_help=False)
    verbs = parser.add_subparsers(required=True, parser_class=_Parser)
    common = _Parser(add_help=False)
    common.add_argument("-n", "--namespace", default="default")
    for name, verb in (("get", _get), ("apply", _apply), ("delete", _delete), ("logs", _logs), ("auth", _auth)):
        own = verbs.add_parser(name, parents=[common], add_help=False)
        own.add_argument("words", nargs="*")
        own.add_argument("-f", "--filename", default="")
        own.add_argument("-A", "--all-namespaces", action="store_true")
        own.add_argument("-o", "--output", default="")
        own.add_argument("--ignore-not-found", action="store_true")
        own.add_argument("--wait", nargs="?", const="true")
        own.add_argument("--server-side", action="store_true")
        own.add_argument("--field-selector", default="")
        own.add_argument("--tail", type=int, default=-1)
        own.set_defaults(verb=verb)
    return parser


def _manifests(
    objects: ClusterObjects, options: argparse.Namespace, files: Mapping[str, str]
) -> list[tuple[JsonObject, Kind]]:
    """The manifests in the file of a command, in order; a kind has to exist in the cluster."""
    name = options.filename.removeprefix("./")
    if name not in files:
        raise _Usage(f'the path "{options.filename}" does not exist')
    try:
        content = json.loads(files[name])
    except ValueError:
        raise _Usage(f"error parsing {options.filename}: only JSON is understood here") from None
    items = as_list(content.get("items")) if isinstance(content, dict) and content.get("kind") == "List" else [content]
    found = []
    for item in map(as_object, items):
        kind = kind_named(as_text(item.get("kind")))
        if kind is None or not objects.has(kind) or not as_text(member(item, "metadata", "name")):
            raise _Usage(f'no matches for kind "{as_text(item.get("kind"))}" in version "{item.get("apiVersion")}"')
        found.append((item, kind))
    return found


def _apply(objects: ClusterObjects, options: argparse.Namespace, files: Mapping[str, str]) -> Result:
    printed, code = "", 0
    for manifest, kind in _manifests(objects, options, files):
        place = as_text(member(manifest, "metadata", "namespace")) or options.namespace
        if kind.namespaced and not objects.exists(place):
            printed += f'Error from server (NotFound): error when creating "{options.filename}": namespaces "{place}" not found\n'
            code = 1
            continue
        refused, text = _put(objects, _placed(manifest, kind, place), kind, options.filename)
        code, printed = code or refused, printed + text
    return code, printed


def _placed(manifest: JsonObject, kind: Kind, namespace: str) -> JsonObject:
    """The manifest with its namespace, if its kind has one."""
    metadata = as_object(manifest.get("metadata"))
    return {**manifest, "metadata": {**metadata, "namespace": namespace}} if kind.namespaced else manifest


def _put(objects: ClusterObjects, manifest: JsonObject, kind: Kind, file: str) -> Result:
    refusal = objects.admission.refusal(manifest, kind.words[1], kind.group)
    if refusal is not None:
        return 1, f'Error from server ({refusal.reason}): error when creating "{file}": {refusal.message}\n'
    warnings = "".join(f"Warning: {text}\n" for text in objects.admission.warnings(manifest))
    return 0, f"{warnings}{kind.shown}/{member(manifest, 'metadata', 'name')} {objects.put(manifest, kind)}\n"


def _get(objects: ClusterObjects, options: argparse.Namespace, files: Mapping[str, str]) -> Result:
    missing = ""
    if options.filename:
        found: list[JsonObject] = []
        for manifest, kind in _manifests(objects, options, files):
            name = as_text(member(manifest, "metadata", "name"))
            place = as_text(member(manifest, "metadata", "namespace")) or options.namespace
            one = objects.get(kind, place, name)
            found += [one] if one else []
            missing += "" if one else _not_found(kind, name)
        single = False
    else:
        kind, names = _kind_and_names(options.words)
        if not names:
            found, single = objects.listed(kind, None if options.all_namespaces else options.namespace), False
            found = [one for one in found if _is_selected(one, kind, options.field_selector)]
        else:
            each = [(name, objects.get(kind, options.namespace, name)) for name in names]
            found, single = [one for _, one in each if one], len(names) == 1
            missing = "".join(_not_found(kind, name) for name, one in each if one is None)
    missing = "" if options.ignore_not_found else missing
    if options.output in {"json", "yaml"}:
        document: Json = found[0] if single and found else {"apiVersion": "v1", "kind": "List", "items": list(found)}
        text = "" if not found and (single or options.ignore_not_found) else json.dumps(document, indent=1) + "\n"
    elif options.output == "name":
        text = "".join(f"{_shown(one)}/{member(one, 'metadata', 'name')}\n" for one in found)
    else:
        text = table(found, objects.context.now, everywhere=options.all_namespaces)
        if not found and not missing:
            text = (
                "No resources found\n"
                if options.all_namespaces
                else f"No resources found in {options.namespace} namespace.\n"
            )
    return (1 if missing else 0), text + missing


def _is_selected(one: JsonObject, kind: Kind, selector: str) -> bool:
    """Whether an object matches a selector of fields; the phase of pods is what an installation asks for."""
    if not selector:
        return True
    field, _, value = selector.partition("=")
    if kind.shown != "pod" or field != "status.phase":
        raise _Usage(f'field label not supported: "{field}"')
    return member(one, "status", "phase") == value


def _delete(objects: ClusterObjects, options: argparse.Namespace, files: Mapping[str, str]) -> Result:
    if options.filename:
        wanted = [
            (
                kind,
                as_text(member(item, "metadata", "namespace")) or options.namespace,
                as_text(member(item, "metadata", "name")),
            )
            for item, kind in _manifests(objects, options, files)
        ]
    else:
        kind, names = _kind_and_names(options.words)
        wanted = [(kind, options.namespace, name) for name in names]
    printed, code = "", 0
    for kind, place, name in wanted:
        if objects.remove(kind, place, name):
            printed += f'{kind.shown} "{name}" deleted\n'
        elif not options.ignore_not_found:
            printed, code = printed + _not_found(kind, name), 1
    return code, printed


def _logs(objects: ClusterObjects, options: argparse.Namespace, files: Mapping[str, str]) -> Result:  # noqa: ARG001  every verb's
    [word] = options.words if len(options.words) == 1 else [""]
    owner, _, name = word.rpartition("/")
    kind = kind_named(owner or "pod")
    text = objects.log(kind, options.namespace, name) if kind else None
    if text is None:
        return 1, f'Error from server (NotFound): {owner or "pods"} "{name}" not found\n'
    lines = text.splitlines(keepends=True)
    return 0, "".join(lines[-options.tail :] if options.tail >= 0 else lines)


def _auth(objects: ClusterObjects, options: argparse.Namespace, files: Mapping[str, str]) -> Result:  # noqa: ARG001  every verb's
    if options.words[:1] != ["can-i"]:
        raise _Usage("unknown command")
    return 0, "yes\n"  # a caller who may run commands may do everything


def _kind_and_names(words: list[str]) -> tuple[Kind, list[str]]:
    """Parses `deploy a b` or `deploy/a` into a kind and names."""
    if not words:
        raise _Usage("You must specify the type of resource to get.")
    word, slash, name = words[0].partition("/")
    kind = kind_named(word)
    if kind is None:
        raise _Usage(f'the server doesn\'t have a resource type "{word}"')
    return kind, [name] if slash else words[1:]


def _not_found(kind: Kind, name: str) -> str:
    plural = kind.words[1] + (f".{kind.group}" if kind.group else "")
    return f'Error from server (NotFound): {plural} "{name}" not found\n'


def _shown(one: JsonObject) -> str:
    kind = kind_named(as_text(one.get("kind")))
    return kind.shown if kind else ""
