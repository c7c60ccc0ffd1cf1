package simkit

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	// journalSize is how many exchanges the journal keeps.
	journalSize = 8192
	// journalBody is how many bytes of a body it keeps.
	journalBody = 16 << 10
)

// Entry is one exchange as the journal shows it. Headers that carry a
// credential are reduced to their shape.
type Entry struct {
	N        int64             `json:"n"`
	Time     time.Time         `json:"time"`
	Method   string            `json:"method"`
	Path     string            `json:"path"`
	Query    string            `json:"query"`
	Status   int               `json:"status"`
	Headers  map[string]string `json:"headers"`
	Request  string            `json:"request"`
	Response string            `json:"response"`
	Fault    FaultKind         `json:"fault"`
	Effect   string            `json:"effect"`
}

// line is an entry before it is shown; its buffers are used again and again.
type line struct {
	n                 int64
	time              time.Time
	method            string
	path, query       string
	status            int
	headers           http.Header
	request, response []byte
	fault             FaultKind
	effect            string
}

// journal is a bounded ring of the last exchanges.
type journal struct {
	mu    sync.Mutex
	last  int64
	lines []line
}

func (j *journal) add(now time.Time, r *http.Request, x *exchange, fault FaultKind) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.lines) < journalSize {
		j.lines = append(j.lines, line{})
	}
	l := &j.lines[j.last%journalSize]
	j.last++
	l.n, l.time, l.method, l.path, l.query = j.last, now, r.Method, r.URL.Path, r.URL.RawQuery
	l.status, l.headers, l.fault, l.effect = x.status, r.Header, fault, x.effect
	l.request = append(l.request[:0], head(x.request)...)
	l.response = append(l.response[:0], head(x.answer.Bytes())...)
}

func head(body []byte) []byte { return body[:min(len(body), journalBody)] }

// since returns the entries with a number above n, oldest first.
func (j *journal) since(n int64) []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	first := max(n, j.last-int64(len(j.lines)))
	entries := make([]Entry, 0, max(j.last-first, 0))
	for i := first; i < j.last; i++ {
		entries = append(entries, j.lines[i%journalSize].entry())
	}
	return entries
}

// clear forgets all entries and starts counting from one again.
func (j *journal) clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last, j.lines = 0, nil
}

func (l *line) entry() Entry {
	headers := make(map[string]string, len(l.headers))
	for name, values := range l.headers {
		headers[name] = redact(name, strings.Join(values, ", "))
	}
	return Entry{
		N: l.n, Time: l.time, Method: l.method, Path: l.path, Query: l.query, Status: l.status,
		Headers: headers, Request: string(l.request), Response: string(l.response),
		Fault: l.fault, Effect: l.effect,
	}
}
