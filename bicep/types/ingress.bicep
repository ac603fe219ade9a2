metadata name = 'Types of the ingress stage'
metadata description = 'Parameter types of the ingress stage.'

@export()
@description('An Application Gateway in front of one or several web apps.')
type Gateway = {
  @description('Name of the gateway.')
  name: string
  @description('Name of the public IP address.')
  publicIpName: string
  @description('Name of the WAF policy.')
  policyName: string
  @description('Availability zones of the instances; empty for none.')
  zones: string[]
  @description('Maximum number of instances, limited by the size of the subnet.')
  maxInstances: int
  @description('Resource id of the managed identity that reads the certificate.')
  identityId: string
  @description('Key Vault URI of the certificate, without a version.')
  certificateUri: string
}

@export()
@description('A Front Door in front of one or several web apps.')
type FrontDoor = {
  @description('Name of the profile.')
  name: string
  @description('Name of the WAF policy.')
  policyName: string
  @description('Resource id of the managed identity that reads the certificate; omitted for a managed certificate.')
  identityId: string?
}

@export()
@description('A web app behind the ingress.')
type PublicApp = {
  @description('Name of its parts in the gateway or Front Door; web if it is the only one.')
  part: string
  @description('Public host name.')
  hostName: string
  @description('Host name of the web app itself, sent as the Host header.')
  originHostName: string
  @description('Health check path.')
  healthPath: string
  @description('Front Door: name of the endpoint.')
  endpointName: string
  @description('Front Door: name of the custom domain.')
  domainName: string
  @description('Front Door: region of the private link to the web app.')
  privateLinkLocation: string
  @description('Front Door: message that identifies the private link request of the installation.')
  requestMessage: string
  @description('Front Door: group id (sub-resource) of the private link.')
  groupId: string
}

@export()
@description('Name of a part of the only web app, or of one of several.')
func partName(name string, part string) string => part == 'web' ? name : '${name}-${part}'

@export()
@description('A required public DNS record.')
type DnsRecord = {
  @description('Name of the record.')
  name: string
  @description('Type of the record.')
  type: string
  @description('Value of the record; empty until Azure has assigned it.')
  value: string
}

@export()
@description('Rule sets, by type with their version.')
var ruleSets = loadJsonContent('../managed-rules.json').ruleSets

@export()
@description('Form fields that Entra posts to the redirect URI of the web app.')
var callbackFields = loadJsonContent('../managed-rules.json').callbackFields

@export()
@description('Prefixes of the cookies of a session; long ones are divided among several cookies.')
var sessionCookies = loadJsonContent('../managed-rules.json').sessionCookies

@export()
@description('Rules of the default rule set, by group, that mistake encoded tokens for SQL.')
var tokenRules = loadJsonContent('../managed-rules.json').tokenRules
