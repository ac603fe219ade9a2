"""Azure's public list of retail prices; it needs no sign-in, and no token is sent to it.

Source: learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices (filters are case-sensitive in this
version; prices in other currencies than USD are for reference).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode, urlsplit

from installer.cloud.answer_checks import check_answer, unreadable
from installer.cloud.errors import AzureRefused, WrongAnswer, refusals
from installer.json_access import as_object, as_text, objects_of, parsed
from installer.sanitize import clean_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azure.core.rest import HttpResponse

    from installer.cloud.target import Target
    from installer.jsontypes import Json

PUBLIC: Final = "https://prices.azure.com"
_PATH: Final = "/api/retail/prices"
_VERSION: Final = "2023-01-01-preview"
_MAX_PAGES: Final = 30
_CONNECTION_SECONDS, _READ_SECONDS, _WHOLE_SECONDS = 5, 30, 60.0
"""In a closed network the reason has to appear soon: an estimate is not worth a long wait."""


def price_filter(terms: Mapping[str, str]) -> str:
    """The filter of pay-as-you-go prices that have these values."""
    every = {**terms, "priceType": "Consumption"}
    return " and ".join(f"{name} eq '{value.replace(chr(39), chr(39) * 2)}'" for name, value in every.items())


class PriceList:
    """The list. Methods block.

    Args:
        own: A cloud with a price list, such as the embedded Azure; None for the public list.
        currency: Code of the currency, such as EUR.

    Attributes:
        is_rehearsal: Whether the list has stated that its figures are made up.

    """

    def __init__(self, own: Target | None, currency: str) -> None:
        self.currency = currency
        self.is_rehearsal = False
        self.made = ""
        self.endpoint = own.endpoint if own else PUBLIC
        self._ca_file = own.ca_file if own else None
        self._known: dict[str, list[dict[str, Json]]] = {}

    def items(self, terms: Mapping[str, str]) -> list[dict[str, Json]]:
        """Items of pay-as-you-go prices that have these values. Raises AzureRefused."""
        wanted = price_filter(terms)
        if wanted not in self._known:
            self._known[wanted] = self._pages(wanted)
        return self._known[wanted]

    @property
    def known(self) -> Mapping[str, list[dict[str, Json]]]:
        """The items that were read so far, by their filters."""
        return self._known

    def _pages(self, wanted: str) -> list[dict[str, Json]]:
        query = {"api-version": _VERSION, "currencyCode": f"'{self.currency}'", "$filter": wanted}
        url = f"{self.endpoint}{_PATH}?{urlencode(query, quote_via=quote)}"
        found: list[dict[str, Json]] = []
        for _ in range(_MAX_PAGES):
            body = self._ask(url)
            self.is_rehearsal |= "Rehearsal" in body
            found += objects_of(body.get("Items"))
            url = as_text(body.get("NextPageLink"))
            if not url:
                break
        return found

    def _ask(self, url: str) -> dict[str, Json]:
        from azure.core import PipelineClient
        from azure.core.exceptions import HttpResponseError
        from azure.core.pipeline.policies import ProxyPolicy, RetryPolicy, UserAgentPolicy
        from azure.core.rest import HttpRequest

        from installer.cloud.transport import transport_to

        if urlsplit(url).hostname != urlsplit(self.endpoint).hostname:
            raise AzureRefused(f"the price list names another host, {urlsplit(url).hostname}; it is not asked")
        policies = [UserAgentPolicy("flowforge-installer"), ProxyPolicy(), RetryPolicy(retry_total=2)]
        client: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(
            self.endpoint,
            policies=policies,
            transport=transport_to(
                self._ca_file, _WHOLE_SECONDS, connection_timeout=_CONNECTION_SECONDS, read_timeout=_READ_SECONDS
            ),
        )
        with refusals("read the price list"), client:
            response = client.send_request(HttpRequest("GET", url))
            response.read()
            if response.status_code >= 400:
                raise HttpResponseError(response=response)
            check_answer(url, response.status_code, "", response.content or b"-", self.endpoint)
            if response.status_code >= 300:
                raise WrongAnswer(unreadable(url, response.status_code, response.content), status=response.status_code)
        return clean_json(as_object(parsed(response.content)))
