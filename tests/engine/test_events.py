"""The event stream: numbered without gaps, redacted before any listener, identical when read from a file."""

import json
import threading
from datetime import UTC, datetime

import pytest

from installer.engine.events import KINDS, Event
from installer.engine.stream import Stream

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def stream(first: int = 1) -> Stream:
    return Stream(first=first, clock=lambda: NOON)


def test_an_event_survives_being_written_and_read() -> None:
    event = stream().emit(
        "resource.failed",
        "kaputt · “x”\n",
        step="data",
        resource="st/ä",
        error={"code": "X", "n": [1, None]},
        seconds=1.5,
    )
    line = event.to_json()
    assert "\n" not in line
    assert Event.from_json(line) == event
    assert json.loads(line)["at"] == "2026-03-01T12:00:00.123Z"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_survives(kind: str) -> None:
    line = json.dumps({"number": 7, "at": "2026-03-01T12:00:00.123Z", "kind": kind})
    event = Event.from_json(line)
    assert (event.kind, event.step, event.resource, event.text, event.data) == (kind, "", "", "", {})


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "null",
        '"log"',
        "{}",
        '{"number": 1, "at": "x", "kind": "sabotage"}',
        '{"number": 1, "at": "x", "kind": ["log"]}',
        '{"number": "1", "at": "x", "kind": "log"}',
        '{"number": 1, "kind": "log"}',
        '{"at": "x", "kind": "log"}',
        '{"number": 1, "at": null, "kind": "log"}',
    ],
)
def test_an_invalid_event_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"^(not an event$|Expecting )"):
        Event.from_json(line)


def test_an_event_cannot_be_changed() -> None:
    event = stream().emit("log", "x")
    with pytest.raises(AttributeError, match="cannot assign to field 'text'"):
        event.text = "y"  # type: ignore[misc]


def test_numbers_continue_after_the_last_attempt() -> None:
    second = stream(first=41)
    assert [second.emit("log").number for _ in range(3)] == [41, 42, 43]


def test_numbers_have_no_gap_and_every_listener_gets_the_same_order_from_many_threads() -> None:
    heard: list[list[Event]] = [[], []]
    one = stream()
    for ears in heard:
        one.listen(ears.append)
    start = threading.Barrier(8)

    def talk() -> None:
        start.wait()
        for _ in range(50):
            one.emit("log", "x")

    threads = [threading.Thread(target=talk) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event.number for event in heard[0]] == list(range(1, 401))
    assert heard[0] == heard[1]


def test_a_late_listener_gets_every_event_once() -> None:
    one = stream(first=3)
    earlier = [Event(1, "2026-03-01T11:00:00.000Z", "log"), Event(2, "2026-03-01T11:00:01.000Z", "log")]
    one.emit("log", "a")
    one.emit("log", "b")
    heard: list[Event] = []
    one.listen(heard.append, earlier)
    one.emit("log", "c")
    assert [event.number for event in heard] == [1, 2, 3, 4, 5]


def test_a_listener_added_during_emission_gets_every_event_once() -> None:
    one = stream()
    begun = threading.Event()

    def talk() -> None:
        for number in range(300):
            one.emit("log", str(number))
            if number == 20:
                begun.set()

    talker = threading.Thread(target=talk)
    talker.start()
    begun.wait()
    heard: list[Event] = []
    one.listen(heard.append)
    talker.join()
    assert [event.number for event in heard] == list(range(1, 301))


def test_a_secret_is_redacted_everywhere() -> None:
    hidden = Stream(redact=lambda text: text.replace("hunter2", "•••"), clock=lambda: NOON)
    seen: list[Event] = []
    hidden.listen(seen.append)
    hidden.emit(
        "resource.failed",
        "pass hunter2",
        resource="hunter2-db",
        ui="https://hunter2@x",
        error={"hunter2": ["a", {"deep": "hunter2"}], "n": 2, "b": True, "none": None},
    )
    assert "hunter2" not in seen[0].to_json()
    assert seen[0].to_json().count("•••") == 5
    assert seen[0].data["error"] == {"•••": ["a", {"deep": "•••"}], "n": 2, "b": True, "none": None}
