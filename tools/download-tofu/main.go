// Command download-tofu downloads a release of OpenTofu and verifies its signature: it is the command of OpenTofu's library tofudl, with
// its flags and variables (TOFUDL_API_URL, TOFUDL_DOWNLOAD_MIRROR_URL_TEMPLATE and TOFUDL_GPG_KEY_FILE name a mirror), but it gives up
// soon where nobody answers, since whoever calls it has another way.
package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/opentofu/tofudl/cli"
)

// patience is how long a name server, proxy or server may say nothing, also in the middle of a release.
const patience = 5 * time.Second

type impatient struct{ net.Conn }

// Read waits for the next bytes no longer than patience.
func (c impatient) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

func main() {
	dialer := net.Dialer{Timeout: patience}
	http.DefaultTransport = &http.Transport{ // which tofudl uses
		Proxy:             http.ProxyFromEnvironment,
		ForceAttemptHTTP2: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return impatient{conn}, nil
		},
	}

	var reason bytes.Buffer
	status := cli.New().Run(os.Args, os.Environ(), os.Stdout, &reason)
	if status != 0 {
		fmt.Fprintf(os.Stderr, "OpenTofu's release is not used: %s\n", bytes.TrimSpace(reason.Bytes()))
	}
	os.Exit(status)
}
