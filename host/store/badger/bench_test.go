package badger_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/host/store/badger"
)

// BenchmarkCommit measures durable batches of three rows of 300 bytes and one condition.
func BenchmarkCommit(b *testing.B) {
	for _, writers := range []int{1, 64, 256} {
		b.Run(fmt.Sprintf("writers-%d", writers), func(b *testing.B) {
			s := openBench(b)
			var n atomic.Int64
			value := make([]byte, 300)
			b.ReportAllocs()
			b.ResetTimer()
			parallel(writers, func() {
				for {
					i := n.Add(1)
					if i > int64(b.N) {
						return
					}
					if err := s.Commit(b.Context(), benchBatch(i, value)); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
			st := s.Stats()
			b.ReportMetric(float64(st.Batches)/float64(st.Groups), "batches/fsync")
		})
	}
}

func openBench(b *testing.B) *badger.Store {
	b.Helper()
	s, err := badger.Open(badger.Options{Dir: b.TempDir(), Clock: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

func benchBatch(i int64, value []byte) store.Batch {
	var batch store.Batch
	batch.Absent(fmt.Sprintf("dedupe/%012d", i))
	batch.Put(fmt.Sprintf("dedupe/%012d", i), value)
	batch.Put(fmt.Sprintf("event/%012d", i), value)
	batch.Put(fmt.Sprintf("queue/%012d", i), value)
	return batch
}

func parallel(n int, work func()) {
	var all sync.WaitGroup
	for range n {
		all.Go(work)
	}
	all.Wait()
}

// BenchmarkScan measures rows of 300 bytes, most of them in tables.
func BenchmarkScan(b *testing.B) {
	s := openBench(b)
	const rows = 100_000
	for i := range rows / 1000 {
		var batch store.Batch
		for j := range 1000 {
			batch.Put(fmt.Sprintf("row/%08d", i*1000+j), make([]byte, 300))
		}
		if err := s.Commit(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	for name, r := range map[string]store.Range{
		"all":     {Prefix: "row/"},
		"keys":    {Prefix: "row/", KeysOnly: true},
		"reverse": {Prefix: "row/", Reverse: true},
		"first":   {Prefix: "row/0005", Limit: 1},
		"last":    {Prefix: "row/0005", Limit: 1, Reverse: true},
	} {
		b.Run(name, func(b *testing.B) { benchScan(b, s, r) })
	}
	b.Run("get", func(b *testing.B) {
		for i := range b.N {
			if _, err := s.Get(b.Context(), fmt.Sprintf("row/%08d", i*7919%rows)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func benchScan(b *testing.B, s *badger.Store, r store.Range) {
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		err := s.Scan(b.Context(), r, func(string, []byte) error { rows++; return nil })
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
