"""Type, name and resource group of a resource ID, as the lines of a plan have them."""


def parts_of(resource_id: str) -> tuple[str, str, str]:
    """Type, name and resource group of a resource id; for an extension resource, those of the extension."""
    scope, found, own = resource_id.rpartition("/providers/")
    words = (scope if found else resource_id).strip("/").split("/")
    group = words[3] if len(words) > 3 and words[2].lower() == "resourcegroups" else ""
    if not found or "/" not in own:
        return "Microsoft.Resources/resourceGroups", group, ""
    namespace, *rest = own.split("/")
    return "/".join([namespace, *rest[0::2]]), "/".join(rest[1::2]), group
