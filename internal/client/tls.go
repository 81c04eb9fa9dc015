package client

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
)

// TLSConfig checks PEM texts ("" where there is none) and returns the TLS configuration that they make.
func TLSConfig(caCert, clientCert, clientKey string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if caCert != "" {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM([]byte(caCert)) {
			return nil, errors.New("the CA certificate holds no PEM certificate that can be read")
		}
	}
	if clientCert != "" || clientKey != "" {
		pair, err := tls.X509KeyPair([]byte(clientCert), []byte(clientKey))
		if err != nil {
			return nil, fmt.Errorf("the client certificate and its key do not make a pair: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// TLSProblem is why the two sides could not agree on TLS.
type TLSProblem int

const (
	// NoTLSProblem is any other error.
	NoTLSProblem TLSProblem = iota
	// UnknownAuthority means that nobody trusted here signed the server's certificate.
	UnknownAuthority
	// InvalidCertificate means that the server's certificate is of another name, expired, or broken.
	InvalidCertificate
	// CertificateRefused means that the server wants a certificate of the client, or another one.
	CertificateRefused
	// PlainHTTP means that the server speaks HTTP without TLS.
	PlainHTTP
	// HandshakeFailed is every other end of a handshake.
	HandshakeFailed
)

// Alerts by which the other side ends a handshake for good (RFC 8446, 6.2). With TLS 1.3, those about our certificate come only after we
// have begun to send; no request is read before.
var (
	// certificateAlerts are about the certificate that we show: bad, unsupported, revoked, expired, unknown, of an unknown authority, required.
	certificateAlerts = []tls.AlertError{42, 43, 44, 45, 46, 48, 116}
	// handshakeAlerts: failure, access denied, version, security, fallback, name, protocol.
	handshakeAlerts = []tls.AlertError{40, 49, 70, 71, 86, 112, 120}
)

// TLSProblemOf tells why an error ended the handshake. The next try would end the same, and no request was read.
func TLSProblemOf(err error) TLSProblem {
	switch {
	case errors.As(err, new(x509.UnknownAuthorityError)):
		return UnknownAuthority
	case errors.As(err, new(*tls.CertificateVerificationError)):
		return InvalidCertificate
	case isAlert(err, certificateAlerts):
		return CertificateRefused
	case errors.Is(err, http.ErrSchemeMismatch):
		return PlainHTTP
	case errors.As(err, new(tls.RecordHeaderError)), isAlert(err, handshakeAlerts):
		return HandshakeFailed
	}
	return NoTLSProblem
}

// isAlert tells whether the other side sent one of these alerts. (The type that crypto/tls has for them has no name outside of it.)
func isAlert(err error, alerts []tls.AlertError) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error" &&
		slices.ContainsFunc(alerts, func(a tls.AlertError) bool { return op.Err.Error() == a.Error() })
}
