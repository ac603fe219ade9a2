"""Runs of an installation: sessions, journals on disk, attaching, adopting, what-if and summaries.

Joins engine, steps and cloud. Imported by `cli`, `screens` and `support_bundle`.
"""
