"""The currency of figures, in a separate module so that the first page of the wizard and --help need no prices."""

from typing import Final

DEFAULT_CURRENCY: Final = "EUR"
CURRENCY_VARIABLE: Final = "FLOWFORGE_CURRENCY"
"""Environment variable with another currency, for commands and the wizard."""
