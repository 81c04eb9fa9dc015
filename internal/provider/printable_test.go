package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// Names that move a terminal's cursor, and what others write, are in no message as they are.
func TestMessagesArePrintable(t *testing.T) {
	t.Parallel()
	c := cortextest.StartFake(t, cortextest.FakeOptions{}) // alone: messages list what there is
	const name = "\x1b[2Ja\nb\u202e"
	const shown = `\x1b[2Ja\nb\u202e`
	w := c.CreateWorkspace(name, nil)
	environment := c.CreateEnvironment(w.ID, name, nil)
	consumer := c.CreateConsumer(environment.ID, map[string]any{"email": "ann@example.com", "first_name": name, "last_name": name})
	group := c.CreateConsumerGroup(environment.ID, map[string]any{"name": name})
	c.AddMember(group.ID, consumer.ID)
	c.Attach(environment.ID, "data source", name)
	inside := fmt.Sprintf("  environment_id = %q\n", environment.ID)
	text := jsonOf(name)
	workspace := "resource \"cortex_workspace\" \"test\" {\n  name = " + text + "\n}\n"
	block := fmt.Sprintf("resource \"cortex_environment\" \"test\" {\n  workspace_id = %q\n  name = %s\n}\n", w.ID, text)

	refused := cortextest.Fault{Times: -1, Kind: cortextest.Answer, Status: 400, Body: "no " + name, Match: cortextest.Matching("GET", "/workspaces")}
	for _, test := range []struct {
		config  string
		command []string
		fault   *cortextest.Fault
	}{
		{config: "data \"cortex_workspace\" \"test\" {\n  name = \"nobody\"\n}\n"},
		{config: fmt.Sprintf("data \"cortex_environment\" \"test\" {\n  workspace_id = %q\n  name = \"nobody\"\n}\n", w.ID)},
		{config: "data \"cortex_consumer_group\" \"test\" {\n" + inside + "  name = \"nobody\"\n}\n"},
		{config: workspace + "import {\n  to = cortex_workspace.test\n  id = \"nobody\"\n}\n"},
		{config: block + "import {\n  to = cortex_environment.test\n  id = " + strings.Replace(text, `"`, `"nobody/`, 1) + "\n}\n"},
		{config: fmt.Sprintf("resource \"cortex_consumer_group_member\" \"test\" {\n  group_id = %q\n  consumer_id = %q\n}\n", group.ID, consumer.ID) +
			"import {\n  to = cortex_consumer_group_member.test\n  id = \"" + environment.ID + "/nobody/ann@example.com\"\n}\n"},
		{config: workspace, command: apply},
		{config: block, command: apply},
		{config: "resource \"cortex_consumer_group\" \"test\" {\n" + inside + "  name = " + text + "\n}\n", command: apply},
		{config: fmt.Sprintf("import {\n  to = cortex_workspace.test\n  id = %q\n}\n", w.ID) + workspace, command: destroy},
		{config: fmt.Sprintf("import {\n  to = cortex_environment.test\n  id = %q\n}\n", environment.ID) + block, command: destroy},
		{config: "data \"cortex_workspaces\" \"test\" {}\n", fault: &refused},
	} {
		e := newEngine(t, c)
		e.write(test.config)
		command := plan
		if test.command != nil {
			command = test.command
		}
		if strings.HasPrefix(test.config, "import") {
			e.run(apply...)
		}
		if test.fault != nil {
			c.Fail(*test.fault)
		}
		said := ""
		for _, p := range e.problems(command...) {
			said += p.Summary + "\n" + p.Detail + "\n"
		}
		unprintable := func(r rune) bool { return r != '\n' && unicode.IsControl(r) || r == '\u202e' }
		if strings.ContainsFunc(said, unprintable) || strings.Contains(said, "a\nb") || !strings.Contains(said, "[2Ja") {
			t.Errorf("%s of\n%s\nsays %q", command[0], test.config, said)
		}
		if test.fault == nil && !strings.Contains(said, shown) {
			t.Errorf("%s of\n%s\ndoes not show the name %s: %q", command[0], test.config, shown, said)
		}
	}
}
