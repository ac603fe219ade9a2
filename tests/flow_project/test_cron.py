"""Cron expressions are accepted or refused as Prefect accepts or refuses them."""

import random

import pytest
from prefect.client.schemas.schedules import CronSchedule
from pydantic import ValidationError

from installer.flow_project.cron import cron_problem

PARTS = (
    *("*", "?", "0", "5", "7", "8", "12", "13", "23", "24", "31", "32", "59", "60", "99", "1970", "2100"),
    *("mon", "fri", "jan", "DEC", "l", "L", "x", "r", "h", "-1", "1-", "/5", "1,,2", "1-2-3", "?,1", "#2"),
    *("*/5", "*/0", "1-5", "5-1", "mon-fri", "fri-mon", "dec-jan", "0-7/2", "10/5", "1,2", "22-4", "5/0", "1-5/70"),
    *("2#3", "2#6", "mon#2", "l3", "L5", "1-l", "*-5"),
)


def accepted_by_prefect(expression: str) -> bool:
    try:
        CronSchedule(cron=expression)
    except ValidationError:
        return False
    return True


def test_every_part_in_every_field_is_judged_as_prefect_judges_it() -> None:
    choice = random.Random(2026)  # noqa: S311  the same sample each time
    expressions = [
        " ".join(part if number == at else "*" for number in range(fields))
        for fields in (4, 5, 6, 7, 8)
        for at in range(fields)
        for part in PARTS
    ]
    expressions += [" ".join(choice.choices(("*", "*", *PARTS), k=5)) for _ in range(2_000)]
    expressions += ["@daily", "@Hourly", "@reboot", "", "often"]
    differ = [one for one in expressions if accepted_by_prefect(one) != (cron_problem(one) == "")]
    assert differ == []


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("61 * * * *", "the minute 61 is not valid; it is 0 to 59, or *"),
        ("0 0 * foo *", "the month foo is not valid; it is 1 to 12 or jan to dec, or *"),
        ("0 6", 'needs five fields, such as "0 6 * * *"'),
        ("1,,2 * * * *", "the minute (empty) is not valid"),
    ],
)
def test_what_is_wrong_is_named(expression: str, words: str) -> None:
    assert words in cron_problem(expression)
