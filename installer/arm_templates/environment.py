"""Builds the frame of a template: functions, variables, definitions and checked parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.arm_templates.errors import Place, TemplateError
from installer.arm_templates.expressions import UNKNOWN, Call, Expression, Literal
from installer.arm_templates.frames import Frame, Parameter, ParameterDefault, UserFunction
from installer.arm_templates.functions import symbols
from installer.arm_templates.to_text import to_expression
from installer.arm_templates.types import FILE_HELP, Types
from installer.arm_templates.values import Unresolved, Value, as_value, find_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.arm_templates.frames import Session
    from installer.arm_templates.json_reader import Document
    from installer.arm_templates.scopes import Context
    from installer.jsontypes import Json


def build_frame(
    template: dict[str, Json],
    given: Mapping[str, Value],
    context: Context,
    session: Session,
    *,
    document: Document | None,
    root: Place,
) -> Frame:
    """The frame of a template, with its parameters evaluated and checked."""
    variables = _section(template, "variables")
    frame = Frame(
        context=context,
        template=template,
        session=session,
        functions=_user_functions(template),
        variables={name.lower(): value for name, value in variables.items() if name.lower() != "copy"},
        loops=_variable_loops(variables),
        types=Types(template),
    )
    _bind(frame, given, document, root)
    for name in (*variables, *(str(loop.get("name")) for loop in frame.loops.values())):
        if name.lower() != "copy":
            symbols.variable(frame, name)
    return frame


def _section(template: Mapping[str, Json], name: str) -> dict[str, Json]:
    key = find_key(template, name)
    value = template[key] if key else None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TemplateError(f"The template section '{name}' is not valid: it is not an object.")
    return value


def _variable_loops(variables: Mapping[str, Json]) -> dict[str, dict[str, Json]]:
    key = find_key(variables, "copy")
    loops = variables[key] if key else None
    if not isinstance(loops, list):
        return {}
    return {str(loop.get("name")).lower(): loop for loop in loops if isinstance(loop, dict)}


def _user_functions(template: Mapping[str, Json]) -> dict[str, UserFunction]:
    key = find_key(template, "functions")
    sections = template[key] if key else None
    found: dict[str, UserFunction] = {}
    for section in sections if isinstance(sections, list) else []:
        if not isinstance(section, dict):
            continue
        members = section.get("members")
        for name, member in (members if isinstance(members, dict) else {}).items():
            if not isinstance(member, dict):
                continue
            output, declared = member.get("output"), member.get("parameters")
            names = tuple(
                str(parameter.get("name")).lower()
                for parameter in (declared if isinstance(declared, list) else [])
                if isinstance(parameter, dict)
            )
            value = output.get("value") if isinstance(output, dict) else None
            found[f"{section.get('namespace')}.{name}".lower()] = UserFunction(names, value)
    return found


def _bind(frame: Frame, given: Mapping[str, Value], document: Document | None, root: Place) -> None:
    declared = _section(frame.template, "parameters")
    _refuse_unknown(declared, given)
    defaulted: list[str] = []
    for name, definition in declared.items():
        if not isinstance(definition, dict):
            raise TemplateError(f"The template parameter '{name}' is not valid.")
        try:
            key = find_key(given, name)
            value = _given_value(frame, name, definition, given[key]) if key is not None else None
            kind = frame.types.kind(definition, value)
            if key is not None and value is not None:
                frame.types.check(definition, value, name)
                frame.parameters[name.lower()] = Parameter(kind, value, kind.startswith("Secure"))
            elif "defaultValue" in definition:
                frame.defaults[name.lower()] = ParameterDefault(name, definition)
                defaulted.append(name)
            elif frame.types.resolved(definition).get("nullable") is True:
                frame.parameters[name.lower()] = Parameter(kind, None, kind.startswith("Secure"))
            else:
                line, column = _position(document, (*root, "parameters", name))
                raise TemplateError(
                    f"The value for the template parameter '{name}' at line '{line}' and column '{column}' is not "
                    f"provided.{FILE_HELP}"
                )
        except TemplateError as error:
            raise error.at(f"parameters.{name}", *_position(document, (*root, "parameters", name))) from None
    for name in defaulted:
        try:
            symbols.parameter(frame, name)
        except TemplateError as error:
            line, column = _position(document, (*root, "parameters", name, "defaultValue"))
            if not error.path and "The provided value for" not in error.message:
                error = error.wrapped(
                    f"The template expression in parameter '{name}' at line '{line}' and column '{column}' is not "
                    f"valid: {error.message}"
                )
            raise error.at(f"parameters.{name}", line, column) from None


def _position(document: Document | None, place: Place) -> tuple[int, int]:
    return document.position(place) if document is not None else (0, 0)


def _refuse_unknown(declared: Mapping[str, Json], given: Mapping[str, Value]) -> None:
    unknown = [name for name in given if find_key(declared, name) is None]
    if unknown:
        raise TemplateError(
            f"The following parameters were supplied, but do not correspond to any parameters defined in the template: "
            f"'{', '.join(unknown)}'. The parameters defined in the template are: '{', '.join(declared)}'. Please see "
            "https://aka.ms/arm-pass-parameter-values for usage details."
        )


def _given_value(frame: Frame, name: str, definition: dict[str, Json], entry: Value) -> Value:
    if isinstance(entry, Unresolved):
        return Unresolved(Call(UNKNOWN))  # a choice that the run makes: the value is not even an expression here
    if not isinstance(entry, dict):
        raise TemplateError(f"The provided value for the template parameter '{name}' is not valid.{FILE_HELP}")
    secret = find_key(entry, "reference")
    if secret is not None:
        return _secret(frame, entry[secret])
    key = find_key(entry, "value")
    value = entry[key] if key else None
    if frame.session.predicting:
        return frame.types.without_secure_values(definition, value, Call("parameters", (Literal(name),)))
    return value


def _secret(frame: Frame, reference: Value) -> Value:
    """A Key Vault reference: the result of ``getSecret`` on the live vault, or unresolved."""
    members = reference if isinstance(reference, dict) else {}
    vault = members.get("keyVault")
    vault_id = vault.get("id") if isinstance(vault, dict) else None
    secret, version = members.get("secretName"), members.get("secretVersion")
    runtime = frame.session.runtime
    if runtime is not None and isinstance(vault_id, str) and isinstance(secret, str):
        body: dict[str, Json] = {"secretName": secret}
        if isinstance(version, str):
            body["secretVersion"] = version
        return as_value(runtime.invoke("getSecret", vault_id, None, body))
    parts: list[Expression] = [to_expression(vault_id), to_expression(secret)]
    if version is not None:
        parts.append(to_expression(version))
    return Unresolved(Call("getKeyVaultSecret", tuple(parts)))
