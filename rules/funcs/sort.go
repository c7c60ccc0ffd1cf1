package funcs

import (
	"github.com/google/cel-go/cel"

	"github.com/musubi-run/musubi/rules/value"
)

// What sortBy() and groupBy() become: the list, and the key of each item.
const (
	SortKeys  = "@sortByAssociatedKeys"
	GroupKeys = "@groupByKeys"
)

// sorting lets CEL's sort() and sortBy() order by the kinds of value that are not CEL's own.
func sorting() []cel.EnvOption {
	items := cel.ListType(cel.TypeParamType("T"))
	var options []cel.EnvOption
	for _, key := range []*cel.Type{value.DateType, value.DecimalType} {
		keys := cel.ListType(key)
		options = append(options,
			cel.Function("sort", cel.MemberOverload("list_"+key.TypeName()+"_sort", []*cel.Type{keys}, keys)),
			cel.Function(SortKeys, cel.MemberOverload("list_"+key.TypeName()+"_sortByAssociatedKeys", []*cel.Type{items, keys}, items)))
	}
	return options
}
