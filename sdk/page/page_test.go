package page_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/page"
	"github.com/musubi-run/musubi/sdk/sdktest"
)

var start = sdktest.Epoch

// table is a platform's list of rows, sorted by their time of change.
type table struct {
	rows []row
	// fetched counts the pages that were asked for.
	fetched int
	// between is called after each page, while the poll is under way.
	between func()
	// tokens pages by token instead of by number.
	tokens bool
	// named has events name their facts as package page does.
	named bool
}

type row struct {
	ID      string    `json:"id"`
	Changed time.Time `json:"changed"`
	Note    string    `json:"note,omitempty"`
}

func (p *table) set(id string, changed time.Time) {
	p.rows = slices.DeleteFunc(p.rows, func(r row) bool { return r.ID == id })
	p.rows = append(p.rows, row{ID: id, Changed: changed})
	slices.SortStableFunc(p.rows, func(a, b row) int { return a.Changed.Compare(b.Changed) })
}

func (p *table) fetch(_ *sdk.Call, w page.Window) (page.Batch[row], error) {
	p.fetched++
	var from []row
	for _, r := range p.rows {
		if !r.Changed.Before(w.From) {
			from = append(from, r)
		}
	}
	skip := (w.Page - 1) * w.PerPage
	if w.Next != "" {
		skip, _ = strconv.Atoi(w.Next) // our own token
	}
	begin, end := min(skip, len(from)), min(skip+w.PerPage, len(from))
	batch := page.Batch[row]{Rows: slices.Clone(from[begin:end]), More: end < len(from)}
	if p.tokens && batch.More {
		batch.Next, batch.More = strconv.Itoa(end), false
	}
	if p.between != nil {
		p.between()
	}
	return batch, nil
}

// poller returns a connection whose one trigger polls the table.
func poller(t *testing.T, p *table, overlap time.Duration) *sdktest.Connection {
	source := page.Source[row]{
		Overlap: overlap, PerPage: 3, Fetch: p.fetch,
		Row: func(r row) (string, time.Time) { return r.ID, r.Changed },
		Event: func(_ *sdk.Call, r row) (abi.Event, error) {
			if r.ID == "ignored" {
				return abi.Event{}, nil
			}
			dedupe := ""
			if p.named {
				dedupe = r.ID + "@" + r.Changed.Format(time.RFC3339Nano)
			}
			return sdk.NewEvent("row.updated", r.ID, dedupe, r.Changed, r)
		},
	}
	c := &sdk.Connector{
		ID: "table", Version: "1", Title: abi.Text{EN: "Table"}, Settings: sdk.Settings[struct{}](),
		Triggers: []sdk.Trigger{sdk.Poll[row]("row.updated", abi.Text{EN: "A row changed"}, time.Minute, source.Poll())},
	}
	return sdktest.New(t, c, nil, http.NotFoundHandler())
}

// round polls until there are no more pages and returns "id@second" of each event.
func round(t *testing.T, c *sdktest.Connection, in *abi.PollInput) []string {
	t.Helper()
	events, cursor, err := c.PollAll("row.updated", *in)
	if err != nil {
		t.Fatal(err)
	}
	in.Cursor = cursor
	names := []string{}
	for _, e := range events {
		names = append(names, fmt.Sprintf("%s@%d", e.Subject, int(e.Time.Sub(start).Seconds())))
	}
	return names
}

func second(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }

func TestRoundsGoOnWhereTheLastEnded(t *testing.T) {
	for _, tokens := range []bool{false, true} {
		p := &table{tokens: tokens}
		c := poller(t, p, 5*time.Second)
		c.Now = second(1000)
		in := abi.PollInput{Since: second(10)}
		for i := range 8 {
			p.set(strconv.Itoa(i), second(8+i))
		}
		steps := []struct {
			name   string
			change func()
			want   []string
		}{
			{"nothing older than since", nil, []string{"2@10", "3@11", "4@12", "5@13", "6@14", "7@15"}},
			{"nothing changed", nil, []string{}},
			{"one changed", func() { p.set("3", second(20)) }, []string{"3@20"}},
			{"late, but within the overlap", func() { p.set("late", second(16)) }, []string{"late@16"}},
			{"too late", func() { p.set("lost", second(14)) }, []string{}},
			{"left out", func() { p.set("ignored", second(30)) }, []string{}},
		}
		for _, step := range steps {
			if step.change != nil {
				step.change()
			}
			if diff := cmp.Diff(step.want, round(t, c, &in)); diff != "" {
				t.Errorf("tokens %v, %s:\n%s", tokens, step.name, diff)
			}
		}
	}
}

func TestFirstPollBeginsNow(t *testing.T) {
	p := &table{}
	p.set("old", second(-1))
	c := poller(t, p, time.Minute)
	in := abi.PollInput{Cursor: json.RawMessage("null")}
	if got := round(t, c, &in); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestRowsOfOneInstantNeedPageNumbers(t *testing.T) {
	p := &table{}
	want := []string{}
	for i := range 10 {
		p.set(strconv.Itoa(i), second(5))
		want = append(want, fmt.Sprintf("%d@5", i))
	}
	c := poller(t, p, time.Second)
	c.Now = second(100)
	if diff := cmp.Diff(want, round(t, c, &abi.PollInput{Since: start})); diff != "" {
		t.Error(diff)
	}
}

// With page numbers, a row that changes between two pages pushes another one
// out of sight. Here one changes after every page.
func TestNoRowIsMissedWhileRowsMove(t *testing.T) {
	p := &table{}
	for i := range 40 {
		p.set(strconv.Itoa(i), second(i))
	}
	random, moves := rand.New(rand.NewPCG(1, 2)), 0
	p.between = func() {
		if moves++; moves < 30 {
			p.set(strconv.Itoa(random.IntN(40)), second(100+moves))
		}
	}
	c := poller(t, p, 0)
	c.Now = second(1000)
	seen, in := map[string]bool{}, abi.PollInput{Since: start}
	names := round(t, c, &in)
	p.between = nil // what moved after the last page is left for the next round
	for _, name := range append(names, round(t, c, &in)...) {
		if seen[name] {
			t.Errorf("%s was announced twice", name)
		}
		seen[name] = true
	}
	for _, r := range p.rows {
		if name := fmt.Sprintf("%s@%d", r.ID, int(r.Changed.Sub(start).Seconds())); !seen[name] {
			t.Errorf("%s was never announced", name)
		}
	}
}

// An import writes more rows at one time than fit on a page, and what is told
// of a page makes a flow write to its rows: they leave that time while its
// pages are counted, and the rows behind them move up.
func TestNoRowOfOneInstantIsMissedWhileRowsLeaveIt(t *testing.T) {
	for leaving := 1; leaving <= 3; leaving++ {
		p := &table{}
		for i := range 20 {
			p.set(strconv.Itoa(i), second(60))
		}
		c := poller(t, p, time.Minute)
		c.Now = second(1000)
		p.between = func() {
			for _, r := range slices.Clone(p.rows[:leaving]) {
				if p.fetched < 6 && r.Changed.Equal(second(60)) {
					p.set(r.ID, second(900+p.fetched))
				}
			}
		}
		seen, in := map[string]bool{}, abi.PollInput{Since: start}
		for _, name := range append(round(t, c, &in), round(t, c, &in)...) {
			if seen[name] {
				t.Errorf("%d leave: %s was announced twice", leaving, name)
			}
			seen[name] = true
		}
		for _, r := range p.rows {
			if name := fmt.Sprintf("%s@%d", r.ID, int(r.Changed.Sub(start).Seconds())); !seen[name] {
				t.Errorf("%d leave: %s was never announced", leaving, name)
			}
		}
	}
}

// However rows leave the time whose pages are counted, a round ends, and tells each once.
func TestARoundEndsHoweverRowsLeaveItsTime(t *testing.T) {
	for seed := range uint64(100) {
		random := rand.New(rand.NewPCG(seed, 7))
		p := &table{}
		for i := range 40 {
			p.set(strconv.Itoa(i), second(60))
		}
		moves, clock := 60, 900
		p.between = func() {
			for range min(moves, random.IntN(6)) {
				moves, clock = moves-1, clock+1
				p.set(p.rows[random.IntN(10)].ID, second(clock))
			}
		}
		c := poller(t, p, time.Minute)
		c.Now = second(5000)
		seen, in := map[string]bool{}, abi.PollInput{Since: start}
		for _, name := range append(round(t, c, &in), round(t, c, &in)...) {
			if seen[name] {
				t.Errorf("seed %d: %s was announced twice", seed, name)
			}
			seen[name] = true
		}
		for _, r := range p.rows {
			if name := fmt.Sprintf("%s@%d", r.ID, int(r.Changed.Sub(start).Seconds())); !seen[name] {
				t.Errorf("seed %d: %s was never announced", seed, name)
			}
		}
		if p.fetched > 200 {
			t.Errorf("seed %d: %d pages were fetched", seed, p.fetched)
		}
	}
}

// A cursor of the version that did not look back, stored between two counted pages.
func TestACursorFromBeforeLookingBackIsRead(t *testing.T) {
	p := &table{}
	for i := range 10 {
		p.set(strconv.Itoa(i), second(60))
	}
	c := poller(t, p, time.Minute)
	c.Now = second(1000)
	in := abi.PollInput{Since: start}
	var want []string
	for range 3 {
		got, err := c.Poll("row.updated", in)
		if err != nil {
			t.Fatal(err)
		}
		in.Cursor = got.Cursor
	}
	var stored map[string]any
	if err := json.Unmarshal(in.Cursor, &stored); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"top", "first", "then"} {
		delete(stored, name)
	}
	stored["page"] = 3
	in.Cursor, _ = json.Marshal(stored) //nolint:errcheck // read from JSON just now
	for i := 6; i < 10; i++ {
		want = append(want, fmt.Sprintf("%d@60", i))
	}
	if diff := cmp.Diff(want, round(t, c, &in)); diff != "" {
		t.Errorf("from %s:\n%s", in.Cursor, diff)
	}
}

func TestARowFromTheFutureHidesNothing(t *testing.T) {
	p := &table{}
	p.set("future", second(5000))
	c := poller(t, p, 10*time.Second)
	c.Now = second(100)
	in := abi.PollInput{Since: start}
	if got := round(t, c, &in); !slices.Equal(got, []string{"future@5000"}) {
		t.Errorf("got %v", got)
	}
	p.set("present", second(101))
	c.Now = second(110)
	if got := round(t, c, &in); !slices.Equal(got, []string{"present@101"}) {
		t.Errorf("then got %v", got)
	}
}

func TestCursorStaysSmall(t *testing.T) {
	p := &table{}
	for i := range 9000 {
		p.rows = append(p.rows, row{ID: strconv.Itoa(i), Changed: second(5)})
	}
	source := page.Source[row]{
		Overlap: time.Hour, PerPage: 1000, Fetch: p.fetch,
		Row: func(r row) (string, time.Time) { return r.ID, r.Changed },
		Event: func(_ *sdk.Call, r row) (abi.Event, error) {
			return sdk.NewEvent("row.updated", r.ID, "", r.Changed, r)
		},
	}
	c := sdktest.New(t, &sdk.Connector{
		ID: "table", Version: "1", Title: abi.Text{EN: "Table"}, Settings: sdk.Settings[struct{}](),
		Triggers: []sdk.Trigger{sdk.Poll[row]("row.updated", abi.Text{EN: "A row changed"}, time.Minute, source.Poll())},
	}, nil, http.NotFoundHandler())
	c.Now = second(100)
	in := abi.PollInput{Since: start}
	if got := round(t, c, &in); len(got) != 9000 {
		t.Errorf("%d rows", len(got))
	}
	if len(in.Cursor) > 150_000 {
		t.Errorf("the cursor takes %d bytes", len(in.Cursor))
	}
}

func TestEventsAreNamedByTheirVersion(t *testing.T) {
	p := &table{}
	p.set("7", second(5))
	c := poller(t, p, 0)
	c.Now = second(100)
	got, err := c.Poll("row.updated", abi.PollInput{Since: start})
	if err != nil || len(got.Events) != 1 || got.Events[0].Dedupe != "7@2026-04-01T00:00:05Z" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestABrokenCursorIsAnError(t *testing.T) {
	c := poller(t, &table{}, 0)
	if _, err := c.Poll("row.updated", abi.PollInput{Cursor: json.RawMessage(`{"mark":5}`)}); abi.KindOf(err) != abi.Internal {
		t.Errorf("got %v", err)
	}
}

// A second change within the second or the minute that a platform's times
// tell is another one, though the row has the same time as before.
func TestChangesOfOneTimeAreToldApartByWhatTheRowHolds(t *testing.T) {
	for name, changed := range map[string]time.Time{"second": second(10), "minute": second(60)} {
		p := &table{named: name == "minute"}
		c := poller(t, p, time.Minute)
		in := abi.PollInput{Since: start}
		keys := map[string]bool{}
		for i, step := range []struct {
			now  time.Time
			note string
			want int
		}{
			{changed.Add(300 * time.Millisecond), "first", 1},
			{changed.Add(500 * time.Millisecond), "first", 0},
			{changed.Add(700 * time.Millisecond), "second", 1},
			{changed.Add(5 * time.Minute), "third", 1},
			{changed.Add(10 * time.Minute), "third", 0},
			{changed.Add(15 * time.Minute), "fetched from elsewhere", 0},
		} {
			c.Now, p.rows = step.now, []row{{ID: "1", Changed: changed, Note: step.note}}
			events, cursor, err := c.PollAll("row.updated", in)
			if err != nil || len(events) != step.want {
				t.Errorf("%s, step %d: %+v, %v; want %d events", name, i, events, err, step.want)
			}
			in.Cursor = cursor
			for _, e := range events {
				if keys[e.Dedupe] {
					t.Errorf("%s, step %d: the host would drop %s as a repetition", name, i, e.Dedupe)
				}
				keys[e.Dedupe] = true
			}
		}
	}
}
