"""Names of networks, egress and ingress. `network` is "hub" or an environment."""

from typing import Final

from installer.conventions.naming.rules import HYPHENATED, NameRule, NamesBase

NAME_RULES: Final[dict[str, NameRule]] = {
    "virtual_network": NameRule(HYPHENATED, 64),
    "nat_gateway": NameRule(HYPHENATED, 80),
    "nat_address": NameRule(HYPHENATED, 80),
    "route_table": NameRule(HYPHENATED, 74),
    "gateway": NameRule(HYPHENATED, 80),
    "gateway_address": NameRule(HYPHENATED, 80),
    "gateway_policy": NameRule(HYPHENATED, 128),
    "front_door": NameRule(HYPHENATED, 90),
    "front_door_endpoint": NameRule(HYPHENATED, 46),
    "front_door_policy": NameRule(r"[a-z][a-z0-9]*", 128, said="letters and digits, starting with a letter"),
    "resolver": NameRule(HYPHENATED, 80, each=False),
    "subnet": NameRule(HYPHENATED, 80, which=()),
}


class NetworkNames(NamesBase):
    """Names of networks, egress and ingress."""

    def virtual_network(self, network: str) -> str:
        """Virtual network of the hub or of an environment."""
        return self._named("virtual_network", f"vnet-ff-{self.prefix}-{network}", network)

    def subnet(self, subnet: str) -> str:
        """Subnet, by its name in the address plan."""
        return self._named("subnet", f"snet-{subnet}", subnet)

    def security_group(self, network: str, subnet: str) -> str:
        """Network security group of a subnet."""
        return f"nsg-ff-{self.prefix}-{network}-{subnet}"

    def nat_gateway(self, environment: str) -> str:
        """NAT gateway of a spoke."""
        return self._named("nat_gateway", f"ng-ff-{self.prefix}-{environment}", environment)

    def nat_address(self, environment: str) -> str:
        """Public IP address of the NAT gateway of a spoke."""
        return self._named("nat_address", f"pip-ff-{self.prefix}-{environment}-nat", environment)

    def route_table(self, environment: str) -> str:
        """Route table of a spoke."""
        return self._named("route_table", f"rt-ff-{self.prefix}-{environment}", environment)

    def empty_route_table(self, network: str) -> str:
        """Route table of the subnets that need none, where every subnet has one."""
        return f"{self.route_table(network)}-empty"

    def peering(self, environment: str) -> str:
        """Peering from the hub (possibly shared with others) to the spoke of an environment."""
        return f"to-{self.virtual_network(environment)}"

    @property
    def resolver(self) -> str:
        """DNS private resolver in the hub."""
        return self._named("resolver", f"dnspr-ff-{self.prefix}")

    @property
    def resolver_endpoint(self) -> str:
        """Inbound endpoint of the DNS private resolver."""
        return "inbound"

    def gateway(self, environment: str) -> str:
        """Application Gateway."""
        return self._named("gateway", f"agw-ff-{self.prefix}-{environment}", environment)

    def gateway_address(self, environment: str) -> str:
        """Public IP address of the Application Gateway."""
        return self._named("gateway_address", f"pip-ff-{self.prefix}-{environment}-gateway", environment)

    def gateway_policy(self, environment: str) -> str:
        """WAF policy of the Application Gateway."""
        return self._named("gateway_policy", f"waf-ff-{self.prefix}-{environment}", environment)

    def front_door(self, environment: str) -> str:
        """Front Door profile."""
        return self._named("front_door", f"afd-ff-{self.prefix}-{environment}", environment)

    def front_door_endpoint(self, environment: str) -> str:
        """Front Door endpoint; Azure adds a suffix that makes its host name unique."""
        return self._named("front_door_endpoint", f"fde-ff-{self.prefix}-{environment}", environment)

    def front_door_policy(self, environment: str) -> str:
        """WAF policy of Front Door."""
        return self._named("front_door_policy", f"wafff{self.prefix}{environment}", environment)

    def network_link(self, network: str) -> str:
        """Virtual network link of a private DNS zone."""
        return f"to-{network}"

    def private_endpoint(self, target: str, part: str) -> str:
        """Private endpoint of a sub-resource of `target`."""
        return f"pe-{target}-{part}"
