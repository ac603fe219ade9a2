"""ARM's template language: templates and parameters in, resources and outputs out.

Pure: no input or output, no clock, no random numbers but what the caller passes in. ``expand`` makes a
``Plan`` of a template; the plan's nodes are evaluated when asked, against a ``Runtime`` (the live world) or
without one, and then keep what only the run can tell as ``[expression]`` text. ``Plan.predict`` tells all
resources that would be sent, as the compiler's snapshot does.

Errors are ``TemplateError`` with the engine's text; ARM's frame around it ("Deployment template validation
failed: '…'.") is for the caller to put. A parameter given as a Key Vault reference is asked of the runtime as
``invoke("getSecret", vault id, None, {"secretName": …})``.
"""

from __future__ import annotations

from installer.arm_templates import functions  # noqa: F401 - importing it enters the functions
from installer.arm_templates.errors import TemplateError
from installer.arm_templates.frames import Parameter
from installer.arm_templates.json_reader import Document, parse_document
from installer.arm_templates.nodes import Node
from installer.arm_templates.plans import Plan, expand
from installer.arm_templates.scopes import Context, Runtime, Scope

__all__ = [
    "Context",
    "Document",
    "Node",
    "Parameter",
    "Plan",
    "Runtime",
    "Scope",
    "TemplateError",
    "expand",
    "parse_document",
]
