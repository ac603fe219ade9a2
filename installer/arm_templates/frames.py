"""The environment of one template: its parameters, variables, functions, scope and resources."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from installer.arm_templates.types import Types

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from installer.arm_templates.scopes import Context, Runtime
    from installer.arm_templates.values import Value
    from installer.jsontypes import Json

Phase: TypeAlias = Literal["default", "static", "metadata", "body", "output"]
_NO_LOOPS: dict[str, int] = {}
_NO_VALUES: dict[str, Value] = {}


@dataclass(frozen=True, slots=True)
class Locals:
    """Names that are bound at one place of a template only: loop counters, lambda and function parameters.

    Attributes:
        loops: Index of every enclosing loop, by lower-case name.
        loop: Name of the innermost loop.
        variables: Lambda parameters.
        arguments: Parameters of the user function whose body is being evaluated, None outside one.
        phase: Which functions are allowed: ``default`` (default value of a parameter), ``static`` (names, counts,
            conditions and variables, which are known before the run), ``metadata`` (tags and sku, where the run
            evaluates references but a prediction does not), ``body`` or ``output``.

    """

    loops: Mapping[str, int] = field(default_factory=lambda: _NO_LOOPS)
    loop: str | None = None
    variables: Mapping[str, Value] = field(default_factory=lambda: _NO_VALUES)
    arguments: Mapping[str, Value] | None = None
    phase: Phase = "body"

    def in_loop(self, loop: str, index: int, *, unnamed: bool = True) -> Locals:
        """The locals one loop deeper; ``unnamed`` when copyIndex() without a name means this loop."""
        inner = loop.lower()
        innermost = inner if unnamed else self.loop
        return Locals({**self.loops, inner: index}, innermost, self.variables, self.arguments, self.phase)

    def with_variables(self, variables: Mapping[str, Value]) -> Locals:
        """The locals with lambda parameters added."""
        return Locals(self.loops, self.loop, {**self.variables, **variables}, self.arguments, self.phase)

    def in_phase(self, phase: Phase) -> Locals:
        """The same locals in another phase."""
        return self if phase == self.phase else Locals(self.loops, self.loop, self.variables, self.arguments, phase)


class ReferencedResource(Protocol):
    """A resource of a plan, as reference() and list*() need it."""

    @property
    def key(self) -> str:
        """Unique in its plan."""

    @property
    def id(self) -> str:
        """Its resource id; empty for a resource of an extension."""

    @property
    def name(self) -> str:
        """Its full name."""

    @property
    def type(self) -> str:
        """Its full type."""

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
    def undecided(self) -> bool:
        """Whether its condition, its name or its scope is known only during the run."""

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
    """How to evaluate a template.

    Attributes:
        runtime: The live resources; None evaluates offline.
        predicting: Whether to evaluate exactly as the compiler's snapshot does.
        referenced: Called with each resource that reference() or list*() resolves.
        groups: Location and tags of the resource groups that the plans of this session create, by lower-case id.
        predict_references: Whether a prediction answers reference() from the definition of the resource.

    """

    runtime: Runtime | None = None
    predicting: bool = False
    referenced: Callable[[ReferencedResource], None] | None = None
    groups: dict[str, dict[str, Value]] = field(default_factory=dict)
    predict_references: bool = True


@dataclass(slots=True)
class Parameter:
    """A parameter with its value; ``type`` is ARM's name for its type, ``String`` to ``SecureObject``."""

    type: str
    value: Value
    secure: bool


@dataclass(slots=True)
class UserFunction:
    """A function that the template defines; parameter names are lower-case."""

    parameters: tuple[str, ...]
    output: Json


@dataclass(slots=True)
class ParameterDefault:
    """A parameter that was not supplied: name and definition. Its default is evaluated on first use."""

    name: str
    definition: dict[str, Json]


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
    _deferred: Frame | None = None
    _predicting: dict[bool, Frame] = field(default_factory=dict)

    def in_session(self, session: Session) -> Frame:
        """The same names in another session, which evaluates the variables again."""
        return replace(self, session=session, cache={}, _deferred=None, _predicting={})

    def predicting(self, *, references: bool = True) -> Frame:
        """The same names in a session that predicts, kept: its variables are evaluated once."""
        if references not in self._predicting:
            session = Session(predicting=True, predict_references=references)
            self._predicting[references] = self.in_session(session)
        return self._predicting[references]

    @property
    def predicts_references(self) -> bool:
        """Whether reference() is answered from the definition of the resource."""
        return self.session.predicting and self.session.predict_references

    def deferred(self) -> Frame:
        """The same names in a session that leaves reference() to the run."""
        if self._deferred is None:
            self._deferred = self.in_session(replace(self.session, predict_references=False))
        return self._deferred
