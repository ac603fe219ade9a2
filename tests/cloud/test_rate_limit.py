"""How often Azure is asked: a burst is free, in the long run there is a budget, and Azure's own words count more."""

import pytest

from installer.cloud.rate_limit import BURST, MIN_POLL_SECONDS, READS_PER_MINUTE, REMAINING, RateLimiter


class Clock:
    """A clock that advances only on request."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def reads_within(pacer: RateLimiter, clock: Clock, seconds: float) -> int:
    """Number of reads of a client that always reads as soon as it is allowed."""
    end, count = clock.now + seconds, 0
    while clock.now < end:
        if left := pacer.wait():
            clock.now += left
            continue
        pacer.spend(1)
        count += 1
    return count


def test_in_the_long_run_there_are_so_many_reads_a_minute() -> None:
    clock = Clock()
    pacer = RateLimiter(clock=clock)
    reads_within(pacer, clock, 60)
    assert reads_within(pacer, clock, 600) == pytest.approx(READS_PER_MINUTE * 10, abs=2)


def test_a_burst_is_free_after_some_quiet() -> None:
    clock = Clock()
    pacer = RateLimiter(clock=clock)
    clock.now += 3600
    for _ in range(BURST):
        assert pacer.wait() == 0
        pacer.spend(1)
    pacer.spend(1)
    assert pacer.wait() > 0


def test_time_that_passes_faster_grants_more() -> None:
    clock = Clock()
    pacer = RateLimiter(30.0, clock)
    reads_within(pacer, clock, 2)
    assert reads_within(pacer, clock, 20) == pytest.approx(READS_PER_MINUTE * 10, abs=2)
    assert (pacer.real(60), pacer.real(0.001)) == (2.0, MIN_POLL_SECONDS)


def test_when_azure_has_little_left_less_is_asked() -> None:
    clock = Clock()
    pacer = RateLimiter(clock=clock)
    pacer.update(200, {REMAINING: "50"})
    reads_within(pacer, clock, 60)
    assert reads_within(pacer, clock, 600) == pytest.approx(READS_PER_MINUTE * 5, abs=2)
    pacer.update(200, {REMAINING: "249"})
    reads_within(pacer, clock, 60)
    assert reads_within(pacer, clock, 600) == pytest.approx(READS_PER_MINUTE * 10, abs=2)


def test_when_azure_says_later_nothing_is_asked_until_then() -> None:
    clock = Clock()
    pacer = RateLimiter(clock=clock)
    clock.now += 3600
    pacer.update(429, {"Retry-After": "17"})
    assert pacer.wait() == 17
    pacer.update(200, {"Retry-After": "99"})  # Retry-After of a long-running operation, independent of the rate limit
    assert pacer.wait() == 17


@pytest.mark.parametrize("said", ["", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_invalid_numbers_are_ignored(said: str) -> None:
    clock = Clock()
    pacer = RateLimiter(clock=clock)
    clock.now += 3600
    pacer.update(429, {"Retry-After": said, REMAINING: said})
    assert pacer.wait() == 0
