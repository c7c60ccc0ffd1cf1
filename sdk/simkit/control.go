package simkit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Reading is what the clock shows; an empty Now in a change lets it run again.
type Reading struct {
	Now string `json:"now"`
}

// Advance moves the clock by a Go duration such as "2h".
type Advance struct {
	By string `json:"by"`
}

// control is the API under /_sim/.
type control struct{ s *Server }

func newControl(s *Server) http.Handler {
	c := control{s: s}
	mux := http.NewServeMux()
	handle := func(pattern string, f func(r *http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { reply(w, r, f) })
	}
	handle("GET /_sim/health", c.health)
	handle("GET /_sim/journal", c.readJournal)
	handle("DELETE /_sim/journal", c.clearJournal)
	handle("POST /_sim/faults", c.addFault)
	handle("DELETE /_sim/faults", c.clearFaults)
	handle("GET /_sim/clock", c.readClock)
	handle("PUT /_sim/clock", c.setClock)
	handle("POST /_sim/clock/advance", c.advanceClock)
	handle("GET /_sim/records", c.listTables)
	handle("GET /_sim/records/{table}", c.listRecords)
	handle("PUT /_sim/records/{table}/{id}", c.putRecord)
	handle("DELETE /_sim/records/{table}/{id}", c.deleteRecord)
	handle("PUT /_sim/limits", c.setLimits)
	handle("GET /_sim/hooks", c.readHook)
	handle("PUT /_sim/hooks", c.setHook)
	handle("GET /_sim/hooks/sent", c.sent)
	handle("POST /_sim/deliver", c.deliver)
	return mux
}

// errMissing is answered as 404, every other error of a control as 400.
var errMissing = errors.New("no such thing")

func reply(w http.ResponseWriter, r *http.Request, f func(r *http.Request) (any, error)) {
	v, err := f(r)
	switch {
	case errors.Is(err, errMissing):
		WriteJSON(w, http.StatusNotFound, map[string]string{"error": err.Error()})
	case err != nil:
		WriteJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
	default:
		WriteJSON(w, http.StatusOK, v)
	}
}

// done is the answer of a control that has nothing to tell.
type done struct{}

// read decodes the request's JSON body; a name that v does not have is refused.
func read(r *http.Request, v any) error {
	decoder := json.NewDecoder(io.LimitReader(r.Body, maxBody))
	decoder.DisallowUnknownFields()
	return decoder.Decode(v)
}

func (c control) health(*http.Request) (any, error) { return map[string]string{"status": "ok"}, nil }

func (c control) readJournal(r *http.Request) (any, error) {
	var since int64
	if text := r.URL.Query().Get("since"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("since: %w", err)
		}
		since = n
	}
	return map[string]any{"entries": c.s.journal.since(since)}, nil
}

func (c control) clearJournal(*http.Request) (any, error) {
	c.s.journal.clear()
	return done{}, nil
}

func (c control) addFault(r *http.Request) (any, error) {
	var f Fault
	if err := read(r, &f); err != nil {
		return nil, err
	}
	id, err := c.s.faults.add(f)
	return map[string]int{"id": id}, err
}

func (c control) clearFaults(*http.Request) (any, error) {
	c.s.faults.clear()
	return done{}, nil
}

func (c control) readClock(*http.Request) (any, error) {
	return Reading{Now: c.s.clock.Now().Format(time.RFC3339Nano)}, nil
}

func (c control) setClock(r *http.Request) (any, error) {
	var to Reading
	if err := read(r, &to); err != nil {
		return nil, err
	}
	if to.Now == "" {
		c.s.clock.Resume()
		return c.readClock(r)
	}
	t, err := time.Parse(time.RFC3339, to.Now)
	if err != nil {
		return nil, fmt.Errorf("now: %w", err)
	}
	c.s.clock.Freeze(t)
	return c.readClock(r)
}

func (c control) advanceClock(r *http.Request) (any, error) {
	var step Advance
	if err := read(r, &step); err != nil {
		return nil, err
	}
	by, err := time.ParseDuration(step.By)
	if err != nil {
		return nil, fmt.Errorf("by: %w", err)
	}
	c.s.clock.Advance(by)
	return c.readClock(r)
}

func (c control) table(r *http.Request) (Table, error) {
	name := r.PathValue("table")
	t, ok := c.s.platform.Tables[name]
	if !ok {
		return t, fmt.Errorf("collection %q: %w", name, errMissing)
	}
	return t, nil
}

func (c control) listRecords(r *http.Request) (any, error) {
	t, err := c.table(r)
	if err != nil {
		return nil, err
	}
	records, err := t.List()
	return map[string]any{"records": records}, err
}

func (c control) listTables(*http.Request) (any, error) {
	all := map[string]any{}
	for name, t := range c.s.platform.Tables {
		records, err := t.List()
		if err != nil {
			return nil, fmt.Errorf("collection %q: %w", name, err)
		}
		all[name] = records
	}
	return map[string]any{"tables": all}, nil
}

func (c control) putRecord(r *http.Request) (any, error) {
	t, err := c.table(r)
	if err != nil {
		return nil, err
	}
	fields, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return nil, err
	}
	return done{}, t.Put(r.PathValue("id"), fields)
}

func (c control) deleteRecord(r *http.Request) (any, error) {
	t, err := c.table(r)
	if err != nil {
		return nil, err
	}
	return done{}, t.Delete(r.PathValue("id"))
}

func (c control) setLimits(r *http.Request) (any, error) {
	if c.s.platform.SetLimits == nil {
		return nil, fmt.Errorf("limits: %w", errMissing)
	}
	limits, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return nil, err
	}
	return done{}, c.s.platform.SetLimits(limits)
}

func (c control) readHook(*http.Request) (any, error) { return c.s.hooks.Config(), nil }

func (c control) setHook(r *http.Request) (any, error) {
	var hook Hook
	if err := read(r, &hook); err != nil {
		return nil, err
	}
	c.s.hooks.Set(hook)
	return hook, nil
}

// sent waits for what is on its way, then lists it.
func (c control) sent(*http.Request) (any, error) {
	c.s.hooks.Flush()
	return map[string]any{"sent": c.s.hooks.Sent()}, nil
}

func (c control) deliver(r *http.Request) (any, error) {
	if c.s.platform.Hook == nil {
		return nil, fmt.Errorf("webhooks: %w", errMissing)
	}
	var d Delivery
	if err := read(r, &d); err != nil {
		return nil, err
	}
	m, err := c.s.platform.Hook(d)
	if err != nil {
		return nil, err
	}
	if m.Header == nil {
		m.Header = http.Header{}
	}
	for name, value := range d.Headers {
		m.Header.Set(name, value)
		if value == "" {
			m.Header.Del(name)
		}
	}
	var answer Answer
	for range max(d.Times, 1) {
		answer = c.s.hooks.Deliver(r.Context(), m)
	}
	return answer, nil
}
