package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/musubi-run/musubi/sdk/simkit"
)

const (
	token    = "sim-token"
	user     = "sim"
	password = "sim-password"
	// maxBody bounds a request.
	maxBody = 4 << 20
)

// service is the simulated service. Its records are JSON objects under a collection and an id.
type service struct {
	env     *simkit.Env
	records *simkit.Collection[record]
	numbers atomic.Int64
}

// record is one thing that somebody stored.
type record struct {
	ID         string          `json:"id"`
	Collection string          `json:"collection"`
	Value      json.RawMessage `json:"value"`
	Key        string          `json:"key,omitempty"`
}

func open(env *simkit.Env) (*simkit.Platform, error) {
	s := &service{env: env, records: simkit.NewCollection[record]()}
	s.records.Index("key", func(r record) []string { return []string{r.Key} })
	s.records.Put("orders/1", record{ID: "1", Collection: "orders", Value: json.RawMessage(`{"id":"1","total":4980}`)})
	routes := http.NewServeMux()
	for _, prefix := range []string{"", "/open"} {
		routes.HandleFunc(prefix+"/echo", s.echo)
		routes.HandleFunc("GET "+prefix+"/records/{collection}/{id}", s.read)
		routes.HandleFunc("POST "+prefix+"/records/{collection}", s.create)
		routes.HandleFunc("PUT "+prefix+"/records/{collection}/{id}", s.replace)
		routes.HandleFunc("DELETE "+prefix+"/records/{collection}/{id}", s.remove)
		routes.HandleFunc("POST "+prefix+"/chat", s.post)
	}
	routes.HandleFunc("/services/{path...}", s.secret)
	return &simkit.Platform{
		Handler: guarded(routes),
		Tables:  map[string]simkit.Table{"messages": s.table("messages"), "orders": s.table("orders")},
		Hook:    s.hook,
	}, nil
}

// guarded asks for one of the credentials, but for what is open or has it in the path.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		free := strings.HasPrefix(r.URL.Path, "/open/") || strings.HasPrefix(r.URL.Path, "/services/")
		if !free && !known(r) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="sim"`)
			simkit.WriteJSON(w, http.StatusUnauthorized, map[string]string{"error": "credential missing or wrong"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

func known(r *http.Request) bool {
	name, pass, basic := r.BasicAuth()
	return r.Header.Get("Authorization") == "Bearer "+token || r.Header.Get("X-Api-Key") == token ||
		r.URL.Query().Get("key") == token || basic && name == user && pass == password
}

// secret is what is reached by an address that ends with the credential.
func (s *service) secret(w http.ResponseWriter, r *http.Request) {
	path := r.PathValue("path")
	if path[strings.LastIndexByte(path, '/')+1:] != token {
		simkit.WriteJSON(w, http.StatusUnauthorized, map[string]string{"error": "no_service"})
		return
	}
	if r.Method == http.MethodPost {
		s.post(w, r)
		return
	}
	s.echo(w, r)
}

// echo answers what it was sent.
func (s *service) echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		simkit.WriteJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	query := map[string]string{}
	for name := range r.URL.Query() {
		if name != "key" {
			query[name] = r.URL.Query().Get(name)
		}
	}
	simkit.WriteJSON(w, http.StatusOK, map[string]any{
		"method": r.Method, "query": query, "content_type": r.Header.Get("Content-Type"),
		"colour": r.Header.Get("X-Colour"), "body": string(body),
	})
}

func (s *service) read(w http.ResponseWriter, r *http.Request) {
	found, ok := s.records.Get(r.PathValue("collection") + "/" + r.PathValue("id"))
	if !ok {
		missing(w)
		return
	}
	simkit.WriteJSON(w, http.StatusOK, found.Value)
}

func missing(w http.ResponseWriter) {
	simkit.WriteJSON(w, http.StatusNotFound, map[string]string{"error": "no such record"})
}

// create stores a record once for each idempotency key.
func (s *service) create(w http.ResponseWriter, r *http.Request) {
	value, ok := readObject(w, r)
	if !ok {
		return
	}
	stored := s.store(w, r.PathValue("collection"), value, r.Header.Get("Idempotency-Key"))
	simkit.WriteJSON(w, http.StatusCreated, map[string]string{"id": stored.ID})
}

func (s *service) store(w http.ResponseWriter, collection string, value json.RawMessage, key string) record {
	if same := s.records.Find("key", key); key != "" && len(same) > 0 {
		return same[0]
	}
	stored := record{ID: strconv.FormatInt(100+s.numbers.Add(1), 10), Collection: collection, Value: value, Key: key}
	s.records.Put(collection+"/"+stored.ID, stored)
	simkit.Effect(w, "create "+collection+" "+stored.ID)
	return stored
}

func (s *service) replace(w http.ResponseWriter, r *http.Request) {
	value, ok := readObject(w, r)
	if !ok {
		return
	}
	collection, id := r.PathValue("collection"), r.PathValue("id")
	s.records.Put(collection+"/"+id, record{ID: id, Collection: collection, Value: value})
	simkit.Effect(w, "replace "+collection+" "+id)
	simkit.WriteJSON(w, http.StatusOK, value)
}

func (s *service) remove(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("collection") + "/" + r.PathValue("id")
	if !s.records.Delete(name) {
		missing(w)
		return
	}
	simkit.Effect(w, "delete "+name)
	w.WriteHeader(http.StatusNoContent)
}

// post takes a message as chats do: an object with a text, answered "ok".
func (s *service) post(w http.ResponseWriter, r *http.Request) {
	value, ok := readObject(w, r)
	if !ok {
		return
	}
	var message struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal(value, &message); err != nil || message.Text == "" {
		http.Error(w, "no_text", http.StatusBadRequest)
		return
	}
	s.store(w, "messages", value, r.Header.Get("Idempotency-Key"))
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "ok") //nolint:errcheck // into the exchange's buffer: cannot fail
}

// readObject reads a body that must be a JSON object, or answers 400.
func readObject(w http.ResponseWriter, r *http.Request) (json.RawMessage, bool) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	var object map[string]any
	if err == nil {
		err = json.Unmarshal(body, &object)
	}
	if err != nil || object == nil {
		simkit.WriteJSON(w, http.StatusBadRequest, map[string]string{"error": "the body must be a JSON object"})
		return nil, false
	}
	return body, true
}

// table is a collection as the service's staff sees it.
func (s *service) table(collection string) simkit.Table {
	return simkit.Table{
		List: func() (any, error) {
			values := []json.RawMessage{}
			for _, r := range s.records.Select(func(r record) bool { return r.Collection == collection }) {
				values = append(values, r.Value)
			}
			return values, nil
		},
		Put: func(id string, fields json.RawMessage) error {
			s.records.Put(collection+"/"+id, record{ID: id, Collection: collection, Value: fields})
			return nil
		},
		Delete: func(id string) error {
			if !s.records.Delete(collection + "/" + id) {
				return errors.New("no such record")
			}
			return nil
		},
	}
}

// hook signs what somebody wants delivered, as many services do: an HMAC in
// hex, with the algorithm's name before it.
func (s *service) hook(d simkit.Delivery) (simkit.Message, error) {
	body := d.Body
	if body == "" {
		body = fmt.Sprintf(`{"event":%q,"id":%q}`, d.Event, d.ID)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if secret := s.env.Hooks.Config().Secret; secret != "" {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(body))
		header.Set("X-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
	for name, value := range d.Headers {
		header.Set(name, value)
	}
	return simkit.Message{Event: d.Event, Header: header, Body: []byte(body)}, nil
}
