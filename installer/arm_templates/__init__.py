"""The ARM template language: templates and parameters in, resources and outputs out.

Pure: no input or output; clock and random values come from the caller. ``expand`` turns a template into a ``Plan``. Its
nodes are evaluated on demand, against a ``Runtime`` (live resources) or offline; offline, values known only during the
run stay ``[expression]`` text. ``Plan.predict`` returns the resources that would be sent, as the compiler's snapshot does.

Errors are ``TemplateError`` with the engine's text; the caller adds ARM's prefix ("Deployment template validation failed:
'…'."). A parameter given as a Key Vault reference is read through ``invoke("getSecret", vault id, None, {"secretName": …})``
of the runtime.
"""

from __future__ import annotations

from installer.arm_templates import functions  # noqa: F401 - importing it registers the functions
from installer.arm_templates.calls import call_function, known_function
from installer.arm_templates.errors import TemplateError
from installer.arm_templates.expressions import Access, Call, Expression, Literal, is_expression, literal_text
from installer.arm_templates.expressions import parse as parse_expression
from installer.arm_templates.frames import Parameter
from installer.arm_templates.json_reader import Document, parse_document
from installer.arm_templates.nodes import Node
from installer.arm_templates.plans import Plan, expand
from installer.arm_templates.scopes import Context, Runtime, Scope

__all__ = [
    "Access",
    "Call",
    "Context",
    "Document",
    "Expression",
    "Literal",
    "Node",
    "Parameter",
    "Plan",
    "Runtime",
    "Scope",
    "TemplateError",
    "call_function",
    "expand",
    "is_expression",
    "known_function",
    "literal_text",
    "parse_document",
    "parse_expression",
]
