package badger

import (
	"log/slog"

	bdb "github.com/dgraph-io/badger/v4"
	bopt "github.com/dgraph-io/badger/v4/options"

	"github.com/musubi-run/musubi/host/store"
)

// Sizes that bound the memory of a store; RATIONALE.md has what others cost.
const (
	memTableSize = 8 << 20
	memTables    = 2
	tableSize    = 2 << 20
	levelZero    = 4
	valueLogFile = 64 << 20
)

func options(dir string, log *slog.Logger) bdb.Options {
	o := bdb.DefaultOptions(dir).
		WithLogger(logger{log}).
		WithSyncWrites(true).
		WithDetectConflicts(false). // there is one writer
		WithMetricsEnabled(false).  // they would be global
		WithMemTableSize(memTableSize).
		WithNumMemtables(memTables).
		WithBaseTableSize(tableSize).
		WithNumLevelZeroTables(levelZero).
		WithNumLevelZeroTablesStall(2 * levelZero).
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
