package ledger

import (
	"encoding/binary"
	"strings"
	"time"
)

// Tables, each a key prefix. The letters are part of the store's format.
const (
	tableEvent     = "ev"
	tableInbox     = "iq" // events that no rule has been matched with yet
	tableDedupe    = "de"
	tableDead      = "dl"
	tableFold      = "df" // dead letters by what was delivered
	tableRun       = "ru"
	tableByEvent   = "re" // runs by event
	tableFailed    = "rf" // runs that failed, for people
	tableReady     = "rq" // runs that can go on now
	tableStep      = "st"
	tableLane      = "la"
	tableLaneWait  = "lw" // runs that wait for their lane
	tableTimer     = "tm"
	tableHeld      = "hd" // runs that wait until a connection works again
	tableLink      = "lk"
	tableCursor    = "cu"
	tableFlow      = "fl" // which rules set holds a version of a flow
	tableRules     = "rs" // sources of a rules set
	tableHistory   = "rh" // rules sets by when they came into force
	tableState     = "gs" // guest state
	tableToken     = "tk" // sealed tokens
	tableQuota     = "qu" // requests of the day, by connection
	tableAudit     = "au"
	tableNotice    = "nw" // open notice windows, by group
	tableNoticed   = "nr" // runs that failed in a notice window
	tableStanding  = "cs" // how people were last told that a connection fares
	tableWarned    = "ce" // expiries that people were warned of
	tableClaim     = "cl" // what flows do once only, by flow and name
	tableClaimEnds = "cx" // claims by when they expire
)

const (
	fenceKey = "me\x00fence"
	sweptKey = "me\x00swept" // the id before which runs that ended were deleted
)

// key joins a table's name and parts so that keys of equal leading parts are
// neighbours and sort by the parts' bytes. A zero byte within a part is
// written as 00 FF, which keeps both uniqueness and order.
func key(table string, parts ...string) string {
	size := len(table) + len(parts)
	for _, p := range parts {
		size += len(p)
	}
	var b strings.Builder
	b.Grow(size)
	b.WriteString(table)
	for _, p := range parts {
		b.WriteByte(0)
		if strings.IndexByte(p, 0) < 0 {
			b.WriteString(p)
			continue
		}
		b.WriteString(strings.ReplaceAll(p, "\x00", "\x00\xff"))
	}
	return b.String()
}

// under is the prefix of every key that has these leading parts and at least one more.
func under(table string, parts ...string) string {
	return key(table, parts...) + "\x00"
}

// lastPart returns the last part of a key; it must hold no zero byte.
func lastPart(k string) string {
	return k[strings.LastIndexByte(k, 0)+1:]
}

// instant encodes a time so that it sorts, to the nanosecond, from 1970 on.
func instant(t time.Time) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(max(t.UnixNano(), 0))) //nolint:gosec // not negative
	return string(b[:])
}

func parseInstant(s string) time.Time {
	return time.Unix(0, int64(binary.BigEndian.Uint64([]byte(s)))).UTC() //nolint:gosec // written by instant
}
