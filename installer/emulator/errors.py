"""Errors in ARM's envelope."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.arm_templates import TemplateError
    from installer.json_access import JsonObject
    from installer.jsontypes import Json

_REGISTRATION_HELP = "https://aka.ms/rps-not-found"


class ArmError(Exception):
    """An ARM error response: HTTP status, code, message and details.

    `cause` is the value of the header x-ms-failure-cause: 'gateway' (ARM itself) or 'service' (a provider).
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        target: str | None = None,
        details: list[JsonObject] | None = None,
        additional: list[JsonObject] | None = None,
        cause: str = "gateway",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.target = target
        self.details = details or []
        self.additional = additional or []
        self.cause = cause
        self.headers = dict(headers or {})

    def error(self) -> JsonObject:
        """The error object: code, message, and target, details and additionalInfo where there are any."""
        return error_object(self.code, self.message, self.target, list(self.details), list(self.additional))

    def body(self) -> JsonObject:
        """The response body."""
        return {"error": self.error()}


def error_object(
    code: str,
    message: str,
    target: str | None = None,
    details: list[Json] | None = None,
    additional: list[Json] | None = None,
) -> JsonObject:
    """An error object as ARM nests them."""
    result: JsonObject = {"code": code}
    if target is not None:
        result["target"] = target
    result["message"] = message
    if details:
        result["details"] = details
    if additional:
        result["additionalInfo"] = additional
    return result


def invalid_template(problem: TemplateError) -> ArmError:
    """ARM's error for an invalid template: the engine's text and its position in the submitted body."""
    if problem.code not in {"InvalidTemplate", ""}:
        return ArmError(400, problem.code, problem.message)
    info: JsonObject = {"lineNumber": problem.line, "linePosition": problem.column, "path": problem.path}
    return ArmError(
        400,
        "InvalidTemplate",
        f"Deployment template validation failed: '{problem.message}'.",
        additional=[{"type": "TemplateViolation", "info": info}],
    )


def unregistered(namespaces: list[str]) -> ArmError:
    """The error for one or more unregistered namespaces."""
    texts = {
        name: f"The subscription is not registered to use namespace '{name}'. See {_REGISTRATION_HELP} for how to register "
        "subscriptions."
        for name in namespaces
    }
    details = [error_object("MissingSubscriptionRegistration", text, name) for name, text in texts.items()]
    return ArmError(409, "MissingSubscriptionRegistration", texts[namespaces[0]], details=details)
