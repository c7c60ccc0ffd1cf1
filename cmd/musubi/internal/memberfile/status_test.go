package memberfile

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStatusesThatNothingTranslatesAreCounted(t *testing.T) {
	for _, c := range []struct {
		mapping string
		want    map[string]int
	}{
		{"{connection: shop, kind: order, columns: {id: n, status: s, item.name: i}, values: {status: {キャンセル済: cancelled, 返品: canceled}}}", map[string]int{"キャンセル": 2, "canceled": 1}},
		{"{connection: shop, kind: subscription, columns: {id: n, status: s}, values: {status: {キャンセル済: cancelled, キャンセル: cancelled, shipped: active}}}", map[string]int{"返品": 1}},
		{"{connection: shop, kind: order, columns: {id: n, number: s}}", nil},
	} {
		f, err := Open(strings.NewReader("n,s,i\n1,キャンセル,a\n1,キャンセル,b\n2,キャンセル済,a\n3,キャンセル,a\n4,,a\n5,返品,a\n6,shipped,a\n"), mapping(t, c.mapping))
		if err != nil {
			t.Fatal(err)
		}
		rows := slices.Collect(f.Rows())
		if diff := cmp.Diff(c.want, f.Unknown()); diff != "" {
			t.Errorf("%s, %d rows: %s", c.mapping, len(rows), diff)
		}
	}
}
