package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
)

// ByHand is the same flow as a program that does nothing else: no rules, no
// sandbox, no store, no retries. It is what this machine allows at most, sims
// and load included, and so the measure of [Runs].
type ByHand struct {
	Runs      int     `json:"runs"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"per_second"`
}

func (b *bench) measureByHand(ctx context.Context, r *rig) (m ByHand, err error) {
	flow, err := newHandwritten(ctx, b, r)
	if err != nil {
		return m, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return m, fmt.Errorf("listening for webhooks: %w", err)
	}
	server := &http.Server{Handler: flow, ReadHeaderTimeout: runsWithin}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	defer func() {
		err = errors.Join(err, server.Shutdown(context.WithoutCancel(ctx)))
		if end := <-served; !errors.Is(end, http.ErrServerClosed) {
			err = errors.Join(err, fmt.Errorf("serving webhooks: %w", end))
		}
	}()

	h := &host{address: listener.Addr().String(), client: b.client()}
	defer h.client.CloseIdleConnections()
	var count atomic.Int64
	began := b.Now()
	next := func() (int, bool) { n := int(count.Add(1)); return n, n <= b.Runs }
	l := b.deliver(ctx, h, "/", next, func(n int) []byte { return webhook(firstCustomer+n%benchCustomers, n, began) })
	took := b.Now().Sub(began).Seconds()
	return ByHand{Runs: b.Runs, Seconds: took, PerSecond: float64(b.Runs) / took}, l.err()
}

// handwritten answers a webhook once the shop's customer is in the CRM.
type handwritten struct {
	client    *http.Client
	shop, crm string
	token     string // of the CRM
}

func newHandwritten(ctx context.Context, b *bench, r *rig) (*handwritten, error) {
	w := &handwritten{client: b.client(), shop: r.shop.URL + "/api/v2/admin", crm: r.crm.URL}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"sim-client-id"}, "client_secret": {"sim-client-secret"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.crm+"/services/oauth2/token", bytes.NewBufferString(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("asking the simulated CRM for a token: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var answer struct {
		Token string `json:"access_token"`
	}
	err = w.send(req, &answer)
	w.token = "Bearer " + answer.Token
	return w, err
}

func (w *handwritten) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	var event struct {
		ID string `json:"id"`
	}
	if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	if err := w.run(r.Context(), event.ID); err != nil {
		http.Error(rw, err.Error(), http.StatusBadGateway)
		return
	}
}

// shopAuth is what the simulated shop wants to see.
const shopAuth = `Token token="sim-token"`

// run fetches the customer, looks for a record, and creates or updates it.
func (w *handwritten) run(ctx context.Context, id string) error {
	var customer struct {
		Data struct {
			Attributes struct {
				Email string `json:"email"`
			} `json:"attributes"`
		} `json:"data"`
	}
	if err := w.call(ctx, shopAuth, http.MethodGet, w.shop+"/customers/"+id+".json?include=billing_address", nil, &customer); err != nil {
		return err
	}
	email := customer.Data.Attributes.Email
	var found struct {
		Records []struct {
			ID string `json:"Id"`
		} `json:"records"`
	}
	const api = "/services/data/v62.0"
	query := "SELECT Id FROM Account WHERE Mail__c = '" + email + "' LIMIT 2"
	if err := w.call(ctx, w.token, http.MethodGet, w.crm+api+"/query?q="+url.QueryEscape(query), nil, &found); err != nil {
		return err
	}
	record := map[string]string{"Name": email, "Mail__c": email}
	if len(found.Records) == 0 {
		return w.call(ctx, w.token, http.MethodPost, w.crm+api+"/sobjects/Account", record, nil)
	}
	return w.call(ctx, w.token, http.MethodPatch, w.crm+api+"/sobjects/Account/"+found.Records[0].ID, record, nil)
}

func (w *handwritten) call(ctx context.Context, authorization, method, address string, body, answer any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", authorization)
	return w.send(req, answer)
}

func (w *handwritten) send(req *http.Request, answer any) error {
	resp, err := w.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return fmt.Errorf("reading the answer: %w", err)
	case resp.StatusCode >= http.StatusMultipleChoices:
		return fmt.Errorf("%s %s was answered %s: %s", req.Method, req.URL.Path, resp.Status, text)
	case answer == nil:
		return nil
	}
	return json.Unmarshal(text, answer)
}
