"""Units of the price list: spellings that Azure uses, and none that counts something else."""

import pytest

from installer.cost.units import Unit, units_in


@pytest.mark.parametrize(
    ("listed", "wanted", "number"),
    [
        ("1 Hour", "hour", 1),
        ("100 Hours", "hour", 100),
        ("1/Hour", "hour", 1),
        ("10 /Hour", "hour", 10),
        ("1/Day", "day", 1),
        ("30 /Day", "day", 30),
        ("1 Month", "month", 1),
        ("1/Month", "month", 1),
        ("100/Month", "each", 100),
        ("1", "each", 1),
        ("1 ", "each", 1),
        ("1 Month", "each", 1),
        ("10K", "each", 10_000),
        ("10K/Month", "each", 10_000),
        ("1M", "each", 1_000_000),
        ("1 GB", "GB", 1),
        ("1 GiB", "GB", 1),
        ("100 GB", "GB", 100),
        ("1 GB/Month", "GB month", 1),
        ("10 GiB/Month", "GB month", 10),
        ("1 Second", "second", 1),
        ("100 Seconds", "second", 100),
        ("1 GiB Second", "GiB second", 1),
        ("100 GB Seconds", "GiB second", 100),
    ],
)
def test_a_spelling_of_the_list(listed: str, wanted: Unit, number: float) -> None:
    assert units_in(listed, wanted) == number


@pytest.mark.parametrize(
    ("listed", "wanted"),
    [
        ("1 GB/Hour", "GB month"),
        ("1 GB/Hour", "hour"),
        ("1 GB/Day", "day"),
        ("1 GB Hour", "hour"),
        ("1 GB/Month", "GB"),
        ("1 GB/Month", "month"),
        ("1 GB", "GB month"),
        ("1 TB/Month", "GB month"),
        ("1 MB", "GB"),
        ("1 GiB Second", "second"),
        ("1 Second", "GiB second"),
        ("100 Core Hours", "hour"),
        ("1..5 Hour", "hour"),
        ("1 - 5 Hour", "hour"),
        ("1/10 Days", "day"),
        ("1/3 Months", "month"),
        ("1/6 Months", "each"),
        ("1 Year", "month"),
        ("10K", "hour"),
        ("10K Transactions", "each"),
        ("1 Kilometre", "each"),
        ("1 IOPS/Month", "each"),
        ("1B", "each"),
        ("1 小时", "hour"),
        ("Hours", "hour"),
        ("0 Hour", "hour"),
        ("-1 Hour", "hour"),
        ("nan Hour", "hour"),
        ("", "each"),
        ("Unassigned", "each"),
    ],
)
def test_what_counts_something_else_has_no_figure(listed: str, wanted: Unit) -> None:
    assert units_in(listed, wanted) is None
