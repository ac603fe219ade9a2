// What the ingress stage is given.

@export()
@description('An Application Gateway before the web app of one environment.')
type Gateway = {
  @description('Name of the gateway.')
  name: string
  @description('Name of its public address.')
  publicIpName: string
  @description('Name of its firewall policy.')
  policyName: string
  @description('Zones that its instances are spread over; none for all in one.')
  zones: string[]
  @description('How many instances it grows to, as far as its subnet has addresses.')
  maxInstances: int
  @description('Identity by which it reads its certificate.')
  identityName: string
  @description('Address of the certificate in a key vault, without a version.')
  certificateUri: string
}

@export()
@description('A Front Door before the web app of one environment.')
type FrontDoor = {
  @description('Name of the profile.')
  name: string
  @description('Name of the endpoint.')
  endpointName: string
  @description('Name of its firewall policy.')
  policyName: string
  @description('Name of the custom domain.')
  domainName: string
  @description('Region from which it reaches the web app.')
  privateLinkLocation: string
  @description('By what the owner of the web app tells our request for a private link from others.')
  requestMessage: string
  @description('Part of the web app that the private link opens, in the words of its service.')
  groupId: string
  @description('Identity by which it reads its certificate; absent where it gets one by itself.')
  identityName: string?
}

@export()
@description('The web app behind the ingress.')
type Origin = {
  @description('Its own host name, which it is asked by.')
  hostName: string
  @description('Path where it answers when it is well.')
  healthPath: string
}

@export()
@description('A record that must stand in public DNS.')
type DnsRecord = {
  @description('Name of the record.')
  name: string
  @description('Type of the record.')
  type: string
  @description('What it says; empty until Azure has made it up.')
  value: string
}
