package cortextest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// skipLate skips a test that wants a Cortex after CORTEX_TEST_UNTIL, in seconds since 1970, and adds its name to build/late. It is for machines that
// are several times slower than most, on which a part of the tests says more than none.
func skipLate(t testing.TB) {
	t.Helper()
	text := os.Getenv("CORTEX_TEST_UNTIL")
	if text == "" {
		return
	}
	until, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatalf("CORTEX_TEST_UNTIL: %v", err)
	}
	if time.Now().Unix() < until {
		return
	}
	if err := noteLate(t.Name()); err != nil {
		t.Fatalf("it is too late to begin, and that cannot be noted: %v", err)
	}
	t.Skip("it is too late to begin")
}

func noteLate(test string) error {
	dir, err := moduleBuildDir()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(dir, "late"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(file, test)
	return errors.Join(err, file.Close())
}
