package badger

import "golang.org/x/sys/unix"

func readOnly(disk *unix.Statfs_t) bool { return disk.Flags&unix.MNT_RDONLY != 0 }
