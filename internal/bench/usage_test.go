package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// usage is what processes used, from Linux's /proc; on other systems it stays empty. The kernel keeps the peak of memory
// itself, so that looking forty times a second misses only what grows in a process's last moment.
type usage struct {
	enginePeak, providerPeak int // bytes
	providerCPU              time.Duration
}

const lookEvery = 25 * time.Millisecond

// watch looks at an engine and its children until the returned function is called.
func watch(engine int) (stop func() usage) {
	var u usage
	cpu := map[string]time.Duration{}
	done := make(chan struct{})
	var looking sync.WaitGroup
	looking.Go(func() {
		ticker := time.NewTicker(lookEvery)
		defer ticker.Stop()
		for {
			u.enginePeak = max(u.enginePeak, peak(strconv.Itoa(engine)))
			// Threads start processes, and each lists its own.
			threads, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", engine))
			for _, thread := range threads {
				children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", engine, thread.Name()))
				for _, pid := range strings.Fields(string(children)) {
					u.providerPeak = max(u.providerPeak, peak(pid))
					cpu[pid] = max(cpu[pid], cpuTime(pid))
				}
			}
			select {
			case <-done:
				return
			case <-ticker.C:
			}
		}
	})
	return func() usage {
		close(done)
		looking.Wait()
		for _, d := range cpu {
			u.providerCPU += d
		}
		return u
	}
}

// peak is the largest resident set that a process had.
func peak(pid string) int {
	data, _ := os.ReadFile("/proc/" + pid + "/status")
	_, after, _ := strings.Cut(string(data), "VmHWM:")
	fields := strings.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kib, _ := strconv.Atoi(fields[0])
	return kib << 10
}

// cpuTime is the CPU time that a process used.
func cpuTime(pid string) time.Duration {
	data, _ := os.ReadFile("/proc/" + pid + "/stat")
	_, after, _ := strings.Cut(string(data), ") ") // the name before it may hold blanks
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0
	}
	const tick = 10 * time.Millisecond // the kernel's USER_HZ is 100 everywhere
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick
}
