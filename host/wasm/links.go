package wasm

import (
	"errors"
	"fmt"

	"github.com/musubi-run/musubi/host/wasm/wasmfile"
	"github.com/musubi-run/musubi/sdk/abi"
)

const memoryExport = "memory"

// checkLinks checks that a module imports nothing but what the host gives, and
// exports what the host calls. All faults are reported at once.
func checkLinks(wasm []byte) error {
	links, err := wasmfile.ReadLinks(wasm)
	if err != nil {
		return err
	}
	var faults []error
	for _, l := range links.Imports {
		if !offered(l) {
			faults = append(faults, fmt.Errorf("it imports %s %s.%s, which this host does not offer", l.Kind, l.Module, l.Name))
		}
	}
	for _, want := range []wasmfile.Link{
		{Name: abi.ExportAlloc, Kind: wasmfile.Func},
		{Name: abi.ExportCall, Kind: wasmfile.Func},
		{Name: abi.ExportDescribe, Kind: wasmfile.Func},
		{Name: memoryExport, Kind: wasmfile.Memory},
	} {
		if !links.Exported(want.Kind, want.Name) {
			faults = append(faults, fmt.Errorf("it does not export the %s %s", want.Kind, want.Name))
		}
	}
	return errors.Join(faults...)
}

func offered(l wasmfile.Link) bool {
	if l.Kind != wasmfile.Func {
		return false
	}
	switch l.Module {
	case abi.ImportModule:
		_, ok := hostFunctions[l.Name]
		return ok
	case systemModule:
		_, ok := systemFunctions[l.Name]
		return ok
	default:
		return false
	}
}
