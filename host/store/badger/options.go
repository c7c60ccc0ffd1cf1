package badger

import (
	"log/slog"

	bdb "github.com/dgraph-io/badger/v4"
	bopt "github.com/dgraph-io/badger/v4/options"

	"github.com/musubi-run/musubi/host/store"
)

// Sizes that bound the memory of a store; RATIONALE.md has what they cost.
const (
	memTableSize = 16 << 20
	memTables    = 2
	blockCache   = 16 << 20
	indexCache   = 16 << 20
	valueLogFile = 64 << 20
	levelZero    = 4
)

func options(dir string, log *slog.Logger) bdb.Options {
	return bdb.DefaultOptions(dir).
		WithLogger(logger{log}).
		WithSyncWrites(true).
		WithDetectConflicts(false). // there is one writer
		WithMetricsEnabled(false).  // they would be global
		WithCompression(bopt.Snappy).
		WithMemTableSize(memTableSize).
		WithNumMemtables(memTables).
		WithBlockCacheSize(blockCache).
		WithIndexCacheSize(indexCache).
		WithValueThreshold(store.LargeValue).
		WithValueLogFileSize(valueLogFile).
		WithNumCompactors(2).
		WithNumLevelZeroTables(levelZero).
		WithNumLevelZeroTablesStall(2 * levelZero).
		WithVerifyValueChecksum(true).
		WithChecksumVerificationMode(bopt.OnBlockRead).
		WithNumGoroutines(1)
}
