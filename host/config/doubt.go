package config

import "strings"

// doubt is what nothing certain is known of, for faults that stand there: the
// whole file, or connections by name. What the connectors would say against
// these would only follow from the faults.
type doubt struct {
	whole       bool
	connections map[string]bool
}

// none says that all that connectors and rules are held against is known.
func (d *doubt) none() bool { return !d.whole && len(d.connections) == 0 }

// add notes the fault at path. A secret that stands in the file is known to be there.
func (d *doubt) add(code, path string) {
	top, rest, _ := strings.Cut(path, ".")
	name, _, _ := strings.Cut(rest, ".")
	switch {
	case code == "literal-secret":
	case top == "connections" && name != "":
		if d.connections == nil {
			d.connections = map[string]bool{}
		}
		d.connections[name] = true
	case top == "" || top == "connections" || top == "plugins" || top == "rules", code == "unknown-key" && rest == "":
		d.whole = true
	}
}
