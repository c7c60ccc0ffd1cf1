package simkit

import (
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

type person struct{ id, mail string }

// TestCollectionAgreesWithAPlainMap does random things to a collection and to a
// map with an order list, and compares all that can be seen.
func TestCollectionAgreesWithAPlainMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := NewCollection[person]()
		c.Index("mail", func(p person) []string { return []string{p.mail} })
		rows, order := map[string]person{}, []string{}
		ids := rapid.SampledFrom([]string{"1", "2", "3", "4", "5", "6"})
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				p := person{ids.Draw(t, "id"), ids.Draw(t, "mail")}
				if _, there := rows[p.id]; !there {
					order = append(order, p.id)
				}
				rows[p.id] = p
				c.Put(p.id, p)
			},
			"update": func(t *rapid.T) {
				id, mail := ids.Draw(t, "id"), ids.Draw(t, "mail")
				_, found, err := c.Update(id, func(p person) (person, error) { p.mail = mail; return p, nil })
				if _, there := rows[id]; there != found || err != nil {
					t.Fatalf("update %s: %v, %v", id, found, err)
				}
				if found {
					rows[id] = person{id, mail}
				}
			},
			"delete": func(t *rapid.T) {
				id := ids.Draw(t, "id")
				_, there := rows[id]
				delete(rows, id)
				order = slices.DeleteFunc(order, func(o string) bool { return o == id })
				if c.Delete(id) != there {
					t.Fatalf("delete %s: %v", id, !there)
				}
			},
			"": func(t *rapid.T) { compare(t, c, rows, order) },
		})
	})
}

func compare(t *rapid.T, c *Collection[person], rows map[string]person, order []string) {
	all := []person{}
	byMail := map[string][]person{}
	for _, id := range order {
		all = append(all, rows[id])
		byMail[rows[id].mail] = append(byMail[rows[id].mail], rows[id])
		if got, ok := c.Get(id); !ok || got != rows[id] {
			t.Fatalf("get %s: %v", id, got)
		}
	}
	if got := c.Select(nil); !slices.Equal(got, all) || c.Len() != len(all) {
		t.Fatalf("all: %v, want %v", got, all)
	}
	for i := range 7 {
		mail := strconv.Itoa(i)
		got := c.Find("mail", mail)
		slices.SortFunc(got, func(a, b person) int { return slices.Index(order, a.id) - slices.Index(order, b.id) })
		if !slices.Equal(got, byMail[mail]) {
			t.Fatalf("mail %s: %v, want %v", mail, got, byMail[mail])
		}
	}
}

func TestCollectionKeepsTheOldValueWhenAnUpdateFails(t *testing.T) {
	c := NewCollection[person]()
	c.Put("1", person{"1", "a"})
	refusal := errors.New("no")
	_, found, err := c.Update("1", func(p person) (person, error) { p.mail = "b"; return p, refusal })
	if got, _ := c.Get("1"); !found || !errors.Is(err, refusal) || got.mail != "a" {
		t.Errorf("found %v, error %v, mail %s", found, err, got.mail)
	}
}

// ticker is a clock that only moves when told.
type ticker struct{ at time.Time }

func (t *ticker) now() time.Time { return t.at }

func TestBucketRefills(t *testing.T) {
	clock := &ticker{at: time.Unix(1000, 0)}
	b := NewBucket(clock.now, 2, 2)
	for _, key := range []string{"a", "a", "b", "b"} {
		if b.Take(key, 1) != 0 {
			t.Fatal("a full bucket refused")
		}
	}
	if wait := b.Take("a", 1); wait != 500*time.Millisecond {
		t.Errorf("wait %v", wait)
	}
	clock.at = clock.at.Add(500 * time.Millisecond)
	first, second := b.Take("a", 1), b.Take("a", 1)
	if first != 0 || second == 0 {
		t.Error("half a second makes one token")
	}
	b.Set(0, 0)
	if b.Take("a", 100) != 0 {
		t.Error("rate 0 is no limit")
	}
}

func TestQuotaStartsAgainWithTheWindow(t *testing.T) {
	clock := &ticker{at: time.Unix(1000, 0)}
	q := NewQuota(clock.now, 2, time.Hour)
	for i, want := range []bool{true, true, false} {
		if _, ok := q.Use("a"); ok != want {
			t.Errorf("use %d: %v", i, ok)
		}
	}
	clock.at = clock.at.Add(time.Hour)
	if used, ok := q.Use("a"); !ok || used != 1 {
		t.Errorf("next window: %d, %v", used, ok)
	}
}

func TestGateCountsWhoIsInside(t *testing.T) {
	g := NewGate(1)
	if !g.Enter("a") || g.Enter("a") || !g.Enter("b") {
		t.Error("one per key")
	}
	g.Leave("a")
	if !g.Enter("a") {
		t.Error("left, but still full")
	}
}
