"""Pipeline of the images that the customer pushes: built or fetched, pushed, and named by digest for the answers."""

from typing import Any

from installer.handover.pipelines.azdo import jobs
from installer.handover.pipelines.commands import Commands
from installer.handover.pipelines.content import Content
from installer.images.commands import IMAGE_FOLDER

_NONE = "none"


def images(content: Content) -> dict[str, Any]:
    """The pipeline. Only for answers with pushed images."""
    do, stages = Commands(content), []
    for kind in content.pushed:
        condition, given = jobs.on_branch(content), {}
        if kind == "web":
            given = {"image": "${{ parameters.web_image }}"}
            condition = f"and({condition}, ne('${{{{ parameters.web_image }}}}', '{_NONE}'))"
        steps = [{"checkout": "self"}, jobs.run(content, content.deploys, "Push", do.push(kind), **given)]
        stages.append(jobs.stage(kind, [], condition, [jobs.deployment(content, kind, content.deploys, steps)]))
    found = jobs.pipeline(
        content,
        f"{content.folder}/{IMAGE_FOLDER}",
        stages=stages,
        automatic="prefect" in content.pushed,
        inside=content.it.private_registry,
    )
    found["pr"] = "none"
    if "web" in content.pushed:
        title = f"Image of the web app to push, by digest ({_NONE}: no push)"
        asked = {"name": "web_image", "displayName": title, "type": "string", "default": _NONE}
        found = {"parameters": [asked], **found}
    return found
