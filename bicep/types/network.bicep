metadata name = 'Types of the network stage'
metadata description = 'Parameter types of the network stage.'

import { Site, Tags } from '../types.bicep'

@export()
@description('An inbound rule of a network security group.')
type SecurityRule = {
  @description('Name of the rule.')
  name: string
  @description('Priority; lower numbers are evaluated first.')
  priority: int
  @description('Source of the traffic: a service tag or an address range.')
  source: string
  @description('Destination ports or port ranges.')
  ports: string[]
}

@export()
@description('A subnet and its network security group.')
type Subnet = {
  @description('Name of the subnet.')
  name: string
  @description('Address prefix in CIDR notation.')
  addressPrefix: string
  @description('Name of the network security group.')
  networkSecurityGroupName: string
  @description('Inbound TCP rules, in addition to the default rules.')
  rules: SecurityRule[]
  @description('Whether the subnet has outbound internet access.')
  outbound: bool
  @description('Service that the subnet is delegated to; omitted for none.')
  delegation: string?
}

@export()
@description('A virtual network and its subnets.')
type VirtualNetwork = {
  @description('Name of the route table without routes for subnets that have no other; omitted for none.')
  routeTableName: string?
  @description('Name of the virtual network.')
  name: string
  @description('Address prefix in CIDR notation.')
  addressPrefix: string
  @description('Subnets of the network.')
  subnets: Subnet[]
}

@export()
@description('The hub, new or existing, in any subscription.')
type Hub = {
  @description('Subscription.')
  subscriptionId: string
  @description('Resource group.')
  resourceGroupName: string
  @description('Name of the virtual network.')
  networkName: string
  @description('Whether spokes use the ExpressRoute or VPN gateway of the hub.')
  gatewayTransit: bool
}

@export()
@description('The new spoke of one environment.')
type Spoke = {
  @description('The environment and its location.')
  site: Site
  @description('Virtual network of the spoke.')
  network: VirtualNetwork
  @description('Name of the peering from the hub to the spoke.')
  peeringName: string
  @description('Name of the NAT gateway, for egress through a NAT gateway.')
  natGatewayName: string
  @description('Name of the public IP address of the NAT gateway.')
  publicIpName: string
  @description('Whether the NAT gateway is in all availability zones.')
  redundantNat: bool
  @description('Name of the route table, for egress through a firewall.')
  routeTableName: string
}

@export()
@description('Private DNS zones to create and the networks linked to them.')
type PrivateDns = {
  @description('Names of the zones in this cloud.')
  zoneNames: string[]
  @description('Names of the zones of Kubernetes API servers, to which AKS links the networks of its clusters.')
  clusterZoneNames: string[]
  @description('Names of the virtual network links, one for each network.')
  linkNames: string[]
  @description('Resource ids of the networks, in the same order.')
  networkIds: string[]
  @description('Whether names that a zone does not have are resolved by public DNS.')
  internetFallback: bool
}

@export()
@description('A DNS resolver in the hub for on-premises servers.')
type Resolver = {
  @description('Name of the resolver.')
  name: string
  @description('Name of the inbound endpoint.')
  endpointName: string
  @description('Name of the delegated subnet in the hub.')
  subnetName: string
  @description('IP address of the inbound endpoint.')
  address: string
}

@export()
@description('A data collection endpoint of Azure Monitor.')
type CollectionEndpoint = {
  @description('Name of the endpoint.')
  name: string
  @description('Subscription.')
  subscriptionId: string
  @description('Resource group.')
  resourceGroupName: string
  @description('Region: that of the workspace for ingestion, that of a cluster for its configuration.')
  location: string
  @description('Tags of the endpoint.')
  tags: Tags
  @description('Whether it accepts telemetry from public networks.')
  publicIngestion: bool
}
