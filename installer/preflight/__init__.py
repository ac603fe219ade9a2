"""Read-only checks before the first write: what would fail in Azure, why, and the answers that avoid it.

A check is a generator over a Subject (answers, planned resources, reads). checks.py lists them, report.py runs them side by
side, trials.py tries the ways out that they propose. Sources of the facts: Azure itself, or a survey of it (survey_limits.py).
"""
