"""The app of background services does not stay when several Prefect servers have become one."""

from typing import TYPE_CHECKING

from installer.cloud.rest import Service
from installer.estate.parameters.context import Installation
from installer.steps.former_services import VERSION, RemoveFormerServices, removes_former_services
from tests.bicep.answers_variants import answers
from tests.steps.prerequisites import put
from tests.steps.step_context import GROUPS, Attempt

if TYPE_CHECKING:
    from installer.jsontypes import Json


def test_one_server_leaves_no_app_of_background_services(azure: Service) -> None:
    it = Installation(answers("dev", prefix="fsv", platform={"runtime": "container_apps"}))
    (site,) = it.sites
    assert removes_former_services(it, site)
    group = f"{GROUPS}/{it.names.group('dev')}"
    put(azure, group, "2025-04-01", location="swedencentral")
    apps = f"{group}/providers/Microsoft.App/containerApps"
    template: Json = {"containers": [{"name": "c", "image": "docker.io/x:1"}]}
    for name in ("services", "prefect"):
        where = f"{apps}/{it.names.app('dev', name)}"
        put(azure, where, VERSION, location="swedencentral", properties={"template": template, "configuration": {}})
    step, attempt = RemoveFormerServices(azure, it, site), Attempt()
    assert attempt.run(step)[0] == "done"
    assert azure.find(f"{apps}/{it.names.app('dev', 'services')}?api-version={VERSION}") is None
    assert azure.find(f"{apps}/{it.names.app('dev', 'prefect')}?api-version={VERSION}") is not None
    assert attempt.run(step)[0] == "was so"


def test_several_servers_keep_theirs() -> None:
    it = Installation(answers("dev", platform={"runtime": "container_apps", "prefect_servers": 2}))
    assert not removes_former_services(it, it.site("dev"))
    on_aks = Installation(answers("dev"))
    assert not removes_former_services(on_aks, on_aks.site("dev")), "the cluster removes them with its server"
