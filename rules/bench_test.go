package rules

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

const flowTemplate = `language: 1
flow: flow-%[1]d
title: 顧客が更新されたら取引先を作成・更新する
params:
  object: {type: string, default: Account}
on: {connection: shop, event: %[2]s}
when: %[3]s
steps:
  - id: customer
    call: shop.customer.get
    with: {id: "${event.data.id}"}
  - if: '!has(customer.email)'
    then:
      - stop: メールアドレスのない顧客です
  - id: found
    call: crm.record.search
    with:
      object: ${params.object}
      match: {Mail__c: "${customer.email}"}
  - switch:
      - when: found.total_size == 0
        steps:
          - call: crm.record.create
            with:
              object: ${params.object}
              fields: {Name: "${customer.?full_name}", Mail__c: "${customer.email}", AccountSource: EC}
      - otherwise:
          - call: crm.record.update
            with:
              object: ${params.object}
              id: ${found.records[0].id}
              fields: {Name: "${customer.?full_name}", Mail__c: "${customer.email}"}
`

// manyFlows is a folder of n flows, every tenth on orders that cost more than its own limit.
func manyFlows(n int) fstest.MapFS {
	return listeners(n, func(i int) string { return fmt.Sprintf("event.data.total > %d", 1000+i) })
}

// listeners is a folder of n flows, every tenth on orders with a condition of its own.
func listeners(n int, condition func(i int) string) fstest.MapFS {
	folder := fstest.MapFS{}
	for i := range n {
		event, when := "customer.updated", `event.data.number.startsWith("A")`
		if i%10 == 0 {
			event, when = "order.created", ">-\n  "+condition(i)
		}
		folder[fmt.Sprintf("flow-%d.yaml", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, flowTemplate, i, event, when)}
	}
	return folder
}

func BenchmarkCheck1000Flows(b *testing.B) {
	folder, c := manyFlows(1000), catalog(b)
	for b.Loop() {
		if _, err := Load(folder, c); err != nil {
			b.Fatal(err)
		}
	}
}

var orderData = []byte(`{"id":"O-1","number":"A1","customer_id":"30511","total":5400,"status":"paid","ordered_at":"2025-02-11T21:03:09+09:00",` +
	`"items":[{"sku":"TRIAL-7","name":"お試しセット","quantity":1,"price":1980},{"sku":"SOAP","name":"石けん","quantity":3,"price":1140}]}`)

func orderEvent() *Event {
	return &Event{ID: "e1", Connection: "shop", Type: "order.created", Subject: "O-1", Time: time.Unix(1739275389, 0), Data: orderData}
}

// BenchmarkCondition evaluates conditions on an event that is decoded already.
func BenchmarkCondition(b *testing.B) {
	conditions := map[string]string{
		"typical": `event.data.total > 3000 && event.data.status == "paid"`,
		"list":    `event.data.items.exists(i, i.sku == "TRIAL-7")`,
		"has":     `has(event.data.coupon) && event.data.coupon.startsWith("SPRING")`,
	}
	for name, when := range conditions {
		b.Run(name, func(b *testing.B) {
			flow, s := begun(b, when)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := flow.Selects(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func begun(b *testing.B, when string) (*Flow, *Scope) {
	b.Helper()
	text := fmt.Sprintf(flowTemplate, 1, "order.created", when)
	set, err := Load(fstest.MapFS{"flow.yaml": {Data: []byte(strings.ReplaceAll(text, "when: event", "when: >-\n  event"))}}, catalog(b))
	if err != nil {
		b.Fatal(rendered(b, err, English))
	}
	flow := set.Flow("flow-1")
	s, err := flow.Begin(orderEvent())
	if err != nil {
		b.Fatal(err)
	}
	return flow, s
}

// BenchmarkMatchAmong1000Flows finds the flows that want an event, decoding
// included: 100 of the 1,000 listen to its type, and each has a condition.
func BenchmarkMatchAmong1000Flows(b *testing.B) {
	cases := map[string]struct {
		when func(i int) string
		want int
	}{
		"limits": {func(i int) string { return fmt.Sprintf("event.data.total > %d", 1000+i) }, 100},
		"equality": {func(i int) string {
			return fmt.Sprintf("event.data.customer_id == '%d' && event.data.total > 1000", 30511+i)
		}, 1},
		"mixed": {func(i int) string {
			return fmt.Sprintf("event.data.status == 'paid' && event.data.total > %d && event.data.items.exists(i, i.sku == 'TRIAL-7')", 5000+i)
		}, 40},
	}
	for name, c := range cases {
		b.Run(name, func(b *testing.B) {
			set, err := Load(listeners(1000, c.when), catalog(b))
			if err != nil {
				b.Fatal(rendered(b, err, English))
			}
			b.ReportAllocs()
			for b.Loop() {
				if n := len(set.Select(orderEvent())); n != c.want {
					b.Fatalf("%d flows", n)
				}
			}
		})
	}
}

// BenchmarkMatchOneByOne asks each of the 100 flows, as for a flow of its own.
func BenchmarkMatchOneByOne(b *testing.B) {
	set, err := Load(manyFlows(1000), catalog(b))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		ev := orderEvent()
		for _, flow := range set.On(ev.Connection, ev.Type) {
			s, err := flow.Begin(ev)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := flow.Selects(s); err != nil {
				b.Fatal(err)
			}
		}
	}
}
