"""The hand-over document on security: who may do what, where secrets are, what is open, and what is not covered. Pure."""

from collections.abc import Iterator
from typing import Final

from installer.answers.draft import flatten
from installer.answers.model import Answers
from installer.answers.questions import all_questions
from installer.estate.bodies import planned_bodies
from installer.estate.egress import egress
from installer.estate.parameters.context import Installation
from installer.estate.parameters.vault_secrets import secret_readers, secret_sources
from installer.handover.report import security_review
from installer.handover.report.inventory import rights
from installer.invocation import command
from installer.planning.document import Section, as_markdown, html_section, listed
from installer.topology.estate_topology import topology

NAME: Final = "security"
TITLE: Final = "Security of the installation"
_DECISIONS: Final = (
    "network.mode",
    "network.egress",
    "network.private_registry",
    "platform.private_api",
    "ingress.kind",
    "ingress.waf",
    "ingress.certificate",
    "sign_on.method",
    "data.postgres_network",
    "data.backup_days",
    "data.soft_delete_days",
    "governance.posture",
    "governance.customer_keys",
    "governance.locks",
)
"""Questions whose answers open or close something."""
_MADE: Final = {
    "generated": "made by the installer",
    "tls-key": "made by the installer",
    "tls-certificate": "made by the installer",
}


def security_markdown(answers: Answers) -> str:
    """The document as Markdown."""
    return as_markdown(TITLE, _lead(answers), tuple(_sections(answers)))


def security_html(answers: Answers) -> str:
    """The same as elements of a page."""
    return "".join(map(html_section, (listed("Basis", _lead(answers)), *_sections(answers))))


def _lead(answers: Answers) -> list[str]:
    return [
        (
            f"Installation {answers.subscription.prefix}, from its answers and templates; changes by others since then are not seen here: "
            f"{command('status')} finds them."
        )
    ]


def _sections(answers: Answers) -> Iterator[Section]:
    it = Installation(answers)
    yield Section("Decisions", ("question", "answer"), tuple(_decisions(answers)))
    yield rights(topology(answers))
    yield Section(
        "Secrets", ("environment", "secret", "origin", "kept in", "read by", "changed with"), tuple(_secrets(it))
    )
    yield from _ways_out(answers)
    yield security_review.section(security_review.reviewed(tuple(planned_bodies(answers))))
    yield listed("The installer", _installer())
    yield listed("Not covered", _open())


def _decisions(answers: Answers) -> Iterator[tuple[str, str]]:
    flat, questions = flatten(answers), all_questions()
    for key in _DECISIONS:
        if flat.get(key) not in (None, ""):
            yield questions[key].ask.label, questions[key].shown(flat[key])


def _secrets(it: Installation) -> Iterator[tuple[str, ...]]:
    for site in it.sites:
        readers = secret_readers(it, site)
        for name, source in secret_sources(it, site).items():
            yield (
                site.name,
                name,
                _MADE.get(source.partition(":")[0], "yours, by reference"),
                it.names.key_vault(site.name),
                ", ".join(readers[name]),
                command("rotate --help"),
            )


def _ways_out(answers: Answers) -> Iterator[Section]:
    rows = tuple((one.target, str(one.port), one.why) for one in egress(answers))
    if rows:
        yield Section("Ways out, which your firewall allows", ("host", "port", "purpose"), rows)


def _installer() -> list[str]:
    return [
        (
            "It stores answers, journal, events and log in a directory of its user, with mode 0700. Secrets are in none of them: they "
            "are kept in memory and in the keyring, and answers name them by reference."
        ),
        f"Its account needs the rights that {command('roles F')} lists, and only while it works.",
        (
            "It sends requests to Azure Resource Manager, Microsoft Entra, Microsoft Graph, the price list and Prefect; nothing else, "
            "and no telemetry."
        ),
        f"What it hands to support is listed before it is written, and can be pseudonymised: {command('support-bundle --pseudonymise')}.",
        "The packages that it is built from are in the bill of materials of the offline kit: "
        + command("kit --help")
        + ".",
    ]


def _open() -> list[str]:
    return [
        "Your accounts in Microsoft Entra, their second factors, and who may grant roles in the subscription.",
        "The code of your own flows and what they read and write: they run with the identity of the worker.",
        "Existing networks, firewalls and DNS zones that the answers name: the installer uses them and does not judge their rules.",
        "The machine on which the installer runs: whoever controls its account can use the account's session of Azure.",
    ]
