// A module whose parameters have secure parts: inside objects, lists, tuples and by any other name.
@secure()
type hidden = string
@export()
type login = {
  user: string
  @secure()
  password: string
  @secure()
  token: object?
  *: hidden
}
param one login
param many login[]
param pair [string, hidden]
param defaulted login = { user: 'u', password: 'known' }
resource x 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: one.user
  location: 'westeurope'
  tags: {
    password: one.password
    token: one.?token.a
    other: one.other
    whole: string(one)
    first: many[0].password
    all: join(map(many, l => l.user), ',')
    second: pair[1]
    open: pair[0]
    known: defaulted.password
    count: string(length(one))
  }
}
output who object = { user: one.user, none: empty(one.password), users: map(many, l => l.user) }
