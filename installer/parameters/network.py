"""Parameters of stage 2, network."""

from installer.addressing import Network
from installer.jsontypes import Json
from installer.parameters.installation import Installation
from installer.parameters.spec import Outputs


def network(it: Installation, _outputs: Outputs) -> dict[str, Json]:
    """Hub, spokes, egress and private DNS."""
    names, network = it.names, it.answers.network
    hub, *spokes = it.addresses.networks
    return {
        "location": it.answers.subscription.region,
        "tags": it.tags(),
        "platformGroupName": names.platform_group,
        "hub": _virtual_network(it, hub),
        "environments": [
            {
                "name": spoke.name,
                "resourceGroupName": names.group(spoke.name),
                "tags": it.tags(spoke.name),
                "network": _virtual_network(it, spoke),
                "natGatewayName": names.nat_gateway(spoke.name),
                "publicIpName": names.nat_address(spoke.name),
                "routeTableName": names.route_table(spoke.name),
            }
            for spoke in spokes
        ],
        "egress": network.egress,
        "firewallAddress": network.firewall_address if network.egress == "firewall" else None,
        "privateDnsZoneNames": list(names.private_dns_zones),
        "privateDnsLinks": [
            {
                "name": names.network_link(name),
                "resourceGroupName": group,
                "networkName": names.virtual_network(name),
            }
            for name, group in (
                ("hub", names.platform_group),
                *((name, names.group(name)) for name in it.environments),
            )
        ],
    }


def _virtual_network(it: Installation, network: Network) -> dict[str, Json]:
    return {
        "name": it.names.virtual_network(network.name),
        "addressPrefix": network.prefix,
        "subnets": [
            {
                "name": it.names.subnet(subnet.name),
                "addressPrefix": subnet.prefix,
                "networkSecurityGroupName": it.names.security_group(network.name, subnet.name),
                **({"delegation": subnet.delegation} if subnet.delegation else {}),
            }
            for subnet in network.subnets
        ],
    }
