package rules

import "github.com/musubi-run/musubi/sdk/abi"

// Catalog is what rules are checked against: the connections that there are
// and what their connectors can do.
type Catalog struct {
	Connections map[string]*Connection
	// Member is the shape of a member, for tag rules; nil while the host keeps no members.
	Member *abi.Schema
}

// Connection is one connection as rules see it.
type Connection struct {
	Manifest *abi.Manifest
	// Objects are the declared kinds of record, by the platform's name; each
	// schema is an object whose properties are the fields. May be nil: then
	// record fields are not checked.
	Objects map[string]*abi.Schema
}
