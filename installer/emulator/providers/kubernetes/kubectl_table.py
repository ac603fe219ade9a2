"""The table in which kubectl prints objects."""

from __future__ import annotations

from datetime import UTC, datetime

from installer.json_access import JsonObject, as_list, as_object, as_text, member


def table(found: list[JsonObject], now: float, *, everywhere: bool) -> str:
    """Prints objects as a table.

    Args:
        found: Objects of one kind.
        now: The current time, in seconds since the epoch.
        everywhere: Whether the first column is the namespace.

    """
    rows = [
        [
            *([as_text(member(one, "metadata", "namespace"))] if everywhere else []),
            as_text(member(one, "metadata", "name")),
            *_facts(one),
            _age(one, now),
        ]
        for one in found
    ]
    if not rows:
        return ""
    titles = [*(["NAMESPACE"] if everywhere else []), "NAME", *(name for name, _ in _columns(found[0])), "AGE"]
    widths = [max(len(row[column]) for row in [titles, *rows]) + 3 for column in range(len(titles))]
    lines = ("".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [titles, *rows])
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _facts(one: JsonObject) -> list[str]:
    return [value for _, value in _columns(one)]


def _columns(one: JsonObject) -> list[tuple[str, str]]:
    status, kind = as_object(one.get("status")), one.get("kind")
    if kind == "Pod":
        container = next(iter(as_list(status.get("containerStatuses"))), {})
        waits = as_text(member(container, "state", "waiting", "reason"))
        phase = waits or as_text(status.get("phase"))
        ready = "1/1" if member(container, "ready") is True else "0/1"
        return [("READY", ready), ("STATUS", "Completed" if phase == "Succeeded" else phase), ("RESTARTS", "0")]
    if kind == "Deployment":
        wanted, available = status.get("replicas"), status.get("readyReplicas")
        return [("READY", f"{available}/{wanted}"), ("UP-TO-DATE", f"{wanted}"), ("AVAILABLE", f"{available}")]
    if kind == "Job":
        status_text = "Complete" if status.get("succeeded") else "Failed" if status.get("failed") else "Running"
        return [("STATUS", status_text), ("COMPLETIONS", f"{status.get('succeeded') or 0}/1")]
    if kind == "CronJob":
        return [("SCHEDULE", as_text(member(one, "spec", "schedule")))]
    if kind == "Service":
        first = next(iter(as_list(member(status, "loadBalancer", "ingress"))), {})
        return [
            ("TYPE", as_text(member(one, "spec", "type"))),
            ("EXTERNAL-IP", as_text(member(first, "ip")) or "<none>"),
        ]
    return []


def _age(one: JsonObject, now: float) -> str:
    created = datetime.fromisoformat(as_text(member(one, "metadata", "creationTimestamp"))).astimezone(UTC)
    seconds = max(int(now - created.timestamp()), 0)
    return f"{seconds}s" if seconds < 120 else f"{seconds // 60}m" if seconds < 7200 else f"{seconds // 3600}h"
