package rules

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// FuzzLoad loads anything as a rules file: it may be refused, with problems
// that can be shown, but nothing may panic; what loads can be run.
func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"testdata/wrong/*/*.yaml", "testdata/right/*/*.yaml", "library/*/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	c := catalog(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := LoadSources(map[string][]byte{"flow.yaml": data, "points.csv": []byte("a,b\n1,2\n"), "note.txt": data}, c)
		if err != nil {
			rendered(t, err, English)
			rendered(t, err, Japanese)
			return
		}
		for _, flow := range set.Flows() {
			set.Select(&Event{ID: "1", Connection: flow.On.Connection, Type: flow.On.Event, Time: time.Unix(0, 0), Data: orderData})
			flow.Simulate(&Event{ID: "1", Connection: "shop", Type: flow.On.Event, Time: time.Unix(0, 0), Data: orderData}, &cannedAnswers{used: map[string]int{}})
		}
	})
}
