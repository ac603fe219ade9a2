"""Page Images: how the container images reach the registry of the installation.

Everything that is deployed names its image by digest, whichever way the image came.
"""

from typing import Annotated, Literal

from pydantic import Field

from installer.answers.ask import Ask, Page, View
from installer.answers.pages.patterns import SOURCE_IMAGE, SOURCE_IMAGE_WORDS
from installer.answers.pages.registry_sign_in import PASSWORD, USER, registry_password, registry_user


def _imports_prefect(view: View) -> bool:
    return view.get("images.prefect_source") == "import"


def _imports_web(view: View) -> bool:
    return view.get("images.web_source") == "import"


def _imports(view: View) -> bool:
    return _imports_prefect(view) or _imports_web(view)


def _has_user(view: View) -> bool:
    return _imports(view) and bool(view.get("images.user"))


class Images(Page):
    """Origin of the container images."""

    prefect_source: Annotated[
        Literal["build", "import", "push"],
        Ask(
            "Prefect image from",
            help="A registry task builds the image from the files of this installer, which needs a registry with public "
            "access. Or Azure copies it from another registry; or you push it, and the run waits for its digest.",
            options={
                "build": "built in the registry",
                "import": "another registry",
                "push": "pushed by you",
            },
        ),
    ] = "push"
    prefect_from: Annotated[
        str,
        Field(pattern=SOURCE_IMAGE, max_length=512),
        Ask(
            "Prefect source",
            help="Registry, repository and digest of the image to import.",
            allowed=SOURCE_IMAGE_WORDS,
            example=f"registry.example.com/flowforge/prefect@sha256:{'0' * 64}",
            applies=_imports_prefect,
        ),
    ] = ""
    web_source: Annotated[
        Literal["import", "push"],
        Ask(
            "Web app image from",
            help="Azure copies the image from the registry that FlowForge delivers it in; or you push it, and the run "
            "waits for its digest.",
            options={"import": "another registry", "push": "pushed by you"},
        ),
    ] = "push"
    web_from: Annotated[
        str,
        Field(pattern=SOURCE_IMAGE, max_length=512),
        Ask(
            "Web app source",
            help="Registry, repository and digest of the image to import.",
            allowed=SOURCE_IMAGE_WORDS,
            example=f"registry.example.com/flowforge/web@sha256:{'0' * 64}",
            applies=_imports_web,
        ),
    ] = ""
    user: Annotated[
        str, USER, registry_user("Registry user", "the registry that images are imported from", _imports)
    ] = ""
    password: Annotated[
        str, PASSWORD, registry_password("Registry password", "env:FLOWFORGE_REGISTRY_PASSWORD", _has_user)
    ] = ""
