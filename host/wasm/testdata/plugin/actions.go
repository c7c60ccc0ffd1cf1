//go:build wasip1

package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
	"unsafe"

	"github.com/musubi-run/musubi/sdk/abi"
)

var actions = map[string]func(*abi.Call) ([]byte, error){
	"echo":     func(c *abi.Call) ([]byte, error) { return c.Body, nil },
	"settings": func(c *abi.Call) ([]byte, error) { return c.Settings, nil },
	"calls":    func(*abi.Call) ([]byte, error) { return json.Marshal(calls) },
	"fail": func(*abi.Call) ([]byte, error) {
		return nil, &abi.Error{Kind: abi.Conflict, Message: "taken", Code: "DUP", Fields: []string{"email"}}
	},
	"wail": func(*abi.Call) ([]byte, error) {
		return nil, &abi.Error{
			Kind: abi.Conflict, Message: "taken" + strings.Repeat("え", 1<<20), Code: strings.Repeat("D", 1<<20),
			Fields: append(strings.Split(strings.Repeat("f,", 1<<10), ","), strings.Repeat("e", 1<<20)),
		}
	},
	"later": func(c *abi.Call) ([]byte, error) {
		e := &abi.Error{Kind: abi.RateLimited, Message: "later"}
		if err := json.Unmarshal(c.Body, &e.RetryAfterMS); err != nil {
			return nil, err
		}
		return nil, e
	},
	"panic":  func(*abi.Call) ([]byte, error) { panic("boom: " + fmt.Sprint(calls)) },
	"exit":   func(*abi.Call) ([]byte, error) { os.Exit(3); return nil, nil },
	"fetch":  fetch,
	"ask":    ask,
	"amend":  amend,
	"flood":  flood,
	"log":    logLines,
	"state":  state,
	"clock":  func(*abi.Call) ([]byte, error) { return json.Marshal(time.Now().UnixNano()) },
	"random": random,
	"sleep":  func(*abi.Call) ([]byte, error) { time.Sleep(time.Hour); return []byte("{}"), nil },
	"block":  func(*abi.Call) ([]byte, error) { <-make(chan int); return nil, nil },
	"env":    environment,
	"files":  files,
	"giant":  func(*abi.Call) ([]byte, error) { return make([]byte, 32<<20), nil },
	"bomb":   bomb,
	"grow":   grow,
	"json":   roundTrip,
	"loop": func(*abi.Call) ([]byte, error) {
		for { //nolint:revive // an endless loop is the point
		}
	},
	"recurse": func(*abi.Call) ([]byte, error) { return json.Marshal(fork(60)) },
	"deep":    func(*abi.Call) ([]byte, error) { return json.Marshal(deep(1 << 30)) },
	"badptr":  badPointer,
}

func fetch(c *abi.Call) ([]byte, error) {
	resp := send(&abi.Request{Method: "GET", URL: string(c.Body)})
	if resp.Err != nil {
		return nil, resp.Err
	}
	return resp.Body, nil
}

// amend changes what is at the address, and then looks at it.
func amend(c *abi.Call) ([]byte, error) {
	if resp := send(&abi.Request{Method: "POST", URL: string(c.Body)}); resp.Err != nil {
		return nil, resp.Err
	}
	return fetch(c)
}

// ask sends the request that the body describes, and answers all that it saw of the answer.
func ask(c *abi.Call) ([]byte, error) {
	var r abi.Request
	if err := json.Unmarshal(c.Body, &r); err != nil {
		return nil, err
	}
	resp := send(&r)
	if resp.Err != nil {
		return nil, resp.Err
	}
	return json.Marshal(resp)
}

func flood(*abi.Call) ([]byte, error) {
	for {
		send(&abi.Request{Method: "GET", URL: "https://shop.example.com/"})
	}
}

func logLines(c *abi.Call) ([]byte, error) {
	for range 1000 {
		ptr, size := bytesOf(string(c.Body))
		hostLog(uint32(abi.LevelWarn), ptr, size)
	}
	return []byte("{}"), nil
}

// state adds the body to what is kept under "seen", and answers what was there.
func state(c *abi.Call) ([]byte, error) {
	key, keySize := bytesOf("seen")
	var before []byte
	if size := hostStateGet(key, keySize); size != abi.Absent {
		before = take(size)
	}
	after := string(before) + string(c.Body)
	value, valueSize := bytesOf(after)
	hostStateSet(key, keySize, value, valueSize)
	if strings.Contains(string(c.Body), "fail") {
		return nil, &abi.Error{Kind: abi.Invalid, Message: "asked to fail"}
	}
	return before, nil
}

func random(*abi.Call) ([]byte, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return nil, err
	}
	return json.Marshal(b[:])
}

func environment(*abi.Call) ([]byte, error) {
	return json.Marshal(map[string]any{"env": os.Environ(), "args": len(os.Args)})
}

func files(*abi.Call) ([]byte, error) {
	_, read := os.ReadFile("/etc/hostname")
	_, list := os.ReadDir(".")
	write := os.WriteFile("/tmp/probe", []byte("x"), 0o600)
	return json.Marshal([]bool{read != nil, list != nil, write != nil})
}

func bomb(*abi.Call) ([]byte, error) {
	var kept [][]byte
	for {
		kept = append(kept, make([]byte, 1<<20))
		kept[len(kept)-1][0] = 1
	}
}

var retained []byte

func grow(*abi.Call) ([]byte, error) {
	retained = make([]byte, 24<<20)
	return []byte("{}"), nil
}

type document struct {
	ID    string            `json:"id"`
	Email string            `json:"email"`
	Total int64             `json:"total"`
	Tags  []string          `json:"tags"`
	Items []item            `json:"items"`
	Extra map[string]string `json:"extra"`
}

type item struct {
	SKU   string `json:"sku"`
	Name  string `json:"name"`
	Price int64  `json:"price"`
	Count int64  `json:"count"`
}

func roundTrip(c *abi.Call) ([]byte, error) {
	var d document
	if err := json.Unmarshal(c.Body, &d); err != nil {
		return nil, err
	}
	return json.Marshal(d)
}

// fork burns time without a loop.
func fork(n int) int {
	if n <= 1 {
		return 1
	}
	return fork(n-1) + fork(n-2)
}

func deep(n int) int {
	if n == 0 {
		return 0
	}
	return deep(n-1) + 1
}

func badPointer(*abi.Call) ([]byte, error) {
	size := hostHTTP(unsafe.Pointer(uintptr(0xfffffff0)), 1<<20)
	return json.Marshal(size)
}
