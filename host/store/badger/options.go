package badger

import (
	bdb "github.com/dgraph-io/badger/v4"
	bopt "github.com/dgraph-io/badger/v4/options"

	"github.com/musubi-run/musubi/host/store"
)

// Sizes that bound the memory of a store; RATIONALE.md has what others cost.
const (
	memTableSize = 6 << 20
	memTables    = 2
	// tableSize is half of the buffer that a table is built in, and a dozen tables
	// are under way at a time. A memtable takes a second buffer of twice the size.
	tableSize = 2 << 20
	// levelZero is small so that no more than three tables ever wait on the first
	// level: from four on, Badger may put them together, in a buffer of 256 MB.
	levelZero    = 2
	valueLogFile = 64 << 20
)

func options(dir string, log logger) bdb.Options {
	o := bdb.DefaultOptions(dir).
		WithLogger(log).
		WithSyncWrites(true).
		WithDetectConflicts(false). // there is one writer
		WithMetricsEnabled(false).  // they would be global
		WithMemTableSize(memTableSize).
		WithNumMemtables(memTables).
		WithBaseTableSize(tableSize).
		WithNumLevelZeroTables(levelZero).
		WithNumLevelZeroTablesStall(levelZero + 1).
		WithCompression(bopt.None).
		WithBlockCacheSize(0). // tables are read where the kernel maps them
		WithValueThreshold(store.LargeValue).
		WithValueLogFileSize(valueLogFile).
		WithVerifyValueChecksum(true).
		WithChecksumVerificationMode(bopt.OnBlockRead).
		WithNumCompactors(2).
		WithNumGoroutines(1)
	o.TableSizeMultiplier = 1
	return o
}
