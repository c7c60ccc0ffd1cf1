// Program does what is hard for whoever changes the code of Go's compiler, and
// prints what came of it.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

func main() {
	for _, part := range []struct {
		name string
		do   func() any
	}{
		{"faults", faults},
		{"deferred", deferred},
		{"deep panic", func() any { return deepPanic(200) }},
		{"deep", func() any { return deep(5000) }},
		{"large frame", func() any { return largeFrame(40) }},
		{"goroutines", goroutines},
		{"goexit", goexit},
		{"select", selects},
		{"closures", closures},
		{"jumps", func() any { return jumps(57) }},
		{"switch", func() any { return switches(slices.Collect(upTo(40))) }},
		{"generics", generics},
		{"reflection", reflection},
		{"numbers", numbers},
		{"text", text},
		{"garbage", garbage},
		{"json", documents},
	} {
		fmt.Println(part.name, part.do())
	}
}

// kept keeps what would else not be computed.
var kept any

type node struct {
	next *node
	name string
	list []int
}

// caught is what f panicked with.
func caught(f func()) (what string) {
	defer func() { what = fmt.Sprint(recover()) }()
	f()
	return "nothing"
}

func faults() any {
	var none *node
	var empty []int
	var nothing any = "text"
	var unset map[string]int
	zero, far := len(empty), len(empty)+9
	return []string{
		caught(func() { none.next.name = "x" }),
		caught(func() { kept = none.list[0] }),
		caught(func() { empty[far]++ }),
		caught(func() { kept = empty[far:zero] }),
		caught(func() { kept = far / zero }),
		caught(func() { kept = nothing.(fmt.Stringer) }),
		caught(func() { unset["x"] = 1 }),
		caught(func() { kept = [4]int(make([]int, far-7)) }),
		caught(func() { panic(errors.New("own")) }),
		caught(func() {}),
	}
}

func deferred() any {
	var order []string
	result := func() (n int) {
		for i := range 3 {
			defer func() { order = append(order, fmt.Sprint(i)); n *= i + 2 }()
		}
		defer func() {
			if r := recover(); r != nil {
				order = append(order, fmt.Sprint(r))
				n++
			}
		}()
		n = 5
		func() {
			defer func() { order = append(order, "inner") }()
			panic("out")
		}()
		return 7
	}()
	again := caught(func() {
		defer func() { panic(fmt.Sprint("second after ", recover())) }()
		panic("first")
	})
	return []any{result, order, again}
}

func deepPanic(n int) (left int) {
	defer func() {
		if n%50 == 0 {
			if r := recover(); r != nil {
				left = n
				if n < 150 {
					panic(r)
				}
			}
		}
	}()
	if n == 0 {
		var none *node
		return len(none.name)
	}
	return deepPanic(n-1) + 1
}

// deep grows the stack while callers hold values on it.
func deep(n int) int {
	var buffer [20]int
	for i := range buffer {
		buffer[i] = n * i
	}
	if n > 0 {
		buffer[n%20] += deep(n - 1)
	}
	sum := 0
	for _, v := range buffer[:] {
		sum = (sum*31 + v) % 1_000_003
	}
	return sum
}

func largeFrame(n int) int {
	var frame [3000]int
	frame[n] = n
	if n > 0 {
		frame[n+1] = largeFrame(n - 1)
	}
	sum := 0
	for i, v := range frame[:] {
		sum += i * v % 977
	}
	return sum
}

func goroutines() any {
	var group sync.WaitGroup
	var lock sync.Mutex
	sums := map[int]int{}
	numbers, squares := make(chan int), make(chan int, 3)
	for w := range 5 {
		group.Go(func() {
			for n := range numbers {
				if n%7 == 0 {
					runtime.Gosched()
				}
				lock.Lock()
				sums[w%1] += deep(n % 40)
				lock.Unlock()
				squares <- n * n
			}
		})
	}
	go func() {
		for n := range 300 {
			numbers <- n
		}
		close(numbers)
		group.Wait()
		close(squares)
	}()
	total := 0
	for s := range squares {
		total += s
	}
	return []any{total, sums}
}

func goexit() any {
	done := make(chan string, 2)
	go func() {
		defer func() { done <- fmt.Sprint("left with ", recover()) }()
		func() {
			defer func() { done <- "leaving" }()
			runtime.Goexit()
		}()
	}()
	return []string{<-done, <-done}
}

func selects() any {
	tick, quit := make(chan int), make(chan bool)
	go func() {
		for i := range 10 {
			tick <- i
		}
		quit <- true
	}()
	sum := 0
	for {
		select {
		case n := <-tick:
			sum += n
		case <-quit:
			return sum
		case <-time.After(time.Minute):
			return "late"
		}
	}
}

func closures() any {
	count := 0
	var steps []func(int) int
	for i := range 4 {
		steps = append(steps, func(n int) int { count += n * i; return count })
	}
	out := make([]int, 0, len(steps))
	for n, step := range steps {
		out = append(out, step(n+1))
	}
	method := (&node{name: "bound"}).title
	return []any{out, method("!")}
}

func (n *node) title(mark string) string { return strings.ToUpper(n.name) + mark }

func jumps(n int) any {
	var seen []int
outer:
	for i := 0; ; i++ {
		for j := range n {
			switch {
			case (i+j)%5 == 0:
				continue
			case j > i+3:
				continue outer
			case i*j > n:
				break outer
			}
			seen = append(seen, i*100+j)
		}
	}
	k := 0
again:
	if k < 3 {
		k++
		goto again
	}
	return []int{len(seen), seen[len(seen)-1], k}
}

func upTo(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func switches(all []int) any {
	var b strings.Builder
	for _, n := range all {
		switch n % 13 {
		case 0:
			b.WriteByte('a')
			fallthrough
		case 1, 2:
			b.WriteByte('b')
		case 3:
			b.WriteString("three")
		case 4, 5, 6, 7:
			b.WriteByte(byte('0' + n%10))
		case 11:
			continue
		default:
			b.WriteByte('.')
		}
	}
	return b.String()
}

type number interface{ ~int | ~float64 }

func fold[T number](list []T, f func(a, b T) T) (sum T) {
	for _, v := range list {
		sum = f(sum, v)
	}
	return sum
}

func generics() any {
	add := func(a, b float64) float64 { return a + b/2 }
	return []any{fold([]int{1, 2, 3}, func(a, b int) int { return a*10 + b }), fold([]float64{1, 2, 3}, add)}
}

func reflection() any {
	call := reflect.ValueOf((*node).title).Call([]reflect.Value{reflect.ValueOf(&node{name: "x"}), reflect.ValueOf("?")})
	made := reflect.MakeFunc(reflect.TypeFor[func(int, string) string](), func(in []reflect.Value) []reflect.Value {
		return []reflect.Value{reflect.ValueOf(strings.Repeat(in[1].String(), int(in[0].Int())))}
	}).Interface().(func(int, string) string)
	return []any{call[0].String(), made(3, "ab"), reflect.DeepEqual([]node{{name: "a"}}, []node{{name: "a"}})}
}

func numbers() any {
	values := []float64{0, 1.5, -2.25, math.Pi, math.Inf(1), 1e300, math.NaN()}
	out := make([]any, 0, len(values))
	for _, v := range values {
		out = append(out, int64(min(max(v, -1e18), 1e18)), int32(uint8(int(math.Mod(v, 256)))), math.Float64bits(math.Sqrt(math.Abs(v))))
	}
	var a, b int64 = math.MinInt64, -1
	return append(out, a/b, a%b, uint64(a)>>(uint(b)&70), int8(a>>57), a<<3|b&0xff)
}

func text() any {
	words := strings.Fields("結び は 注文 と 顧客 を むすぶ orders and customers")
	slices.SortFunc(words, func(a, b string) int { return len(a)*100 - len(b)*100 + strings.Compare(a, b) })
	return strings.Map(func(r rune) rune {
		if r > 0x3000 {
			return r + 1
		}
		return r
	}, strings.Join(words, "・"))
}

func garbage() any {
	var head *node
	for i := range 20_000 {
		head = &node{next: head, name: fmt.Sprint(i), list: make([]int, i%17)}
		if i%5000 == 0 {
			runtime.GC()
		}
		if i%3 == 0 {
			head = head.next
		}
	}
	count, length := 0, 0
	for n := head; n != nil; n = n.next {
		count, length = count+1, length+len(n.name)+len(n.list)
	}
	return []int{count, length}
}

func documents() any {
	type order struct {
		ID    int               `json:"id"`
		Lines []map[string]any  `json:"lines"`
		Tags  map[string]string `json:"tags,omitempty"`
		At    time.Time         `json:"at"`
	}
	var o order
	err := json.Unmarshal([]byte(`{"id":7,"lines":[{"sku":"a","n":2.5},{"sku":null}],"tags":{"x":"y"},"at":"2026-11-22T10:00:00+09:00"}`), &o)
	back, _ := json.Marshal(o)
	wrong := json.Unmarshal([]byte(`{"id":"x"}`), &o)
	keys := slices.Sorted(maps.Keys(o.Lines[0]))
	return []any{string(back), err, wrong, keys}
}
