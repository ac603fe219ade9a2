"""Help of the pages of a run, as F1 opens it."""

from typing import Final

LIVE: Final = (
    "Each row is a step of the run, with the resources below it that are not done. The bar shows the share of the expected time; "
    "the time left is what is usual for the steps on the critical path.\n\n"
    "The cursor follows the running step until you move it; f follows again. Enter opens the details of a row, which follow the run, "
    "with its lines of the log in full; l enlarges the log, where ← and → show the end of long lines; / filters both, t shows the "
    "timeline, a all rows.\n\n"
    "After a failure r retries, and e changes an answer first. Leaving the page asks whether deployments in Azure continue; the run is "
    "resumed with resume.\n\n? lists all keys."
)
DONE: Final = (
    "The page shows what exists now, what the run has proved, and what is left to do, with the commands for it. Addresses open with a click where the "
    "terminal supports it. x writes the answers to a file that repeats this run without a question; t shows how long each step took; c copies the "
    "page, o opens the first address. In "
    "a rehearsal, k keeps Prefect and the embedded Azure running after this page.\n\n"
    "The lines with addresses and files stay on the terminal after you leave. ? lists all keys."
)
