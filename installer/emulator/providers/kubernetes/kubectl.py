"""The kubectl commands that are sent to a cluster: get, apply, delete, logs, auth can-i.

Of others it is said that they are not understood here. ClusterObjects come as JSON files of the command's context.
"""

from __future__ import annotations

import argparse
import json
import shlex
from typing import TYPE_CHECKING, Final, NoReturn

from installer.emulator.providers.kubernetes.cluster_objects import ClusterObjects, Kind, kind_called
from installer.emulator.providers.kubernetes.kubectl_table import table
from installer.json_access import JsonObject, as_list, as_object, as_text, member

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from installer.jsontypes import Json

Result = tuple[int, str]
_NOT_FOUND: Final = 127


class _Usage(Exception):
    """A command line that kubectl would refuse; the text says why."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _Usage(message)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:  # noqa: ARG002  argparse's
        raise _Usage(message or "not understood here")


def execute(objects: ClusterObjects, line: str, files: Mapping[str, str]) -> Result:
    """Run a command line, of which several are joined by `&&`: exit code and what it printed."""
    printed = ""
    for one in line.split("&&"):
        code, text = _one(objects, one.strip(), files)
        printed += text
        if code:
            return code, printed
    return 0, printed


def _one(objects: ClusterObjects, line: str, files: Mapping[str, str]) -> Result:
    try:
        words = shlex.split(line)
    except ValueError as problem:
        return 2, f"sh: {problem}\n"
    if words[:1] != ["kubectl"]:
        name = words[0] if words else ""
        return _NOT_FOUND, f"rehearsal: nothing was run for {name!r}: only kubectl is understood here\n"
    try:
        asked = _parser().parse_args(words[1:])
        verb: Callable[[ClusterObjects, argparse.Namespace, Mapping[str, str]], Result] = asked.verb
        return verb(objects, asked, files)
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
        own.add_argument("--tail", type=int, default=-1)
        own.set_defaults(verb=verb)
    return parser


def _manifests(asked: argparse.Namespace, files: Mapping[str, str]) -> list[tuple[JsonObject, Kind]]:
    """The objects of the file of a command, in its order."""
    name = asked.filename.removeprefix("./")
    if name not in files:
        raise _Usage(f'the path "{asked.filename}" does not exist')
    try:
        content = json.loads(files[name])
    except ValueError:
        raise _Usage(f"error parsing {asked.filename}: only JSON is understood here") from None
    items = as_list(content.get("items")) if isinstance(content, dict) and content.get("kind") == "List" else [content]
    found = []
    for item in map(as_object, items):
        kind = kind_called(as_text(item.get("kind")))
        if kind is None or not as_text(member(item, "metadata", "name")):
            raise _Usage(f'no matches for kind "{as_text(item.get("kind"))}" in version "{item.get("apiVersion")}"')
        found.append((item, kind))
    return found


def _apply(objects: ClusterObjects, asked: argparse.Namespace, files: Mapping[str, str]) -> Result:
    printed, code = "", 0
    for manifest, kind in _manifests(asked, files):
        name = as_text(member(manifest, "metadata", "name"))
        place = as_text(member(manifest, "metadata", "namespace")) or asked.namespace
        if kind.namespaced and not objects.exists(place):
            printed += f'Error from server (NotFound): error when creating "{asked.filename}": namespaces "{place}" not found\n'
            code = 1
            continue
        printed += f"{kind.shown}/{name} {objects.put(manifest, kind)}\n"
    return code, printed


def _get(objects: ClusterObjects, asked: argparse.Namespace, files: Mapping[str, str]) -> Result:
    missing = ""
    if asked.filename:
        found: list[JsonObject] = []
        for manifest, kind in _manifests(asked, files):
            name = as_text(member(manifest, "metadata", "name"))
            place = as_text(member(manifest, "metadata", "namespace")) or asked.namespace
            one = objects.get(kind, place, name)
            found += [one] if one else []
            missing += "" if one else _absent(kind, name)
        single = False
    else:
        kind, names = _named(asked.words)
        if not names:
            found, single = objects.listed(kind, None if asked.all_namespaces else asked.namespace), False
        else:
            each = [(name, objects.get(kind, asked.namespace, name)) for name in names]
            found, single = [one for _, one in each if one], len(names) == 1
            missing = "".join(_absent(kind, name) for name, one in each if one is None)
    missing = "" if asked.ignore_not_found else missing
    if asked.output in {"json", "yaml"}:
        whole: Json = found[0] if single and found else {"apiVersion": "v1", "kind": "List", "items": list(found)}
        text = "" if not found and (single or asked.ignore_not_found) else json.dumps(whole, indent=1) + "\n"
    elif asked.output == "name":
        text = "".join(f"{_shown(one)}/{member(one, 'metadata', 'name')}\n" for one in found)
    else:
        text = table(found, objects.context.now, everywhere=asked.all_namespaces)
        if not found and not missing:
            text = (
                "No resources found\n"
                if asked.all_namespaces
                else f"No resources found in {asked.namespace} namespace.\n"
            )
    return (1 if missing else 0), text + missing


def _delete(objects: ClusterObjects, asked: argparse.Namespace, files: Mapping[str, str]) -> Result:
    if asked.filename:
        wanted = [
            (
                kind,
                as_text(member(item, "metadata", "namespace")) or asked.namespace,
                as_text(member(item, "metadata", "name")),
            )
            for item, kind in _manifests(asked, files)
        ]
    else:
        kind, names = _named(asked.words)
        wanted = [(kind, asked.namespace, name) for name in names]
    printed, code = "", 0
    for kind, place, name in wanted:
        if objects.remove(kind, place, name):
            printed += f'{kind.shown} "{name}" deleted\n'
        elif not asked.ignore_not_found:
            printed, code = printed + _absent(kind, name), 1
    return code, printed


def _logs(objects: ClusterObjects, asked: argparse.Namespace, files: Mapping[str, str]) -> Result:  # noqa: ARG001  every verb's
    [word] = asked.words if len(asked.words) == 1 else [""]
    owner, _, name = word.rpartition("/")
    kind = kind_called(owner or "pod")
    text = objects.log(kind, asked.namespace, name) if kind else None
    if text is None:
        return 1, f'Error from server (NotFound): {owner or "pods"} "{name}" not found\n'
    lines = text.splitlines(keepends=True)
    return 0, "".join(lines[-asked.tail :] if asked.tail >= 0 else lines)


def _auth(objects: ClusterObjects, asked: argparse.Namespace, files: Mapping[str, str]) -> Result:  # noqa: ARG001  every verb's
    if asked.words[:1] != ["can-i"]:
        raise _Usage("unknown command")
    return 0, "yes\n"  # who may run commands at all may do everything here


def _named(words: list[str]) -> tuple[Kind, list[str]]:
    """Kind and names in `deploy a b` or `deploy/a`."""
    if not words:
        raise _Usage("You must specify the type of resource to get.")
    word, slash, name = words[0].partition("/")
    kind = kind_called(word)
    if kind is None:
        raise _Usage(f'the server doesn\'t have a resource type "{word}"')
    return kind, [name] if slash else words[1:]


def _absent(kind: Kind, name: str) -> str:
    plural = kind.words[1] + (f".{kind.group}" if kind.group else "")
    return f'Error from server (NotFound): {plural} "{name}" not found\n'


def _shown(one: JsonObject) -> str:
    kind = kind_called(as_text(one.get("kind")))
    return kind.shown if kind else ""
