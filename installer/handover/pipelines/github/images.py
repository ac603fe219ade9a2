"""Workflow of the images that the customer pushes: built or fetched, pushed, and named by digest for the answers."""

from typing import Any

from installer.estate.parameters.images import ImageKind
from installer.handover.pipelines.commands import IMAGE, Commands
from installer.handover.pipelines.content import Content
from installer.handover.pipelines.github import jobs
from installer.handover.pipelines.yaml_text import action
from installer.images.commands import IMAGE_FOLDER


def images(content: Content, path: str) -> dict[str, Any]:
    """The workflow; `path`: its own. Only for answers with pushed images."""
    inputs = {
        "web_image": {
            "description": "Image of the web app to push, by digest (empty: none)",
            "type": "string",
            "required": False,
            "default": "",
        }
    }
    begun: dict[str, Any] = {"workflow_dispatch": {"inputs": inputs} if "web" in content.pushed else {}}
    if "prefect" in content.pushed:
        watched = [f"{content.folder}/{IMAGE_FOLDER}/**", path]
        begun["push"] = {"branches": [content.branch], "paths": watched}
    found: dict[str, Any] = {kind: _push(content, kind) for kind in content.pushed}
    if "web" in found:
        found["web"]["if"] = f"{jobs.on_branch(content)} && inputs.web_image != ''"
        found["web"]["env"][IMAGE] = "${{ inputs.web_image }}"
    return jobs.workflow(content, "images", begun, found)


def _push(content: Content, kind: ImageKind) -> dict[str, Any]:
    sign_in = {
        "name": "Sign in to Azure",
        "uses": action("azure/login"),
        "with": {
            "client-id": "${{ vars.AZURE_CLIENT_ID }}",
            "tenant-id": content.answers.subscription.tenant,
            "subscription-id": content.it.subscription,
            "environment": {"usgov": "azureusgovernment", "china": "azurechinacloud"}.get(
                content.answers.subscription.cloud, "azurecloud"
            ),
        },
    }
    script = Commands(content).push(kind)
    push = jobs.run("Push", f'{{\n{script}\n}} | tee -a "$GITHUB_STEP_SUMMARY"')
    made = jobs.job(
        content, content.deploys, [sign_in, push], when=jobs.on_branch(content), inside=content.it.private_registry
    )
    made["steps"] = [step for step in made["steps"] if step["name"] != "Set up the installer"]
    return made
