@export()
type Size = 'small' | 'large'
@export()
type Item = { name: string, size: Size?, *: string }
@export()
func full(prefix string, name string) string => '${prefix}-${toLower(name)}'
@export()
func width(size Size) int => size == 'small' ? 1 : 4
@export()
var regions = { weu: 'westeurope', neu: 'northeurope' }
@export()
var list = ['a', 'b', 'c']
