// Package client is a thin, typed HTTP client for the tenancy API of Cortex. It knows nothing of Terraform.
package client

import (
	"context"
	"net/url"
	"time"
)

// Defaults of Config.
const (
	DefaultRequestTimeout = 30 * time.Second
	DefaultMaxRetries     = 4
)

// Config says where Cortex is and how to talk to it.
type Config struct {
	// Endpoint is the base URL, with or without /api/v1; a path prefix is kept. See ParseEndpoint.
	Endpoint string
	// APIKey is sent as a bearer token when it is not empty. Cortex checks nothing; a gateway in front may.
	APIKey string
	// Headers are added to every request. Names for which ReservedHeader is true are refused.
	Headers map[string]string
	// CACertPEM, ClientCertPEM and ClientKeyPEM are PEM texts for TLS; Insecure skips the check of the server's certificate.
	CACertPEM, ClientCertPEM, ClientKeyPEM string
	Insecure                               bool
	// RequestTimeout is the deadline of one request, its answer's body included; 0 means DefaultRequestTimeout.
	RequestTimeout time.Duration
	// MaxRetries is how often a request is repeated when that is safe; 0 means never.
	MaxRetries int
	// UserAgent is sent with every request.
	UserAgent string
	// Trace, when set, is told of every exchange, with secrets already removed.
	Trace func(ctx context.Context, e Exchange)
}

// Exchange is one request and its answer, for logs.
type Exchange struct {
	Method, URL           string
	Status                int // 0 when there was no answer
	Took                  time.Duration
	RequestBody, Response string
	Err                   error
}

// Client talks to one Cortex. It is safe for concurrent use.
type Client struct {
	Workspaces   *Objects[Workspace, WorkspacePatch]
	Environments *Objects[Environment, EnvironmentPatch]
}

// New returns a client. It sends nothing; an error says which part of cfg cannot be used.
func New(cfg Config) (*Client, error) { panic("todo") }

// Failing returns a client whose every request fails with err: for a configuration that is not known yet.
func Failing(err error) *Client { panic("todo") }

// ParseEndpoint checks and normalises a base URL: http or https, a host, no query, fragment or credentials; a trailing
// slash and /api/v1 are taken off.
func ParseEndpoint(raw string) (*url.URL, error) { panic("todo") }

// ReservedHeader tells whether the client owns this header, so that Config.Headers may not hold it.
func ReservedHeader(name string) bool { panic("todo") }
