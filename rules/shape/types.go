package shape

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Types knows the types of all schemas in use. It is CEL's type provider, so
// that a misspelt field is an error of the check. It may be used by many goroutines.
type Types struct {
	builtin  types.Provider
	mu       sync.RWMutex
	bySchema map[*abi.Schema]*Type
	byName   map[string]*Type
}

var _ types.Provider = (*Types)(nil)

// New returns a Types that knows no schema yet. CEL's own types come from builtin.
func New(builtin types.Provider) *Types {
	return &Types{builtin: builtin, bySchema: map[*abi.Schema]*Type{}, byName: map[string]*Type{}}
}

// Of returns the type of a schema; nil stands for anything. The label names
// the schema's objects in CEL and is never seen by people.
func (t *Types) Of(label string, schema *abi.Schema) *Type {
	if schema == nil {
		schema = anything
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.of(label, schema)
}

var anything = &abi.Schema{}

func (t *Types) of(label string, schema *abi.Schema) *Type {
	if known := t.bySchema[schema]; known != nil {
		return known
	}
	made := &Type{schema: schema}
	t.bySchema[schema] = made
	switch {
	case schema.Type == abi.TypeArray:
		made.elem = t.of(label+"[]", orAnything(schema.Items))
		made.cel, made.decode = types.NewListType(made.elem.cel), made.decodeList
	case schema.Type == abi.TypeObject && len(schema.Properties) == 0 && schema.Additional != nil:
		made.elem = t.of(label+"{}", schema.Additional)
		made.cel, made.decode = types.NewMapType(types.StringType, made.elem.cel), made.decodeMap
	case schema.Type == abi.TypeObject:
		t.object(label, made)
	default:
		made.cel, made.decode = scalar(schema)
	}
	return made
}

func orAnything(s *abi.Schema) *abi.Schema {
	if s == nil {
		return anything
	}
	return s
}

// object fills in a type with named fields. Its CEL name begins with a
// character that no identifier has, so that no expression can mean the type.
func (t *Types) object(label string, made *Type) {
	name := "@" + label
	for n := 2; t.byName[name] != nil; n++ {
		name = fmt.Sprintf("@%s#%d", label, n)
	}
	t.byName[name] = made
	made.cel, made.decode = types.NewObjectType(name), made.decodeObject
	schema := made.schema
	made.index = make(map[string]int, len(schema.Properties))
	if schema.Additional != nil {
		made.elem = t.of(label+"{}", schema.Additional)
	}
	for i, field := range slices.Sorted(maps.Keys(schema.Properties)) {
		property := orAnything(schema.Properties[field])
		made.index[field] = i
		made.fields = append(made.fields, Field{
			Name: field, Type: t.of(label+"."+field, property),
			Optional: optional(schema, field), Schema: property,
		})
	}
}

// From returns the type that a CEL type stands for. What has no form in a
// schema, such as a duration, counts as anything.
func (t *Types) From(cel *types.Type) *Type {
	if known := t.named(cel.TypeName()); known != nil && cel.Kind() == types.StructKind {
		return known
	}
	return t.Of("", t.schemaOf(cel))
}

func (t *Types) schemaOf(cel *types.Type) *abi.Schema {
	switch cel.Kind() {
	case types.StructKind:
		if known := t.named(cel.TypeName()); known != nil {
			return known.schema
		}
	case types.ListKind:
		return &abi.Schema{Type: abi.TypeArray, Items: t.schemaOf(cel.Parameters()[0])}
	case types.MapKind:
		return &abi.Schema{Type: abi.TypeObject, Additional: t.schemaOf(cel.Parameters()[1])}
	case types.OpaqueKind:
		return t.opaque(cel)
	default:
	}
	return plainSchema(cel)
}

// opaque handles dates, birthdays, decimals and optional values.
func (t *Types) opaque(cel *types.Type) *abi.Schema {
	switch {
	case cel.IsExactType(value.DateType):
		return &abi.Schema{Type: abi.TypeString, Format: "date"}
	case cel.IsExactType(value.DecimalType):
		return &abi.Schema{Type: abi.TypeString, Format: "decimal"}
	case cel.IsExactType(value.BirthdayType):
		return &abi.Schema{Type: abi.TypeString, Format: "birthday"}
	case IsOptional(cel):
		s := *t.schemaOf(cel.Parameters()[0])
		s.Nullable = true
		return &s
	}
	return anything
}

// IsOptional says whether a CEL type is that of values which may be absent.
func IsOptional(cel *types.Type) bool {
	return cel.Kind() == types.OpaqueKind && cel.TypeName() == types.OptionalType.TypeName()
}

func plainSchema(cel *types.Type) *abi.Schema {
	switch cel.Kind() {
	case types.StringKind:
		return &abi.Schema{Type: abi.TypeString}
	case types.IntKind, types.UintKind:
		return &abi.Schema{Type: abi.TypeInteger}
	case types.DoubleKind:
		return &abi.Schema{Type: abi.TypeNumber}
	case types.BoolKind:
		return &abi.Schema{Type: abi.TypeBoolean}
	case types.TimestampKind:
		return &abi.Schema{Type: abi.TypeString, Format: "date-time"}
	default:
		return anything
	}
}

func (t *Types) named(name string) *Type {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.byName[name]
}

// FindStructType is part of CEL's type provider.
func (t *Types) FindStructType(name string) (*types.Type, bool) {
	known := t.named(name)
	if known == nil {
		return nil, false
	}
	return types.NewTypeTypeWithParam(known.cel), true
}

// FindStructFieldNames is part of CEL's type provider.
func (t *Types) FindStructFieldNames(name string) ([]string, bool) {
	known := t.named(name)
	if known == nil {
		return nil, false
	}
	return known.FieldNames(), true
}

// FindStructFieldType is part of CEL's type provider.
func (t *Types) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	known := t.named(name)
	if known == nil {
		return nil, false
	}
	f, found := known.Field(field)
	if !found {
		return nil, false
	}
	return known.access(f), true
}

// FindIdent is part of CEL's type provider: only CEL's own types have names.
func (t *Types) FindIdent(name string) (ref.Val, bool) { return t.builtin.FindIdent(name) }

// EnumValue is part of CEL's type provider: enumerations are strings.
func (t *Types) EnumValue(name string) ref.Val { return types.NewErr("unknown enum name '%s'", name) }

// NewValue is part of CEL's type provider: expressions cannot build objects, only maps.
func (t *Types) NewValue(name string, _ map[string]ref.Val) ref.Val {
	return types.NewErr("unknown type '%s'", name)
}
