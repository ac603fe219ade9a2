"""Pod Security Standards, as the admission plugin PodSecurity checks them in a namespace with its labels.

Checks, their order and their texts: kubernetes/kubernetes, staging/src/k8s.io/pod-security-admission/policy/check_*.go and
admission/admission.go. Not checked: AppArmor, SELinux, sysctls, /proc mounts, hosts of probes, Windows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.json_access import JsonObject, as_list, as_object, as_text, member, objects_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.jsontypes import Json

LABEL: Final = "pod-security.kubernetes.io/"
_HOST: Final = ("hostNetwork", "hostPID", "hostIPC")
_VOLUMES: Final = frozenset(
    {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
)
_BASELINE_CAPABILITIES: Final = frozenset(
    {
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"),
        *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    }
)
_PROFILES: Final = frozenset({"RuntimeDefault", "Localhost"})


def violations(labels: Mapping[str, Json], mode: str, spec: JsonObject) -> str:
    """Violations of a pod at the level of a namespace for a mode (enforce, warn), '' without any.

    Args:
        labels: Labels of the namespace.
        mode: The mode of the labels.
        spec: The spec of the pod.

    """
    level = as_text(labels.get(f"{LABEL}{mode}"), "privileged")
    if level not in {"baseline", "restricted"}:
        return ""
    version = as_text(labels.get(f"{LABEL}{mode}-version"), "latest")
    pod = _Pod(spec)
    found = list(_restricted(pod) if level == "restricted" else _baseline(pod))
    details = ", ".join(f"{reason} ({detail})" for reason, detail in found)
    return f'violate{"s" if mode == "enforce" else ""} PodSecurity "{level}:{version}": {details}' if found else ""


@dataclass(frozen=True)
class _Pod:
    spec: JsonObject

    @property
    def containers(self) -> list[JsonObject]:
        """All containers: init containers come first."""
        return [
            one
            for key in ("initContainers", "containers", "ephemeralContainers")
            for one in objects_of(self.spec.get(key))
        ]

    @property
    def context(self) -> JsonObject:
        return as_object(self.spec.get("securityContext"))

    def with_setting(self, *path: str, value: Json) -> list[str]:
        """Names of the containers whose security context has this value."""
        return [as_text(one.get("name")) for one in self.containers if member(one, "securityContext", *path) == value]


def _named(names: list[str]) -> str:
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"container{'s' if len(names) > 1 else ''} {quoted}"


def _baseline(pod: _Pod) -> Iterator[tuple[str, str]]:
    added = {
        as_text(one.get("name")): [
            as_text(item) for item in as_list(member(one, "securityContext", "capabilities", "add"))
        ]
        for one in pod.containers
    }
    bad = {name: [item for item in items if item not in _BASELINE_CAPABILITIES] for name, items in added.items()}
    if names := [name for name, items in bad.items() if items]:
        listed = ", ".join(f'"{item}"' for item in sorted({item for items in bad.values() for item in items}))
        yield (
            "non-default capabilities",
            f"{_named(names)} must not include {listed} in securityContext.capabilities.add",
        )
    yield from _host_namespaces(pod)
    if volumes := [as_text(one.get("name")) for one in objects_of(pod.spec.get("volumes")) if "hostPath" in one]:
        quoted = ", ".join(f'"{name}"' for name in volumes)
        yield "hostPath volumes", f"volume{'s' if len(volumes) > 1 else ''} {quoted}"
    yield from _ports_and_privileged(pod)
    whole = member(pod.context, "seccompProfile", "type") == "Unconfined"
    if refused := _setters(whole, pod.with_setting("seccompProfile", "type", value="Unconfined")):
        yield "seccompProfile", f'{refused} must not set securityContext.seccompProfile.type to "Unconfined"'


def _restricted(pod: _Pod) -> Iterator[tuple[str, str]]:
    yield from _host_namespaces(pod)
    yield from _ports_and_privileged(pod)
    escalating = [
        as_text(one.get("name"))
        for one in pod.containers
        if member(one, "securityContext", "allowPrivilegeEscalation") is not False
    ]
    if escalating:
        detail = f"{_named(escalating)} must set securityContext.allowPrivilegeEscalation=false"
        yield "allowPrivilegeEscalation != false", detail
    yield from _capabilities(pod)
    yield from _volumes(pod)
    yield from _identity(pod)
    yield from _seccomp(pod)


def _host_namespaces(pod: _Pod) -> Iterator[tuple[str, str]]:
    if used := [f"{name}=true" for name in _HOST if pod.spec.get(name) is True]:
        yield "host namespaces", ", ".join(used)


def _ports_and_privileged(pod: _Pod) -> Iterator[tuple[str, str]]:
    ports = {
        as_text(one.get("name")): [
            str(port["hostPort"]) for port in objects_of(one.get("ports")) if port.get("hostPort")
        ]
        for one in pod.containers
    }
    if names := [name for name, used in ports.items() if used]:
        found = sorted({port for used in ports.values() for port in used})
        uses = "use" if len(names) > 1 else "uses"
        yield "hostPort", f"{_named(names)} {uses} hostPort{'s' if len(found) > 1 else ''} {', '.join(found)}"
    if privileged := pod.with_setting("privileged", value=True):
        yield "privileged", f"{_named(privileged)} must not set securityContext.privileged=true"


def _capabilities(pod: _Pod) -> Iterator[tuple[str, str]]:
    keeping, adding, added = list[str](), list[str](), set[str]()
    for one in pod.containers:
        name, found = as_text(one.get("name")), as_object(member(one, "securityContext", "capabilities"))
        if "ALL" not in as_list(found.get("drop")):
            keeping.append(name)
        if more := {as_text(item) for item in as_list(found.get("add"))} - {"NET_BIND_SERVICE"}:
            adding.append(name)
            added |= more
    details = [f'{_named(keeping)} must set securityContext.capabilities.drop=["ALL"]'] if keeping else []
    if adding:
        quoted = ", ".join(f'"{item}"' for item in sorted(added))
        details.append(f"{_named(adding)} must not include {quoted} in securityContext.capabilities.add")
    if details:
        yield "unrestricted capabilities", "; ".join(details)


def _volumes(pod: _Pod) -> Iterator[tuple[str, str]]:
    kinds = {
        as_text(one.get("name")): next((key for key in one if key != "name"), "unknown")
        for one in objects_of(pod.spec.get("volumes"))
    }
    bad = {name: kind for name, kind in kinds.items() if kind not in _VOLUMES}
    if bad:
        many, types = len(bad) > 1, sorted(set(bad.values()))
        names, quoted = (", ".join(f'"{item}"' for item in items) for items in (bad, types))
        uses = f"{'use' if many else 'uses'} restricted volume type{'s' if len(types) > 1 else ''}"
        yield "restricted volume types", f"volume{'s' if many else ''} {names} {uses} {quoted}"


def _identity(pod: _Pod) -> Iterator[tuple[str, str]]:
    reason = "runAsNonRoot != true"
    refused = _setters(pod.context.get("runAsNonRoot") is False, pod.with_setting("runAsNonRoot", value=False))
    silent = [] if pod.context.get("runAsNonRoot") is True else pod.with_setting("runAsNonRoot", value=None)
    if refused:
        yield reason, f"{refused} must not set securityContext.runAsNonRoot=false"
    elif silent:
        yield reason, f"pod or {_named(silent)} must set securityContext.runAsNonRoot=true"
    if root := _setters(pod.context.get("runAsUser") == 0, pod.with_setting("runAsUser", value=0)):
        yield "runAsUser=0", f"{root} must not set runAsUser=0"


def _seccomp(pod: _Pod) -> Iterator[tuple[str, str]]:
    whole = member(pod.context, "seccompProfile", "type")
    own = {as_text(one.get("name")): member(one, "securityContext", "seccompProfile", "type") for one in pod.containers}
    bad = [name for name, profile in own.items() if profile is not None and profile not in _PROFILES]
    if refused := _setters(whole is not None and whole not in _PROFILES, bad):
        values = {whole, *own.values()} - _PROFILES - {None}
        quoted = ", ".join(f'"{value}"' for value in sorted(map(str, values)))
        yield "seccompProfile", f"{refused} must not set securityContext.seccompProfile.type to {quoted}"
    elif whole is None and (silent := [name for name, profile in own.items() if profile is None]):
        rule = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
        yield "seccompProfile", f"pod or {_named(silent)} {rule}"


def _setters(whole: object, names: list[str]) -> str:
    """The pod and the containers that set a value, as a text; '' if none does."""
    return " and ".join([*(["pod"] if whole else []), *([_named(names)] if names else [])])
