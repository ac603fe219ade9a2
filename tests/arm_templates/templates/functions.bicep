func greet(name string, loud bool) string => loud ? toUpper('hi ${name}') : 'hi ${name}'
func pairs(items array) array => map(items, i => [ i, greet(i, false) ])
func dflt(v string?) string => v ?? 'dflt'
param names array = [ 'x', 'y' ]
var conf = loadJsonContent('modules/conf.json')
var text = loadTextContent('modules/conf.json')
var b64 = base64('abc')
resource a 'Microsoft.Web/sites@2023-01-01' = {
  name: greet('a', true) == 'HI A' ? 'a' : 'b'
  location: 'w'
  tags: { greeting: greet(names[0], true), pairs: string(pairs(names)), d: dflt(null), e: dflt('q'), conf: conf.nested.value, size: string(length(text)) }
  properties: any({
    '[escaped]': '[not an expression]'
    b: b64
    date: dateTimeAdd('2020-01-01T00:00:00Z', 'P1D')
    m: '''multi
line ${x}'''
    neg: -5
    nul: null
    interp: 'it\'s ${true} ${1} ${null}'
    safe: conf.?missing.?deep ?? 'fallback'
    idx: names[?5] ?? 'none'
    fromEnd: names[^1]
    min: min(3, 1), max: max([ 1, 9 ])
    flat: flatten([ [ 1 ], [ 2, 3 ] ])
    keys: objectKeys({ b: 1, a: 2 })
    items: items({ b: 1, a: 2 })
    vals: mapValues({ b: 1, a: 2 }, v => v + 1)
    u: union({ a: { b: 1 } }, { a: { c: 2 } })
    parse: parseCidr('10.0.0.0/24')
    uri: uri('https://a.b/c/', 'd')
    fmt: format('{0:D3}|{1,5}|{2}', 7, 'x', [ 1, 'a' ])
    g: guid('a', 'b')
    us: uniqueString(resourceGroup().id)
    spread: [ ...names, 'z' ]
    obj: { ...{ a: 1 }, b: 2 }
  })
}
output n string = a.name
