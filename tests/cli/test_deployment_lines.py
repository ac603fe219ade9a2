"""The table of `flows list`."""

from typing import TYPE_CHECKING

from installer.cli.deployment_lines import deployment_lines

if TYPE_CHECKING:
    from installer.jsontypes import Json


def test_columns_fit_and_names_of_others_cannot_steer_the_terminal() -> None:
    rows: list[dict[str, Json]] = [
        {"name": "load/daily", "version": "60e27ef9154d", "managed": True, "schedules": 1},
        {
            "name": "theirs\x1b[2J/x",
            "version": None,
            "paused": True,
            "schedules": 2,
            "last_state": "Completed",
            "last_start": "2026-11-30T20:57:16.123456+00:00",
        },
        {"name": "report/month", "version": "60e27ef9154d", "managed": True, "schedules": 0},
    ]
    lines = deployment_lines(rows)
    assert lines == [
        "deployment    version       made by    schedules  last run (UTC)",
        "load/daily    60e27ef9154d  FlowForge  1          none yet",
        "theirs [2J/x  -             others     paused     2026-11-30 20:57 Completed",
        "report/month  60e27ef9154d  FlowForge  none       none yet",
    ]
    assert max(map(len, lines)) <= 80
