//go:build !wasip1

package guest

import "github.com/musubi-run/musubi/sdk/abi"

// Outside WebAssembly there is no host. A connector's code still compiles, so
// that its unit tests run natively: they bring a host of their own (sdktest).

// HTTP answers that there is no host.
func HTTP([]byte) []byte {
	none := abi.Response{Err: &abi.Error{Kind: abi.Internal, Message: "no host: this is not a plugin but a native program"}}
	return none.Append(nil)
}

// StateGet finds nothing.
func StateGet(string) ([]byte, bool) { return nil, false }

// StateSet keeps nothing.
func StateSet(string, []byte) {}

// Learn tells nobody.
func Learn([]byte) {}

// Log writes nowhere.
func Log(abi.Level, string) {}

// saveMemory does nothing: a native test shares its process with others.
func saveMemory() {}
