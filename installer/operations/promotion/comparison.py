"""The difference of two environments: images by digest, stages that are behind, the customer's flows, and answers. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.answers.pages.environment import EnvironmentPage
from installer.answers.questions import all_questions
from installer.errors import CheckBlocked
from installer.estate import keys
from installer.estate.parameters import stages
from installer.estate.parameters.images import IMAGE_KINDS, ImageUse, deployed_image, repository_of
from installer.planning.document import Section

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from installer.estate.parameters.context import Installation
    from installer.estate.parameters.images import ImageKind
    from installer.estate.parameters.stage_spec import Outputs
    from installer.jsontypes import Json
    from installer.steps.promotion import Promotion

IMAGE_ANSWERS: Final = {"prefect": "prefect_image", "web": "web_image"}
"""Answer of an environment by image."""
_DIGEST: Final = re.compile(r"sha256:([0-9a-f]{12})[0-9a-f]{52}")
_COLUMNS: Final = ("", "{0}", "{1}", "promotion")


@dataclass(frozen=True)
class Row:
    """A difference, or an image that both have.

    Attributes:
        what: Its subject.
        source: Value of the environment that is promoted.
        target: Value of the environment that it is promoted to.
        promotion: What the promotion does about it.

    """

    what: str
    source: str
    target: str
    promotion: str

    def as_json(self) -> dict[str, Json]:
        """The row as JSON."""
        return {"what": self.what, "source": self.source, "target": self.target, "promotion": self.promotion}


@dataclass(frozen=True)
class Flows:
    """The images of the customer's flows by digest, "" for none; None if they were not read."""

    source: str | None = None
    target: str | None = None
    promoted: bool = False


def images_of(it: Installation, outputs: Outputs, environment: str) -> dict[str, str]:
    """Repository and digest of each image that an environment deploys. Raises CheckBlocked if it is not installed."""
    try:
        return {kind: deployed_image(it, kind, outputs, environment) for kind in IMAGE_KINDS}
    except KeyError as missing:
        raise CheckBlocked(f"{environment} is not installed yet: Azure has no record of the image {missing}") from None


def changed_answers(
    it: Installation, environment: str, before: Mapping[str, str], after: Mapping[str, str]
) -> dict[str, str]:
    """Answers that give an environment other images, by key as a user types them; empty if it has them."""
    wanted = {
        f"{environment}.{IMAGE_ANSWERS[kind]}": image for kind, image in after.items() if image != before.get(kind)
    }
    if not wanted:
        return {}
    differ = [name for name in it.environments if name in it.answers.subscription.differ or name == environment]
    return {"subscription.differ": ", ".join(differ), **wanted}


def compared(
    it: Installation,
    pair: tuple[str, str],
    images: tuple[Mapping[str, str], Mapping[str, str]],
    flows: Flows,
    behind: Collection[str],
) -> Iterator[Row]:
    """The rows of the comparison.

    Args:
        it: The installation.
        pair: The environment that is promoted, and the one that it is promoted to.
        images: Their images.
        flows: The customer's flows.
        behind: Keys of the stages that this version of the installer would deploy again.

    """
    for kind in IMAGE_KINDS:
        source, target = (one[kind] for one in images)
        text = "same" if source == target else f"{pair[1]} gets the image of {pair[0]}"
        yield Row(ImageUse(kind).title, source, target, text)
        if source != target and repository_of(source) != repository_of(target):
            yield Row("its repository", repository_of(source), repository_of(target), "as the image")
    yield _flows(flows, pair)
    if images[0]["web"] != images[1]["web"]:
        yield Row("Tables of FlowForge", "migrated", "as of its image", "migrated after a backup")
    if images[0]["prefect"] != images[1]["prefect"] and it.answers.platform.prefect == "server":
        yield Row("Tables of Prefect", "migrated", "as of its image", "migrated after a backup")
    yield from _stages(it, pair, behind)
    yield from _answers(it, pair)


def _flows(flows: Flows, pair: tuple[str, str]) -> Row:
    def shown(digest: str | None) -> str:
        return "not read" if digest is None else digest or "none"

    text = "not promoted; --source names their files"
    if flows.source == "":
        text = f"{pair[0]} has none"
    elif flows.source is not None and flows.source == flows.target:
        text = "same"
    elif flows.promoted:
        text = f"{pair[1]} gets the image of {pair[0]}"
    return Row("Image of the flows", shown(flows.source), shown(flows.target), text)


def _stages(it: Installation, pair: tuple[str, str], behind: Collection[str]) -> Iterator[Row]:
    """A row for each kind of stage that is behind in one of the environments, or that they share."""
    specs = {spec.key: spec for spec in stages(it.answers)}
    for spec in specs.values():
        if spec.environment is None and spec.key in behind:
            yield Row(spec.title, "behind", "behind", "deployed with this version of the template")
    for spec in specs.values():
        if spec.environment != pair[1]:
            continue
        other = keys.of_environment(spec.stage, pair[0])
        states = tuple("behind" if key in behind else "as deployed" for key in (other, spec.key))
        if "behind" in states:
            yield Row(
                spec.title.partition(" · ")[0],
                states[0],
                states[1],
                "deployed with this version of the template" if states[1] == "behind" else "",
            )


def _answers(it: Installation, pair: tuple[str, str]) -> Iterator[Row]:
    """A row for each answer that differs, other than the images; none of them is copied."""
    own = [it.answers.of_environment(name) for name in pair]
    for field in EnvironmentPage.model_fields:
        if field in IMAGE_ANSWERS.values():
            continue
        values = [getattr(one, field) for one in own]
        if values[0] != values[1]:
            question = all_questions()[f"{pair[1]}.{field}"]
            shown = [question.shown(one) if one is not None else "common setting" for one in values]
            yield Row(f"{question.ask.label} ({field})", shown[0], shown[1], "stays")


def taken_back(promotion: Promotion) -> Iterator[Row]:
    """The rows of a way back: the images now, and those before."""
    for kind, now in promotion.before.items():
        before = promotion.after.get(kind, now)
        text = "same" if now == before else f"{promotion.target} gets the image before"
        yield Row(ImageUse(_kind(kind)).title, before, now, text)
    yield Row("Image of the flows", "not read", "not read", "stays; flows deploy brings the files of another version")


def _kind(text: str) -> ImageKind:
    return "prefect" if text == "prefect" else "web"


def table(rows: Sequence[Row], promotion: Promotion) -> Section:
    """The comparison as a table."""
    pair = promotion.source or "before", promotion.target
    columns = tuple(one.format(*pair) for one in _COLUMNS)
    cells = [(one.what, short(one.source), short(one.target), one.promotion) for one in rows]
    return Section(f"Difference: {pair[0]}, {pair[1]}, and what the promotion does", columns, tuple(cells))


def short(text: str) -> str:
    """A text whose digests are shortened to what a table has room for."""
    return _DIGEST.sub(r"sha256:\1…", text)
