"""The contract between the answers and the templates: names, types, bounds, allowed values, secrets, descriptions."""

from collections.abc import Mapping
from typing import Literal, get_args, get_origin

import annotated_types
import pytest
from pydantic.fields import FieldInfo

from bicep.compile import STAGES
from installer.answers.ask import Ask
from installer.answers.model import PAGES, Answers
from installer.estate.parameters import PLACEHOLDER_OUTPUTS, stages, template
from installer.estate.parameters.context import Installation
from installer.jsontypes import Json
from tests.bicep.answers_matrix import MATRIX
from tests.bicep.answers_variants import VARIANTS
from tests.bicep.declared_parameters import misfits, resolved


def section(stage: str, name: str) -> dict[str, Json]:
    found = template(stage).get(name, {})
    assert isinstance(found, dict)
    return found


def declarations(parameter: str) -> dict[str, dict[str, Json]]:
    """Declarations of a parameter by stage, for the stages that have it."""
    return {
        stage: resolved(section(stage, "parameters")[parameter], section(stage, "definitions"))
        for stage in STAGES
        if parameter in section(stage, "parameters")
    }


def asked() -> dict[str, tuple[FieldInfo, Ask]]:
    """Field and question by dotted key, for answers that are passed to a template unchanged."""
    return {
        f"{page}.{name}": (field, ask)
        for page, model in PAGES.items()
        for name, field in model.model_fields.items()
        for ask in field.metadata
        if isinstance(ask, Ask) and ask.bicep
    }


ASKED = asked()
EVERY_PARAMETER = [(stage, name) for stage in STAGES for name in section(stage, "parameters")]


def choices(field: FieldInfo) -> list[object] | None:
    return list(get_args(field.annotation)) if get_origin(field.annotation) is Literal else None


def bounds(field: FieldInfo) -> dict[str, Json]:
    """The bounds of a question as ARM keywords."""
    found: dict[str, Json] = {}
    for rule in field.metadata:
        if isinstance(rule, annotated_types.Ge) and isinstance(rule.ge, int):
            found["minValue"] = rule.ge
        elif isinstance(rule, annotated_types.Le) and isinstance(rule.le, int):
            found["maxValue"] = rule.le
        elif isinstance(rule, annotated_types.MinLen):
            found["minLength"] = rule.min_length
        elif isinstance(rule, annotated_types.MaxLen):
            found["maxLength"] = rule.max_length
    return found


EVERY_ANSWERS: Mapping[str, Answers] = {**VARIANTS, **MATRIX}


@pytest.mark.parametrize("key", ASKED)
def test_a_question_and_its_parameter_accept_the_same(key: str) -> None:
    field, ask = ASKED[key]
    assert ask.bicep is not None
    declared = declarations(ask.bicep)
    assert declared, f"no template has {ask.bicep}"
    allowed = choices(field)
    kind = kind_of(field)
    for stage, declaration in declared.items():
        assert str(declaration["type"]).lower() == kind, stage
        if kind == "array":
            continue  # only the question restricts the items
        given = declaration.get("allowedValues")
        assert (sorted(given, key=str) if isinstance(given, list) else None) == (
            sorted(allowed, key=str) if allowed else None
        ), stage
        stated = {
            name: declaration[name]
            for name in ("minValue", "maxValue", "minLength", "maxLength")
            if name in declaration
        }
        assert stated == bounds(field), stage


def kind_of(field: FieldInfo) -> str:
    """The type of a question as an ARM type."""
    allowed = choices(field)
    if field.annotation is bool:
        return "bool"
    if field.annotation is int or (allowed and isinstance(allowed[0], int)):
        return "int"
    return "array" if get_origin(field.annotation) is list else "string"


def passed_values(given: Answers) -> dict[str, list[Json]]:
    """Values by parameter that the stages receive."""
    passed: dict[str, list[Json]] = {}
    for spec in stages(given):
        for name, sent in spec.parameters(PLACEHOLDER_OUTPUTS).items():
            assert isinstance(sent, dict)
            passed.setdefault(name, []).append(sent["value"])
    return passed


@pytest.mark.parametrize("name", EVERY_ANSWERS)
def test_an_answer_is_passed_to_its_parameter_unchanged(name: str) -> None:
    given = EVERY_ANSWERS[name]
    view = {f"{page}.{name}": value for page in PAGES for name, value in getattr(given, page).model_dump().items()}
    passed = passed_values(given)
    # A value that a step determines is passed although its question does not apply.
    determined = {"sign_on.client_id"} if Installation(given).registers else set[str]()
    for key, (_, ask) in ASKED.items():
        if key in determined:
            continue
        values = passed.get(str(ask.bicep), [])
        own = [view.get(f"{environment}.{key.partition('.')[2]}") for environment in given.subscription.differ]
        for value in values:
            assert value == view[key] or value in [item for item in own if item not in (None, "same")], key
        assert not values or ask.applies(view), key


def test_every_answer_with_a_parameter_is_passed() -> None:
    passed = {name for given in EVERY_ANSWERS.values() for name in passed_values(given)}
    assert {str(ask.bicep) for _, ask in ASKED.values()} <= passed


def test_secure_parameters_are_the_secrets_of_their_stage() -> None:
    specs = [spec for given in EVERY_ANSWERS.values() for spec in stages(given)]
    for stage in STAGES:
        secure = {
            name
            for name in section(stage, "parameters")
            if str(declarations(name)[stage]["type"]).lower() in {"securestring", "secureobject"}
        }
        named = {name for spec in specs if spec.stage == stage for name in spec.unknown} - {"names"}
        named |= {one.parameter for spec in specs if spec.stage == stage for one in spec.kept if one.action}
        assert secure == named, stage


@pytest.mark.parametrize(("stage", "name"), EVERY_PARAMETER)
def test_every_parameter_is_described(stage: str, name: str) -> None:
    declaration = section(stage, "parameters")[name]
    assert isinstance(declaration, dict)
    metadata = declaration["metadata"]
    assert isinstance(metadata, dict)
    assert metadata["description"]


@pytest.mark.parametrize("stage", STAGES)
def test_no_output_is_secure_and_every_one_is_described(stage: str) -> None:
    for name, declaration in section(stage, "outputs").items():
        assert isinstance(declaration, dict)
        assert "secure" not in str(resolved(declaration, section(stage, "definitions"))["type"]).lower(), name
        metadata = declaration["metadata"]
        assert isinstance(metadata, dict)
        assert metadata["description"], name


@pytest.mark.parametrize("variant", EVERY_ANSWERS)
def test_sent_parameters_match_their_declarations(variant: str) -> None:
    for spec in stages(EVERY_ANSWERS[variant]):
        declared, definitions = section(spec.stage, "parameters"), section(spec.stage, "definitions")
        sent = spec.parameters(PLACEHOLDER_OUTPUTS)
        values = {name: given["value"] for name, given in sent.items() if isinstance(given, dict)}
        assert set(values) <= set(declared), spec.key
        assert set(spec.unknown) <= set(declared) - set(values), spec.key
        assert set(spec.readings) <= set(declared) - set(values), spec.key
        for name, declaration in declared.items():
            if name not in spec.unknown:
                assert list(misfits(values.get(name), declaration, definitions, name)) == [], spec.key


def test_placeholder_outputs_match_the_outputs_of_foundation() -> None:
    outputs, definitions = section("foundation", "outputs"), section("foundation", "definitions")
    assert set(PLACEHOLDER_OUTPUTS["foundation"]) == set(outputs)
    for name, value in PLACEHOLDER_OUTPUTS["foundation"].items():
        assert list(misfits(value, outputs[name], definitions, name)) == []
