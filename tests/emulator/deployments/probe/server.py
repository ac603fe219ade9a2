"""The server of the probe: sleeps or fails as a resource requests, and logs both.

Development only; it needs ``grpcio``, in a separate environment. To publish it, put a
script beside index.json that starts this module with that environment's Python, and run in this folder ``bicep
publish-extension index.json --bin-linux-x64 ./SCRIPT --target ./probe.tgz``. The contract is ``extension.BicepExtension``
of Bicep; its few messages are parsed by hand.
"""

import importlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent import futures
from pathlib import Path
from typing import Any

_CONTINUED = 0x80
_WIRE_BYTES = 2
_lock = threading.Lock()


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & ~_CONTINUED) << shift
        shift += 7
        if byte < _CONTINUED:
            return value, at


def _fields(message: bytes) -> dict[int, bytes]:
    """The members of a message by their numbers; all of those that we read are texts or messages."""
    at, found = 0, {}
    while at < len(message):
        key, at = _number(message, at)
        assert key & 7 == _WIRE_BYTES, "only texts and messages are expected"
        length, at = _number(message, at)
        found[key >> 3] = message[at : at + length]
        at += length
    return found


def _varint(value: int) -> bytes:
    data = b""
    while value >= _CONTINUED:
        data += bytes([value & 0x7F | _CONTINUED])
        value >>= 7
    return data + bytes([value])


def _member(number: int, content: bytes | str) -> bytes:
    data = content.encode() if isinstance(content, str) else content
    return _varint(number << 3 | _WIRE_BYTES) + _varint(len(data)) + data


def _note(what: str, name: str, *, fail: bool = False) -> None:
    entry = {"at": time.monotonic(), "what": what, "name": name, "fail": fail}
    with _lock, Path(os.environ["PROBE_LOG"]).open("a", encoding="utf-8") as log:
        log.write(json.dumps(entry) + "\n")


def _resource(kind: bytes, properties: bytes) -> bytes:
    name = json.loads(properties).get("name")
    return _member(1, _member(1, kind) + _member(3, json.dumps({"name": name})) + _member(4, properties))


def _create(request: bytes, _context: object) -> bytes:
    fields = _fields(request)
    asked = json.loads(fields[4])
    _note("begin", asked["name"])
    time.sleep(asked["ms"] / 1000)
    _note("end", asked["name"], fail=bool(asked.get("fail")))
    if asked.get("fail"):
        return _member(2, _member(1, _member(1, "Probe") + _member(3, "asked to fail")))
    return _resource(fields[2], fields[4])


def _preview(request: bytes, _context: object) -> bytes:
    fields = _fields(request)
    return _resource(fields[2], fields[4])


def _nothing(_request: bytes, _context: object) -> bytes:
    return b""


_METHODS: dict[str, Callable[[bytes, object], bytes]] = {
    "CreateOrUpdate": _create,
    "Preview": _preview,
    "Ping": _nothing,
    "GetTypeFiles": _nothing,
}


def main() -> None:
    """Serve on the socket that the command line names, until killed."""
    grpc: Any = importlib.import_module("grpc")
    handlers = {name: grpc.unary_unary_rpc_method_handler(method) for name, method in _METHODS.items()}
    service = grpc.method_handlers_generic_handler("extension.BicepExtension", handlers)
    server = grpc.server(futures.ThreadPoolExecutor(64), handlers=[service])
    server.add_insecure_port("unix:" + sys.argv[sys.argv.index("--socket") + 1])
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
