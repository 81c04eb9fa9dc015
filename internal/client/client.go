// Package client is a thin, typed HTTP client for the tenancy API of Cortex. It knows nothing of Terraform.
package client

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
)

// Defaults of Config.
const (
	DefaultRequestTimeout = 30 * time.Second
	DefaultMaxRetries     = 4
)

const (
	// dialTimeout is enough for any network that is there, and leaves a host that drops packets no half minute a try.
	dialTimeout = 10 * time.Second
	// idleTimeout is how long an unused connection is kept: gunicorn closes it after 2 s, uvicorn after 5 s, and a
	// request that meets the close is lost.
	idleTimeout = 1500 * time.Millisecond
	// idleConns is how many connections are kept for Cortex: as many as requests run at one time, or else each one over
	// Go's default of two is opened anew.
	idleConns = 64
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
	// Reading is how objects are read.
	Reading Reading
	// UserAgent is sent with every request.
	UserAgent string
	// Trace, when set, is told of every exchange, with secrets already removed.
	Trace func(ctx context.Context, e Exchange)
}

// Client talks to one Cortex. It is safe for concurrent use.
type Client struct {
	Workspaces     *Objects[Workspace]
	Environments   *Objects[Environment]
	Consumers      *Objects[Consumer]
	ConsumerGroups *Objects[ConsumerGroup]
	GroupMembers   *GroupMembers
	DataSources    *Objects[DataSource]
	DataModels     *Objects[DataModel]
	Metrics        *Objects[Metric]
	Dashboards     *Objects[Dashboard]

	base        *url.URL // with /api/v1
	header      http.Header
	secrets     *secrets
	http        *http.Client
	connections *connections // nil with TLS
	maxRetries  int
	timeout     time.Duration
	failing     error // set by Failing

	// See create.go.
	locks  keyedLock     // one create or rename of one name at a time
	made   sync.Map      // the objects that this run made: id in lower case → scope
	names  names         // see names.go
	reads  reads         // see reads.go
	sought sync.Map      // how to ask for a metric once, by environment and id: see MissingMetrics
	runs   chan struct{} // holds one for each widget that is being run: see dashboard_run.go

	outage outage // see outage.go
}

// New returns a client. It sends nothing; an error says which part of cfg cannot be used.
func New(cfg Config) (*Client, error) {
	endpoint, err := ParseEndpoint(cfg.Endpoint)
	if err != nil {
		return nil, err
	}
	tlsConfig, err := TLSConfig(cfg.CACertPEM, cfg.ClientCertPEM, cfg.ClientKeyPEM)
	if err != nil {
		return nil, err
	}
	tlsConfig.InsecureSkipVerify = cfg.Insecure

	header := http.Header{"Accept": {"application/json"}, "User-Agent": {cfg.UserAgent}}
	if cfg.APIKey != "" {
		header.Set("Authorization", "Bearer "+cfg.APIKey)
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Headers)) {
		switch {
		case ReservedHeader(name):
			return nil, fmt.Errorf("the header %q is set by the provider itself", name)
		case header.Values(name) != nil:
			return nil, fmt.Errorf("the header %q is set twice: case makes no difference in a header's name", name)
		}
		header.Set(name, cfg.Headers[name])
	}

	c := &Client{
		base:       endpoint.JoinPath("api", "v1"),
		header:     header,
		secrets:    newSecrets(append(slices.Collect(maps.Values(cfg.Headers)), cfg.APIKey)),
		maxRetries: cfg.MaxRetries,
		timeout:    cfg.RequestTimeout,
	}
	if c.timeout == 0 {
		c.timeout = DefaultRequestTimeout
	}
	c.reads.off, c.reads.pause, c.reads.limit = cfg.Reading == OneByOne, gatherPause, gatherLimit
	if cfg.Reading == Patient {
		c.reads.pause, c.reads.limit = time.Minute, time.Minute
	}
	//nolint:forcetypeassert // Go documents the type.
	transport := http.DefaultTransport.(*http.Transport).Clone() // keeps HTTPS_PROXY and NO_PROXY
	transport.TLSClientConfig = tlsConfig
	transport.DialContext = (&net.Dialer{Timeout: min(dialTimeout, c.timeout), KeepAlive: 30 * time.Second}).DialContext
	if endpoint.Scheme == "http" {
		c.connections = &connections{dial: transport.DialContext}
		transport.DialContext = c.connections.DialContext
	}
	transport.IdleConnTimeout = idleTimeout
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = idleConns, idleConns
	c.http = &http.Client{
		Transport: &attempt{next: transport, timeout: c.timeout, secrets: c.secrets, trace: cfg.Trace, outage: &c.outage},
		// A redirect is an answer to show, not to follow: it may lead from https to http, or to a login page.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	c.collections()
	return c, nil
}

// Failing returns a client whose every request fails with err: for a configuration that is not known yet.
func Failing(err error) *Client {
	c := &Client{failing: err}
	c.collections()
	return c
}

func (c *Client) collections() {
	c.runs = make(chan struct{}, maxRuns)
	c.Consumers = &Objects[Consumer]{client: c, kind: consumers}
	c.ConsumerGroups = &Objects[ConsumerGroup]{client: c, kind: consumerGroups}
	c.GroupMembers = &GroupMembers{client: c}
	c.DataSources = &Objects[DataSource]{client: c, kind: dataSources}
	c.Metrics = &Objects[Metric]{client: c, kind: metrics}
	c.Dashboards = &Objects[Dashboard]{client: c, kind: dashboards}
	c.DataModels = &Objects[DataModel]{client: c, kind: dataModels, besides: []ahead{c.Metrics, c.Dashboards}}
	c.Environments = &Objects[Environment]{client: c, kind: environments,
		inside: []ahead{c.Consumers, c.ConsumerGroups, c.DataSources, c.DataModels, c.Metrics, c.Dashboards}}
	c.Workspaces = &Objects[Workspace]{client: c, kind: workspaces, inside: []ahead{c.Environments}, likely: []ahead{c.Environments}}
}

// CloseIdleConnections closes the connections that no request uses.
func (c *Client) CloseIdleConnections() {
	if c.http != nil {
		c.http.CloseIdleConnections()
	}
	if c.connections != nil {
		c.connections.close()
	}
}

// ParseEndpoint checks and normalises a base URL: http or https, a host, no query, fragment or credentials; a trailing
// slash and /api/v1 are taken off. What people write instead of one is named before the parser sees it, whose words for that are about other
// things ("first path segment in URL cannot contain colon").
func ParseEndpoint(raw string) (*url.URL, error) {
	scheme, _, hasScheme := strings.Cut(raw, "://")
	switch {
	case strings.ContainsAny(raw, "\n\r"):
		return nil, errors.New("the URL has a line break in it; take that out")
	case strings.ContainsFunc(raw, unicode.IsSpace):
		return nil, errors.New("the URL has a blank in it; take that out")
	case strings.ContainsAny(raw, "\"'`“”„‘’«»"):
		return nil, errors.New("the URL has a quotation mark in it; take that out")
	case !hasScheme && mayBeHost(raw):
		return nil, fmt.Errorf("the scheme is missing: write http://%s, or https://%[1]s if the server has TLS", raw)
	case !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") || !hasScheme:
		return nil, errors.New("the URL must begin with http:// or https://")
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		// url.Error repeats the whole input, which may hold a password.
		var parse *url.Error
		if errors.As(err, &parse) {
			err = parse.Err
		}
		return nil, fmt.Errorf("not a URL: %w", err)
	case u.Hostname() == "":
		return nil, errors.New("the URL has no host")
	case u.User != nil:
		return nil, errors.New("the URL must not hold a user or password; use api_key, CORTEX_API_KEY or headers")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("the URL must end with its path, without ? or #")
	}
	u.Path = strings.TrimRight(strings.TrimSuffix(strings.TrimRight(u.Path, "/"), "/api/v1"), "/")
	u.RawPath = ""
	return u, nil
}

// mayBeHost tells whether a text would be a URL with http:// before it, and one that a message may repeat.
func mayBeHost(text string) bool {
	u, err := url.Parse("http://" + text)
	return err == nil && u.Hostname() != "" && u.User == nil && u.RawQuery == "" && !strings.HasSuffix(u.Host, ":")
}

// ReservedHeader tells whether the client owns this header, so that Config.Headers may not hold it.
func ReservedHeader(name string) bool {
	switch textproto.CanonicalMIMEHeaderKey(name) {
	case "Accept", "Content-Type", "Content-Length", "Host", "User-Agent", "Transfer-Encoding", "Connection":
		return true
	}
	return false
}
