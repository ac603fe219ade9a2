"""Timing of events: by the clock of the caller, at any speed, without the idle time between attempts."""

import pytest

from installer.engine.events import Event, Kind
from installer.support_bundle.recording import Recording
from installer.support_bundle.replay_clock import MAX_SPEED, Player


def told(*moments: tuple[str, Kind]) -> Recording:
    return Recording("x-1", tuple(Event(n, f"2026-03-01T{at}Z", kind) for n, (at, kind) in enumerate(moments, 1)))


def numbers(events: list[Event]) -> list[int]:
    return [event.number for event in events]


RUN = told(("12:00:00", "run.started"), ("12:00:10", "log"), ("12:00:30", "log"), ("12:01:00", "run.finished"))


def test_the_first_event_is_due_at_once_and_the_others_at_their_time() -> None:
    player = Player(RUN)
    assert numbers(player.due(100.0)) == [1]
    assert numbers(player.due(109.9)) == []
    assert numbers(player.due(131.0)) == [2, 3]
    assert player.position == 31.0
    assert numbers(player.due(9999.0)) == [4]
    assert player.over
    assert player.position == player.length == 60.0


@pytest.mark.parametrize(("speed", "clock"), [(2.0, 5.0), (0.5, 20.0), (10.0, 1.0)])
def test_speed_divides_the_time(speed: float, clock: float) -> None:
    player = Player(RUN, speed)
    player.due(0.0)
    assert numbers(player.due(clock - 0.01)) == []
    assert numbers(player.due(clock)) == [2]


def test_a_pause_stops_the_time_and_the_end_is_one_step_away() -> None:
    player = Player(RUN)
    player.due(0.0)
    player.paused = True
    assert player.due(500.0) == []
    player.paused = False
    assert numbers(player.due(510.0)) == [2]
    player.to_end()
    assert numbers(player.due(510.0)) == [3, 4]
    assert player.over


def test_now_is_the_time_of_the_recording() -> None:
    player = Player(RUN)
    player.due(0.0)
    begun = player.now
    player.due(7.0)
    assert player.now - begun == 7.0
    player.due(1000.0)
    assert player.now - begun == 60.0


def test_the_night_between_two_sittings_is_a_second_and_a_clock_set_back_is_nothing() -> None:
    player = Player(
        told(
            ("12:00:00", "run.started"),
            ("12:00:05", "run.finished"),
            ("20:00:00", "run.started"),
            ("19:00:00", "log"),
            ("19:00:04", "run.finished"),
        )
    )
    assert player.length == 10.0


def test_the_speed_has_bounds() -> None:
    player = Player(RUN)
    for _ in range(100):
        player.faster(2.0)
    assert player.speed == MAX_SPEED
    for _ in range(100):
        player.faster(0.5)
    assert player.speed == 0.125
