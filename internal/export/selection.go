package export

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

// selection is which workspaces are exported.
type selection struct {
	texts    []string
	patterns []*regexp.Regexp
	used     []bool
}

func newSelection(texts []string) *selection {
	s := &selection{texts: texts, used: make([]bool, len(texts))}
	for _, text := range texts {
		pattern := regexp.QuoteMeta(norm.NFC.String(text))
		pattern = strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(pattern)
		s.patterns = append(s.patterns, regexp.MustCompile("(?s)^(?:"+pattern+")$"))
	}
	return s
}

func (s *selection) selects(ref client.Ref) bool {
	found := len(s.texts) == 0
	for i, text := range s.texts {
		name := norm.NFC.String(ref.Name)
		if name == norm.NFC.String(text) || strings.EqualFold(ref.ID, text) || s.patterns[i].MatchString(name) {
			s.used[i], found = true, true
		}
	}
	return found
}

// unmatched is an error about texts that no workspace matched.
func (s *selection) unmatched() error {
	var errs []error
	for i, text := range s.texts {
		if !s.used[i] {
			errs = append(errs, fmt.Errorf("no workspace has the name or id %q or matches it; nothing was written", text))
		}
	}
	return errors.Join(errs...)
}

// theEnvironment returns the one environment that a text means.
func theEnvironment(ctx context.Context, c *client.Client, text string) (*object, error) {
	k := kinds[slices.IndexFunc(kinds, func(k *provider.Kind) bool { return k.Noun == "environment" })]
	failed := func(err error) error { return provider.Explain(fmt.Sprintf("find environment %q", text), err) }
	id, noID := uuid.Parse(text)
	if noID != nil && !strings.Contains(text, "/") {
		return nil, failed(errors.New("write WORKSPACE/ENVIRONMENT, where each is a name or an id, or the id of the environment alone"))
	}
	ref, err := k.Find(ctx, c, text)
	if noID == nil && client.IsGone(err, k.Noun, id.String()) {
		err = errors.New("no environment has this id")
	}
	if err != nil {
		return nil, failed(err)
	}
	return &object{kind: k, ref: ref, in: &object{}}, nil
}
