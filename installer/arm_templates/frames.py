"""What names mean inside one template: its parameters, variables and functions, its scope and its resources."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from installer.arm_templates.types import Types

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from installer.arm_templates.scopes import Context, Runtime
    from installer.arm_templates.values import Value
    from installer.jsontypes import Json

Phase: TypeAlias = Literal["default", "static", "beside", "body", "output"]
_NO_LOOPS: dict[str, int] = {}
_NO_VALUES: dict[str, Value] = {}


@dataclass(frozen=True, slots=True)
class Locals:
    """What is known only at one place of a template: loop counters, lambda parameters, a function's own.

    ``loops`` holds the index of every loop around, ``loop`` names the innermost; ``arguments`` are the
    parameters of the user function whose body is being evaluated, None outside of one. ``phase`` says what
    may stand here: ``default`` (the default value of a parameter), ``static`` (names, counts, conditions and
    variables, which are known before anything runs), ``beside`` (tags and sku, which the run may fill but a
    prediction leaves alone), ``body`` or ``output``.
    """

    loops: Mapping[str, int] = field(default_factory=lambda: _NO_LOOPS)
    loop: str | None = None
    variables: Mapping[str, Value] = field(default_factory=lambda: _NO_VALUES)
    arguments: Mapping[str, Value] | None = None
    phase: Phase = "body"

    def inside(self, loop: str, index: int, *, unnamed: bool = True) -> Locals:
        """The same place one loop deeper; ``unnamed`` when copyIndex() without a name means this loop."""
        inner = loop.lower()
        return replace(self, loops={**self.loops, inner: index}, loop=inner if unnamed else self.loop)

    def binding(self, variables: Mapping[str, Value]) -> Locals:
        """The same place with lambda parameters set."""
        return replace(self, variables={**self.variables, **variables})


class ReferencedResource(Protocol):
    """A resource of a plan, as reference() and list*() need it."""

    @property
    def key(self) -> str:
        """Unique in its plan."""

    @property
    def id(self) -> str:
        """Its resource id; empty for a resource of an extension."""

    @property
    def api_version(self) -> str:
        """The API version that the template deploys it with."""

    @property
    def symbolic_name(self) -> str | None:
        """Its symbolic name, None in a template without them."""

    @property
    def excluded(self) -> bool:
        """Whether its condition is false."""

    @property
    def extension(self) -> str | None:
        """The Bicep extension that it belongs to, None for a resource of Azure."""

    @property
    def is_deployment(self) -> bool:
        """Whether it is a nested deployment."""

    @property
    def opaque(self) -> bool:
        """Whether a prediction cannot expand the nested deployment."""

    def declared_properties(self) -> dict[str, Value] | None:
        """The properties that the template gives it, None where it gives none."""

    def predicted_state(self) -> dict[str, Value] | None:
        """The predicted properties of a nested deployment, None where they are not known."""

    def predicted_outputs(self) -> dict[str, Value]:
        """The outputs of a nested deployment, which may be unresolved in part."""


TOP = Locals()
STATIC = Locals(phase="static")
DEFAULT = Locals(phase="default")
OUTPUT = Locals(phase="output")


@dataclass(frozen=True, slots=True)
class Session:
    """How to evaluate: with which live world (none: offline), and whether exactly as a snapshot would.

    ``groups`` remembers location and tags of the resource groups that the plans of this session make, by lower-cased id. A
    ``foretelling`` session answers reference() with what the resource's own definition says, as a snapshot does.
    """

    runtime: Runtime | None = None
    predicting: bool = False
    referenced: Callable[[ReferencedResource], None] | None = None
    groups: dict[str, dict[str, Value]] = field(default_factory=dict)
    foretelling: bool = True


@dataclass(slots=True)
class Parameter:
    """A parameter or output with its value. ``type`` is ARM's word for it, ``String`` to ``SecureObject``."""

    type: str
    value: Value
    secure: bool


@dataclass(slots=True)
class UserFunction:
    """A function that the template defines: the lower-cased names of its parameters, and its body."""

    names: tuple[str, ...]
    output: Json


@dataclass(slots=True)
class ParameterDefault:
    """A parameter that was not given: its spelling, definition and type, for when its value is asked for."""

    name: str
    definition: dict[str, Json]
    type: str


@dataclass(slots=True)
class Frame:
    """The environment of one template (a nested template with outer evaluation shares its parent's)."""

    context: Context
    template: dict[str, Json]
    session: Session
    parameters: dict[str, Parameter] = field(default_factory=dict)
    functions: dict[str, UserFunction] = field(default_factory=dict)
    variables: dict[str, Json] = field(default_factory=dict)
    loops: dict[str, dict[str, Json]] = field(default_factory=dict)
    defaults: dict[str, ParameterDefault] = field(default_factory=dict)
    cache: dict[str, Value] = field(default_factory=dict)
    pending: dict[str, None] = field(default_factory=dict)
    symbols: dict[str, ReferencedResource] = field(default_factory=dict)
    types: Types = field(default_factory=lambda: Types({}))
    _late: Frame | None = None

    def running(self, session: Session) -> Frame:
        """The same names asked of another session, which evaluates the variables anew."""
        return replace(self, session=session, cache={}, _late=None)

    @property
    def foretells(self) -> bool:
        """Whether reference() is answered by what the template itself says of the resource."""
        return self.session.predicting and self.session.foretelling

    def late(self) -> Frame:
        """The same names in a session in which only the run can answer reference()."""
        if self._late is None:
            self._late = self.running(replace(self.session, foretelling=False))
        return self._late
