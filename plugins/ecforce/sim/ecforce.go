package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// adminPath is where the admin API begins. Paths work with and without ".json".
const adminPath = "/api/v2/admin"

// shop is one simulated shop.
type shop struct {
	env    *simkit.Env
	tables map[string]*table
	gate   *gate
	mux    *http.ServeMux
	// mu is held by whoever changes records: one writer at a time. Reads need no lock.
	mu sync.Mutex
	// jobs counts asynchronous jobs.
	jobs int64
	// hyphenated says that full_tel is stored with hyphens.
	hyphenated bool
}

// open builds a shop with the seed's data.
func open(env *simkit.Env) (*simkit.Platform, error) {
	s := &shop{env: env, tables: map[string]*table{}, gate: newGate(env), mux: http.NewServeMux()}
	for _, k := range kinds() {
		s.tables[k.table] = newTable(k, 1)
	}
	s.seed()
	s.routes()
	tables := map[string]simkit.Table{}
	for name := range s.tables {
		tables[name] = s.staffTable(name)
	}
	return &simkit.Platform{Handler: s, Tables: tables, SetLimits: s.setLimits, Hook: s.hook}, nil
}

// ServeHTTP checks credential and rate before it looks at the path.
func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, adminPath+"/") && !s.gate.admit(w, r) {
		return
	}
	routed := *r
	address := *r.URL
	address.Path = strings.TrimSuffix(r.URL.Path, ".json")
	routed.URL = &address
	s.mux.ServeHTTP(w, &routed)
}

func (s *shop) now() string { return s.env.Clock.Now().In(jst).Format(stampLayout) }

func (s *shop) today() time.Time {
	now := s.env.Clock.Now().In(jst)
	return time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, jst)
}

// handle serves one path of the admin API.
func (s *shop) handle(method, path string, f http.HandlerFunc) {
	s.mux.HandleFunc(method+" "+adminPath+path, f)
}

func (s *shop) routes() {
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, errNoRoute) })
	s.mux.HandleFunc("POST /api/v2/admins/sign_in", s.gate.signIn)
	s.mux.HandleFunc("GET /api/v2/admins/sign_out", s.gate.signOut)
	for _, name := range listed {
		s.handle("GET", "/"+name, s.list(name))
	}
	for _, name := range shown {
		s.handle("GET", "/"+name+"/{id}", s.show(name))
	}
	s.customerRoutes()
	s.orderRoutes()
	s.subsOrderRoutes()
	s.productRoutes()
	s.labelRoutes()
	s.handle("GET", "/advertisements", s.accessCounts)
}

// listed have a list, shown a page of their own.
var (
	listed = []string{
		"customers", "orders", "subs_orders", "products", "stock_items", "urls", "url_groups", "stores", "payment_methods",
		"shipping_carriers", "sexes", "product_categories", "cancel_reasons", "suspend_reasons",
	}
	shown = []string{"customers", "orders", "subs_orders", "products", "urls"}
)

func (s *shop) list(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { s.answerList(w, r, s.tables[name]) }
}

func (s *shop) show(name string) http.HandlerFunc {
	t := s.tables[name]
	return func(w http.ResponseWriter, r *http.Request) {
		rec, ok := t.rows.Get(r.PathValue("id"))
		if !ok || rec.deleted() {
			refuse(w, t.notFound())
			return
		}
		s.answerOne(w, r, t, rec, http.StatusOK)
	}
}

// valueOf returns how filters see an attribute: mostly as it is stored.
func (s *shop) valueOf(r *record, attribute string) any {
	switch attribute {
	case "billing_address_s_full_tel":
		if address := s.billing(r); address != nil {
			return address.attrs["full_tel"]
		}
		return nil
	case "payment_payment_method_id":
		return r.attrs["payment_method_id"]
	default:
		return r.attrs[attribute]
	}
}

// write reads the body of a write as an object and calls f with the lock held.
// An empty body is an empty object.
func (s *shop) write(k *kind, f func(w http.ResponseWriter, r *http.Request, body object) *refusal) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body := object{}
		if r.ContentLength != 0 {
			if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
				refuse(w, k.badParameter("Content-Type"))
				return
			}
			if err := decode(json.NewDecoder(r.Body), &body); err != nil {
				refuse(w, k.badParameter("JSON"))
				return
			}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if err := f(w, r, body); err != nil {
			refuse(w, err)
		}
	}
}

// named returns the record that the path names.
func (t *table) named(r *http.Request) (*record, *refusal) {
	rec, ok := t.rows.Get(r.PathValue("id"))
	if !ok || rec.deleted() {
		return nil, t.notFound()
	}
	return rec, nil
}

// job answers an asynchronous call. There is no way to ask what became of it.
func (s *shop) job(w http.ResponseWriter) {
	s.jobs++
	simkit.WriteJSON(w, http.StatusOK, map[string]any{"id": s.jobs, "job_id": fmt.Sprintf("RsHB%08d", s.jobs)})
}

// limits is what PUT /_sim/limits takes.
type limits struct {
	// PerSecond is requests per second and token; 0 switches the limit off.
	PerSecond *float64 `json:"per_second"`
	// SignInPerHour is sign-ins per hour and address.
	SignInPerHour *int `json:"sign_in_per_hour"`
	// HyphenatedTel stores phone numbers of records written from now on with hyphens.
	HyphenatedTel *bool `json:"hyphenated_tel"`
}

func (s *shop) setLimits(raw json.RawMessage) error {
	var l limits
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&l); err != nil {
		return err
	}
	if l.PerSecond != nil {
		s.gate.rate.Set(*l.PerSecond, max(*l.PerSecond, 1))
	}
	if l.SignInPerHour != nil {
		s.gate.signIns.Set(*l.SignInPerHour)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.HyphenatedTel != nil {
		s.hyphenated = *l.HyphenatedTel
	}
	return nil
}

// itoa is an id in a path.
func itoa(id int64) string { return strconv.FormatInt(id, 10) }
