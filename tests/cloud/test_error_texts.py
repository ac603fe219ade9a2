"""Errors as people paste them: texts of public threads, and known messages in the form of each tool."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from installer.cloud.error_causes import Cause
from installer.cloud.error_explanations import explanation
from installer.cloud.error_texts import causes_of_text

DATA: Final = tomllib.loads((Path(__file__).parent / "error_texts.toml").read_text("utf-8"))
TEXTS: Final = [(one["form"], one["text"], one["codes"]) for one in DATA["text"]]
MESSAGES: Final = [(one["code"], one["message"]) for one in DATA["message"]]
GUID: Final = "00000000-1111-2222-3333-444444444444"
WRAPPED: Final = (
    "The template deployment 'main' is not valid according to the validation procedure. See inner errors for details."
)


def az(code: str, message: str) -> str:
    """Output of az after a refused deployment."""
    return (
        f"ERROR: (InvalidTemplateDeployment) {WRAPPED}\nCode: InvalidTemplateDeployment\nMessage: {WRAPPED}\n"
        f"Exception Details:\t({code}) {message}\n\tCode: {code}\n\tMessage: {message}\n"
    )


def az_inner(code: str, message: str) -> str:
    """Output of az deployment, with an object for each level."""
    outer, inner = ({"code": "InvalidTemplateDeployment", "message": WRAPPED}, {"code": code, "message": message})
    return f"ERROR: {json.dumps(outer)}\n\nInner Errors: \n{json.dumps(inner)}\n"


def azd(code: str, message: str) -> str:
    """Output of azd up."""
    return (
        "ERROR: deployment failed: error deploying infrastructure: validating deployment to subscription:\n\n"
        f"Validation Error Details:\nInvalidTemplateDeployment: {WRAPPED}\n"
        f"ValidationForResourceFailed: Validation failed for a resource. Check 'Error.Details[0]'.\n{code}: {message}\n\n"
        "TraceID: 7dc0c1710a91ebcbef32dff73560b11d\n"
    )


def powershell(code: str, message: str) -> str:
    """Output of New-AzResourceGroupDeployment before a deployment."""
    return (
        f"New-AzResourceGroupDeployment: 5:08:56 AM - Error: Code=InvalidTemplateDeployment; Message={WRAPPED}\n"
        f"New-AzResourceGroupDeployment: 5:08:56 AM - Error: Code={code}; Message={message}\n"
        "New-AzResourceGroupDeployment: The deployment validation failed\n"
    )


def powershell_status(code: str, message: str) -> str:
    """Output of New-AzResourceGroupDeployment after a deployment."""
    return (
        "New-AzResourceGroupDeployment : 6:51:48 PM - The deployment 'azuredeploy' failed with error(s). Showing 1 out of 1 "
        f"error(s).\nStatus Message: {message} (Code:{code})\n\nCorrelationId: {GUID}\nAt line:1 char:1\n"
        "    + CategoryInfo          : NotSpecified: (:) [New-AzResourceGroupDeployment], Exception\n"
    )


def terraform(code: str, message: str) -> str:
    """Output of Terraform."""
    return (
        f'│ Error: creating Thing (Subscription: "{GUID}"\n│ Resource Group Name: "rg"\n│ Thing Name: "x"): performing '
        f"CreateOrUpdate: unexpected status 400 (400 Bad Request) with error: {code}: {message}\n│ \n"
        '│   with azurerm_thing.x,\n│   on main.tf line 8, in resource "azurerm_thing" "x":\n'
    )


def terraform_polling(code: str, message: str) -> str:
    """Output of Terraform for an operation that fails later."""
    return (
        "Error: polling after CreateOrUpdate: polling failed: the Azure API returned the following error:\n│ \n"
        f'│ Status: "{code}"\n│ Code: ""\n│ Message: "{message}"\n│ Activity Id: ""\n│ \n│ ---\n'
    )


def autorest(code: str, message: str) -> str:
    """Text of the first SDK for Go."""
    return (
        "compute.VirtualMachinesClient#CreateOrUpdate: Failure sending request: StatusCode=0 -- Original Error: autorest/azure: "
        f'Service returned an error. Status=<nil> Code="{code}" Message="{message}"\n'
    )


def azcore(code: str, message: str) -> str:
    """Text of the SDK for Go."""
    line = "-" * 80
    body = json.dumps({"error": {"code": code, "message": message}}, indent=2)
    return f"GET https://management.azure.com/x\n{line}\nRESPONSE 403: 403 Forbidden\nERROR CODE: {code}\n{line}\n{body}\n{line}\n"


def portal(code: str, message: str) -> str:
    """Text that the portal copies."""
    inner = [{"code": code, "message": message}]
    outer = {
        "code": "DeploymentFailed",
        "target": "/subscriptions/x",
        "message": "At least one operation failed.",
        "details": inner,
    }
    return json.dumps(outer)


def operations(code: str, message: str) -> str:
    """Output of az deployment operation group list."""
    status = {
        "status": "Failed",
        "error": {"code": "ResourceDeploymentFailure", "message": "x", "details": [{"code": code, "message": message}]},
    }
    return json.dumps([{"id": "x", "properties": {"statusCode": "Conflict", "statusMessage": status}}])


def activity_log(code: str, message: str) -> str:
    """An entry of the activity log, with JSON in a string."""
    status = json.dumps({"status": "Failed", "error": {"code": code, "message": message}})
    return json.dumps(
        {"eventName": {"value": "EndRequest"}, "properties": {"statusCode": "BadRequest", "statusMessage": status}}
    )


def ours(code: str, message: str) -> str:
    """Lines of this program."""
    return f"{code} (aks-contoso): {message}\n  Cause: something.\n  Remedy: ask.\n(deployment x) [correlation id {GUID}]\n"


FORMS: Final[tuple[Callable[[str, str], str], ...]] = (
    az, az_inner, azd, powershell, powershell_status, terraform, terraform_polling, autorest, azcore, portal, operations,
    activity_log, ours,
)  # fmt: skip


def codes(text: str) -> list[str]:
    """Codes that are recognised in a text."""
    return [cause.code for cause in causes_of_text(text)]


def known(cause: Cause) -> bool:
    """Whether a cause is explained."""
    return explanation(cause.code, cause.message) is not None


@pytest.mark.parametrize(
    ("form", "text", "wanted"), TEXTS, ids=[f"{number}-{one[0]}" for number, one in enumerate(TEXTS)]
)
def test_a_text_of_a_thread_is_understood(form: str, text: str, wanted: list[str]) -> None:
    found = causes_of_text(text)
    assert [cause.code for cause in found] == wanted, form
    assert all(map(known, found))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_each_message_is_understood_in_the_form_of_each_tool(form: Callable[[str, str], str]) -> None:
    for code, message in MESSAGES:
        found = causes_of_text(form(code, message))
        assert [cause.code for cause in found] == [code], form(code, message)
        assert " ".join(message.split())[:40] in found[0].message
        assert known(found[0]), code


def test_there_are_enough_texts() -> None:
    assert len(TEXTS) + len(FORMS) * len(MESSAGES) >= 150
    assert len(TEXTS) >= 100


@pytest.mark.parametrize("text", ["", " \n", "{}", "[]", "null", '{"error": {}}', "\x00"])
def test_nothing_has_no_cause_and_no_line(text: str) -> None:
    assert all(cause.code or cause.message for cause in causes_of_text(text))


@pytest.mark.parametrize(
    "text",
    [
        "Error: something went wrong",
        "Traceback (most recent call last):\n  File x\nValueError: no",
        "Deployment started at 10:00. Location: westeurope",
        '{"status": "Failed"}',
    ],
)
def test_words_that_are_no_error_of_azure_have_no_explanation(text: str) -> None:
    assert not any(map(known, causes_of_text(text)))


def test_text_around_json_without_message_is_kept() -> None:
    (cause,) = causes_of_text(
        'Deployment failed. Correlation ID: 1. {"code": "QuotaExceeded", "message": "no cores"} See the portal.'
    )
    assert (cause.code, cause.message) == ("QuotaExceeded", "no cores")


@pytest.mark.parametrize(
    "part", [" ", "\n", "{", "(", "| ", "Code: ", "ERROR: ", 'Status: "', "AADSTS", "A" * 9, "'code': '", "\ufffc"]
)
def test_long_hostile_text_is_read_in_passing(part: str) -> None:
    """A form that tries every way to divide a text would not come to its end here."""
    assert len(causes_of_text(part * 200_000)) <= 1
