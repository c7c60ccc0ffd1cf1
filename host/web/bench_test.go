package web_test

import (
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/valyala/fasthttp"
)

// BenchmarkDelivery measures a signed delivery of 1 KB from 64 connections to
// an intake that keeps nothing: what the web server itself costs.
func BenchmarkDelivery(b *testing.B) {
	s := start(b)
	body := []byte(strings.Repeat("x", 1024))
	client := &fasthttp.HostClient{Addr: s.Addr(), MaxConns: 64, Dial: func(addr string) (net.Conn, error) { return net.Dial("tcp", addr) }}
	defer client.CloseIdleConnections()
	var refused atomic.Int64
	b.SetParallelism(64 / runtime.GOMAXPROCS(0))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		request, response := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
		request.SetRequestURI("http://" + s.Addr() + "/hooks/signed/" + hookToken)
		request.Header.SetMethod("POST")
		request.Header.Set("X-Secret", hookSecret)
		request.SetBodyRaw(body)
		for pb.Next() {
			if err := client.Do(request, response); err != nil || response.StatusCode() != 200 {
				refused.Add(1)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
	if n := refused.Load(); n > 0 {
		b.Errorf("%d deliveries were not taken", n)
	}
}
