"""Microsoft.Consumption: budgets, which start in the current month or later.

Source: https://github.com/hashicorp/terraform-provider-azurerm/pull/12121 (conditions of the start date).
"""

from __future__ import annotations

from installer.emulator.clock import instant
from installer.emulator.errors import ArmError
from installer.emulator.providers.provider import ProviderContext, ProviderHooks


def _check_budget(context: ProviderContext) -> None:
    start = context.text("timePeriod", "startDate")
    if context.before is None and start[:7] < instant(context.now)[:7]:
        raise ArmError(
            400,
            "400",
            f"Start date for a monthly budget should not be prior to the current month: {start}.",
            cause="service",
        )


HOOKS = {"Microsoft.Consumption/budgets": ProviderHooks(check=_check_budget)}
