package wasm

import (
	"context"
	"log/slog"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/musubi-run/musubi/sdk/abi"
)

// guestFunction is a function that a guest may import. It finds its parameters
// on the stack and leaves its result there.
type guestFunction struct {
	params, results []api.ValueType
	run             func(inst *instance, stack []uint64)
}

// Call implements api.GoFunction.
func (f guestFunction) Call(ctx context.Context, stack []uint64) {
	for i, t := range f.params {
		if t == i32 {
			stack[i] &= 0xffffffff // the engine leaves anything in the upper half
		}
	}
	f.run(instanceOf(ctx), stack)
}

var (
	i32      = api.ValueTypeI32
	i64      = api.ValueTypeI64
	noValue  = []api.ValueType{}
	oneInt32 = []api.ValueType{i32}
)

// hostFunctions are the imports of module "musubi".
var hostFunctions = map[string]guestFunction{
	abi.ImportHTTP:     {[]api.ValueType{i32, i32}, oneInt32, (*instance).http},
	abi.ImportTake:     {[]api.ValueType{i32, i32}, noValue, (*instance).take},
	abi.ImportLog:      {[]api.ValueType{i32, i32, i32}, noValue, (*instance).log},
	abi.ImportStateGet: {[]api.ValueType{i32, i32}, oneInt32, (*instance).stateGet},
	abi.ImportStateSet: {[]api.ValueType{i32, i32, i32, i32}, noValue, (*instance).stateSet},
	abi.ImportLearn:    {[]api.ValueType{i32, i32}, noValue, (*instance).learn},
}

func addHost(ctx context.Context, engine wazero.Runtime) error {
	return addModule(ctx, engine, abi.ImportModule, hostFunctions)
}

func addModule(ctx context.Context, engine wazero.Runtime, name string, functions map[string]guestFunction) error {
	builder := engine.NewHostModuleBuilder(name)
	for export, f := range functions {
		builder.NewFunctionBuilder().WithGoFunction(f, f.params, f.results).Export(export)
	}
	_, err := builder.Instantiate(ctx)
	return err
}

// view returns bytes of guest memory, valid until the guest runs again.
func (inst *instance) view(function string, ptr, size uint64) []byte {
	b, ok := inst.memory.view(ptr, size)
	if !ok {
		inst.invoked.abort(faulty("gave a bad pointer to %s", function))
	}
	return b
}

// during returns the call under way. There is none while a guest starts or describes itself.
func (inst *instance) during(function string) *invocation {
	if inst.invoked.frame == nil {
		inst.invoked.abort(faulty("called %s outside of a call", function))
	}
	return &inst.invoked
}

// http sends a request: (ptr, len) -> size of the response's frame.
func (inst *instance) http(stack []uint64) {
	v := inst.during(abi.ImportHTTP)
	view := inst.view(abi.ImportHTTP, stack[0], stack[1])
	if v.stats.HTTPCalls++; v.stats.HTTPCalls > v.limits.HTTPCalls {
		v.abort(overLimit("http_calls", "the call sent more than %d HTTP requests", v.limits.HTTPCalls))
	}
	if len(view) > v.limits.RequestBytes {
		v.abort(overLimit("request_bytes", "an HTTP request has %d bytes and may have %d", len(view), v.limits.RequestBytes))
	}
	inst.burn(fuelPerHTTP + int64(len(view))/bytesPerFuel)
	v.checkTime()
	request, err := abi.ParseRequest([]byte(string(view)))
	if err != nil {
		v.abort(faulty("gave a broken frame to %s: %s", abi.ImportHTTP, err))
	}
	v.stats.Changed = v.stats.Changed || v.asked
	v.asked = !request.Repeatable()
	response := inst.do(v, &request)
	inst.answer = response.Append(inst.answer[:0])
	stack[0] = uint64(len(inst.answer))
}

// do sends a request and accounts for the time.
func (inst *instance) do(v *invocation, request *abi.Request) *abi.Response {
	if inst.opts.HTTP == nil {
		return &abi.Response{Err: &abi.Error{Kind: abi.Blocked, Message: "this connection has no way out"}}
	}
	began := inst.opts.now()
	response := inst.opts.HTTP.Do(v.context(), request)
	v.stats.HTTP += inst.opts.now().Sub(began)
	v.checkTime()
	return response
}

// take copies the last answer to (ptr, len).
func (inst *instance) take(stack []uint64) {
	ptr, size := uint32(stack[0]), uint32(stack[1])
	inst.burn(fuelPerCall + int64(size)/bytesPerFuel)
	if uint64(size) != uint64(len(inst.answer)) || !inst.memory.write(uint64(ptr), inst.answer) {
		inst.invoked.abort(faulty("took an answer of %d bytes into a bad buffer of %d", len(inst.answer), size))
	}
}

// log writes a line: (level, ptr, len).
func (inst *instance) log(stack []uint64) {
	v := inst.during(abi.ImportLog)
	text := inst.view(abi.ImportLog, stack[1], stack[2])
	inst.burn(fuelPerLog)
	v.stats.LogLines++
	if v.stats.LogLines > v.limits.LogLines {
		if v.stats.LogLines == v.limits.LogLines+1 {
			inst.opts.Logger.Warn("plugin log was cut", slog.Int("lines", v.limits.LogLines))
		}
		return
	}
	line := strings.ToValidUTF8(string(text[:min(len(text), v.limits.LogBytes)]), "\uFFFD")
	inst.opts.Logger.LogAttrs(v.caller, slogLevel(abi.Level(stack[0])), "plugin log", slog.String("text", line))
}

func slogLevel(l abi.Level) slog.Level {
	switch l {
	case abi.LevelDebug:
		return slog.LevelDebug
	case abi.LevelInfo:
		return slog.LevelInfo
	case abi.LevelWarn:
		return slog.LevelWarn
	default:
		return slog.LevelError
	}
}
