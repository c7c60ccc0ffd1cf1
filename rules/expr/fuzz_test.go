package expr_test

import (
	"testing"

	"github.com/google/cel-go/interpreter"

	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/sdk/abi"
)

var order = &abi.Schema{
	Type: abi.TypeObject,
	Properties: map[string]*abi.Schema{
		"id": {Type: abi.TypeString}, "total": {Type: abi.TypeInteger}, "coupon": {Type: abi.TypeString},
		"items": {Type: abi.TypeArray, Items: &abi.Schema{
			Type:       abi.TypeObject,
			Properties: map[string]*abi.Schema{"sku": {Type: abi.TypeString}, "price": {Type: abi.TypeInteger}},
			Required:   []string{"sku", "price"},
		}},
	},
	Required: []string{"id", "items", "total"},
}

const orderJSON = `{"id":"O-1","total":5400,"items":[{"sku":"A","price":100},{"sku":"B","price":50}]}`

// FuzzCompile checks and evaluates anything as an expression: nothing may
// panic, and every fault lies within the text and has words.
func FuzzCompile(f *testing.F) {
	for _, text := range []string{
		`order.total > 1000 && order.items.exists(i, i.sku == "A")`, `has(order.coupon) ? order.coupon : 'x'`,
		`order.items.sum(i, i.price).yen()`, `{'a': [1, 2.0, null]}`, `order.?coupon.orValue('')`, `order[`, `"`, `a ? b`, `注文 = １`,
		`order.items.groupBy(i, i.sku)`, `order.items[9].sku`, `1 / 0`, `timestamp('x')`, `${order.id}`, `text('a')`,
		`2 * decimal('1.5') + order.total > decimal(order.id).divide(3, 2, 'half')`, `order.items.sum(i, decimal(i.price) * decimal('0.1'))`,
	} {
		f.Add(text)
	}
	lang, err := expr.Version1()
	if err != nil {
		f.Fatal(err)
	}
	typ := lang.Types().Of("order", order)
	value, err := typ.Decode([]byte(orderJSON))
	if err != nil {
		f.Fatal(err)
	}
	vars, err := interpreter.NewActivation(map[string]any{"order": value})
	if err != nil {
		f.Fatal(err)
	}
	names := lang.Names(expr.Var{Name: "order", Type: typ})
	f.Fuzz(func(t *testing.T, text string) {
		e, faults := names.Compile(text, expr.Use{Test: true})
		for _, fault := range faults {
			if fault.From < 0 || fault.To < fault.From || fault.To > len([]rune(text)) || fault.Text.EN == "" || fault.Text.JA == "" {
				t.Errorf("%q: %+v", text, fault)
			}
		}
		if e == nil {
			return
		}
		if v, err := e.Eval(vars); err == nil {
			_, _ = shape.AppendJSON(nil, v) // may refuse; must not panic
		}
	})
}
