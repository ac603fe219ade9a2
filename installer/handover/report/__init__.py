"""The hand-over report: one HTML page about an installation for those who run, review and pay for it. Pure, but for the journal."""
