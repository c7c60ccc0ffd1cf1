package badger

import "golang.org/x/sys/unix"

func readOnly(disk *unix.Statfs_t) bool { return disk.Flags&unix.ST_RDONLY != 0 }
