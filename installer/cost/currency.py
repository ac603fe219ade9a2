"""The currency of figures, in a separate module so that the first page of the wizard and --help need no prices."""

from typing import Final

DEFAULT_CURRENCY: Final = "EUR"
CURRENCY_VARIABLE: Final = "FLOWFORGE_CURRENCY"
"""Environment variable with another currency, for commands and the wizard."""
CURRENCIES: Final = (
    "USD", "AUD", "BRL", "CAD", "CHF", "CNY", "DKK", "EUR", "GBP", "INR", "JPY", "KRW", "NOK", "NZD", "RUB", "SEK", "TWD",
)  # fmt: skip
"""Currencies of the price list. Source: learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices,
"Supported currencies"."""
