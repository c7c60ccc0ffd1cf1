package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/musubi-run/musubi/plugins/salesforce/sim/org"
	"github.com/musubi-run/musubi/sdk/simkit"
)

const (
	// maxURI is the longest address that is read, in bytes.
	maxURI = 16_384
	// Versions that the org answers. Upserts answer bodies since bodySince only.
	oldestVersion, newestVersion, bodySince = 31, 68, 46
)

// server is the org behind its API.
type server struct {
	env      *simkit.Env
	org      *org.Org
	auth     *authority
	limits   *limits
	cursors  *cursors
	jobs     *jobs
	outbound *outbound
}

func open(env *simkit.Env) (*simkit.Platform, error) {
	s := &server{env: env, auth: newAuthority(env), limits: newLimits(env), cursors: newCursors(env.Clock.Now), jobs: newJobs()}
	s.outbound = &outbound{hooks: env.Hooks, url: env.URL, limits: s.limits}
	var err error
	if s.org, err = org.New(env.Clock.Now, s.outbound.changed); err != nil {
		return nil, err
	}
	s.outbound.org = s.org
	return &simkit.Platform{
		Handler: s.routes(), Tables: s.tables(), SetLimits: s.setLimits, Hook: s.outbound.deliver,
	}, nil
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /services/oauth2/token", s.auth.token)
	mux.HandleFunc("POST /services/oauth2/introspect", s.auth.introspect)
	mux.HandleFunc("POST /services/oauth2/revoke", s.auth.revoke)
	mux.HandleFunc("GET /services/oauth2/userinfo", s.auth.userinfo)
	mux.HandleFunc("GET /services/data/{$}", listVersions)
	mux.HandleFunc("GET /services/data", listVersions)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isREST(r.URL.Path) { // not by the mux: it would tidy escaped keys
			s.serveREST(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func isREST(path string) bool {
	rest, ok := strings.CutPrefix(path, "/services/data/")
	return ok && rest != ""
}

func listVersions(w http.ResponseWriter, _ *http.Request) {
	names := []string{"Spring", "Summer", "Winter"}
	list := make([]map[string]string, 0, newestVersion-oldestVersion+1)
	for v := oldestVersion; v <= newestVersion; v++ {
		// Version 67 is Summer '26, 68 Winter '27: three a year.
		label := fmt.Sprintf("%s '%02d", names[v%3], 4+(v+1)/3)
		list = append(list, map[string]string{"label": label, "url": fmt.Sprintf("/services/data/v%d.0", v), "version": fmt.Sprintf("%d.0", v)})
	}
	simkit.WriteJSON(w, http.StatusOK, list)
}

// request is one call of the REST API: a client's, or a part of a composite one.
type request struct {
	method  string
	version int
	// parts are the path's segments behind the version, unescaped.
	parts  []string
	query  url.Values
	header http.Header
	body   []byte
	user   string
	tx     *org.Tx
	// effects collects what was changed, for the journal.
	effects *[]string
}

// answer is what a call answers. A nil body has none.
type answer struct {
	status int
	header map[string]string
	body   []byte
}

// base is the path before /sobjects.
func (rq *request) base() string { return fmt.Sprintf("/services/data/v%d.0", rq.version) }

func (rq *request) effect(verb string, r *org.Record) {
	*rq.effects = append(*rq.effects, verb+" "+r.Object.Name+" "+r.ID())
}

func (s *server) serveREST(w http.ResponseWriter, r *http.Request) {
	a, effects, err := s.answerREST(r)
	w.Header().Set("Sforce-Limit-Info", s.limits.info())
	if err != nil {
		var refused *org.Error
		if !errors.As(err, &refused) {
			refused = fault(http.StatusInternalServerError, "UNKNOWN_EXCEPTION", err.Error())
		}
		a = answer{status: refused.Status, body: errorBody(refused)}
	}
	if len(effects) > 0 {
		simkit.Effect(w, strings.Join(effects, "; "))
	}
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	send(w, r, a)
}

// gzipAbove is the size from which answers are compressed for clients that ask for it.
const gzipAbove = 8 << 10

func send(w http.ResponseWriter, r *http.Request, a answer) {
	if a.body != nil && w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	}
	if len(a.body) < gzipAbove || !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.WriteHeader(a.status)
		_, _ = w.Write(a.body) //nolint:errcheck // into memory
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	w.WriteHeader(a.status)
	packed := gzip.NewWriter(w)
	_, _ = packed.Write(a.body) //nolint:errcheck // into memory
	_ = packed.Close()          //nolint:errcheck // into memory
}

func (s *server) answerREST(r *http.Request) (answer, []string, error) {
	if len(r.RequestURI) > maxURI {
		return answer{}, nil, fault(http.StatusRequestURITooLong, "URI_TOO_LONG", "URI Too Long")
	}
	session, err := s.auth.session(r)
	if err != nil {
		return answer{}, nil, err
	}
	leave, err := s.limits.enter()
	if err != nil {
		return answer{}, nil, err
	}
	defer leave()
	rq := &request{method: r.Method, query: r.URL.Query(), header: r.Header, user: session.user, effects: new([]string)}
	if rq.body, err = readBody(r); err != nil {
		return answer{}, nil, err
	}
	if err := rq.setPath(r.URL.EscapedPath()); err != nil {
		return answer{}, nil, err
	}
	a, err := s.call(rq)
	if err != nil {
		return a, nil, err
	}
	return a, *rq.effects, nil
}

func readBody(r *http.Request) ([]byte, error) {
	reader := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, badJSON(err)
		}
		reader = unpacked
	}
	var body bytes.Buffer
	_, err := body.ReadFrom(reader)
	if err != nil {
		return nil, badJSON(err)
	}
	return body.Bytes(), nil
}

// setPath takes the path apart: /services/data/v68.0/...
func (rq *request) setPath(escaped string) error {
	parts := strings.Split(strings.Trim(escaped, "/"), "/")
	if len(parts) < 3 {
		return missing()
	}
	var minor int
	if n, err := fmt.Sscanf(parts[2], "v%d.%d", &rq.version, &minor); err != nil || n != 2 || rq.version > newestVersion {
		return missing()
	}
	if rq.version < oldestVersion {
		return fault(http.StatusGone, "UNSUPPORTED_API_VERSION", "The requested API version is retired")
	}
	for _, part := range parts[3:] {
		plain, err := url.PathUnescape(part)
		if err != nil {
			return missing()
		}
		rq.parts = append(rq.parts, plain)
	}
	return nil
}
