package serve

import (
	"os"
	"runtime/debug"
	"slices"
	"strings"
)

// An engine starts the provider anew for every walk, and for a plan of a thousand objects calls it four thousand times. Half of
// the CPU time of a plain provider goes into writing logs that the engine throws away and into collecting garbage.
const (
	// gcPercent lets the heap grow to five times what is live before garbage is collected: the process is short-lived.
	gcPercent = 400
	// memoryLimit is where that ends: from here on garbage is collected as often as it takes to stay below.
	memoryLimit = 512 << 20
)

// tune turns off what costs time and serves nobody, and tells whether there are to be logs. It must run before the server is
// made. Under a debugger logging stays as it is: the engine, and what it is asked for, is another process.
func tune(debugger bool) (logs bool) {
	logs = debugger || logsAreWanted(os.Environ())
	if !logs {
		// Without a level, the SDK and the provider write every line, and the engine drops it. The root's level would silence the
		// SDK's subsystems as well, but only after a line's fields are put together.
		for _, logger := range []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_PROVIDER_CORTEX"} {
			_ = os.Setenv(logger, "off")
		}
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
		if os.Getenv("GOMEMLIMIT") == "" {
			debug.SetMemoryLimit(memoryLimit)
		}
	}
	return logs
}

// logsAreWanted tells whether any of the variables that ask the engine or the SDK for logs is set: TF_LOG, TF_LOG_PROVIDER,
// TF_LOG_SDK_PROTO and so on. TF_LOG_PATH only says where they go, and TF_LOG_CORE is about the engine alone.
func logsAreWanted(environment []string) bool {
	return slices.ContainsFunc(environment, func(variable string) bool {
		name, value, _ := strings.Cut(variable, "=")
		return strings.HasPrefix(name, "TF_LOG") && name != "TF_LOG_PATH" && name != "TF_LOG_CORE" &&
			value != "" && !strings.EqualFold(value, "off")
	})
}
