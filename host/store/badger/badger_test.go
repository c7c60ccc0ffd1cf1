package badger_test

import (
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/host/store/badger"
	"github.com/musubi-run/musubi/host/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T, clock func() time.Time) store.Store {
		s, err := badger.Open(badger.Options{Dir: t.TempDir(), Clock: clock})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func TestDurable(t *testing.T) {
	storetest.RunDurable(t, func(dir string) (store.Store, error) {
		return badger.Open(badger.Options{Dir: dir, Clock: time.Now})
	})
}
