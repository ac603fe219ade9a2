// What the network stage is given.

import { Site } from '../types.bicep'

@export()
@description('A rule of a network security group, beside those that every group has.')
type SecurityRule = {
  @description('Name of the rule.')
  name: string
  @description('What comes first: the smaller number.')
  priority: int
  @description('Where the traffic comes from: a service tag or an address range.')
  source: string
  @description('Ports or ranges of ports that it may reach.')
  ports: string[]
}

@export()
@description('A subnet with a network security group of its own.')
type Subnet = {
  @description('Name of the subnet.')
  name: string
  @description('Address prefix in CIDR notation.')
  addressPrefix: string
  @description('Name of its network security group.')
  networkSecurityGroupName: string
  @description('What its network security group lets in over TCP, beside what every group does.')
  rules: SecurityRule[]
  @description('Whether what is in it reaches the internet.')
  outbound: bool
  @description('Service that the subnet is delegated to.')
  delegation: string?
}

@export()
@description('A virtual network and its subnets.')
type VirtualNetwork = {
  @description('Name of the virtual network.')
  name: string
  @description('Address prefix in CIDR notation.')
  addressPrefix: string
  @description('Its subnets.')
  subnets: Subnet[]
}

@export()
@description('The hub, which is built here or exists already, perhaps in another subscription.')
type Hub = {
  @description('Subscription that it is in.')
  subscriptionId: string
  @description('Resource group that it is in.')
  resourceGroupName: string
  @description('Name of the virtual network.')
  networkName: string
  @description('Whether spokes are reached through its ExpressRoute or VPN gateway.')
  gatewayTransit: bool
}

@export()
@description('The spoke of one environment, which is built here.')
type Spoke = {
  @description('The environment, and where it is built.')
  site: Site
  @description('Its virtual network.')
  network: VirtualNetwork
  @description('Name of the peering that leads from the hub to it.')
  peeringName: string
  @description('Name of its NAT gateway, for egress through one.')
  natGatewayName: string
  @description('Name of the public address of the NAT gateway.')
  publicIpName: string
  @description('Name of its route table, for egress through a firewall.')
  routeTableName: string
}

@export()
@description('Private DNS zones that are built here, and the networks that see them.')
type PrivateDns = {
  @description('Names of the zones, as this cloud calls them.')
  zoneNames: string[]
  @description('Names of the links, one for each network.')
  linkNames: string[]
  @description('Ids of the networks, in the same order.')
  networkIds: string[]
}

@export()
@description('An address in the hub that servers on the premises ask for private names.')
type Resolver = {
  @description('Name of the resolver.')
  name: string
  @description('Name of its inbound endpoint.')
  endpointName: string
  @description('Name of the subnet of the hub that is given over to it.')
  subnetName: string
  @description('The address.')
  address: string
}
