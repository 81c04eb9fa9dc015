package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// An object that is replaced only because the id of what it is in is not known yet is warned of, at that id; whatever the kind.
func TestReplacedForUnknownID(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	name := c.Name("acme")
	e := newEngine(t, c)
	// Everything is found by data sources, which have to wait where trigger changes.
	body := func(trigger string) string {
		text := fmt.Sprintf("resource \"terraform_data\" \"trigger\" {\n  input = %q\n}\n", trigger) + workspaceBlock(name, retire)
		read := func(kind string, by ...string) {
			text += fmt.Sprintf("data %q \"test\" {\n", kind)
			for _, attribute := range by {
				text += fmt.Sprintf("  %s = %s.test.%[1]s\n", attribute, kind)
			}
			text += "  depends_on = [terraform_data.trigger]\n}\n"
		}
		read("cortex_workspace", "name")
		text += "resource \"cortex_environment\" \"test\" {\n  workspace_id = data.cortex_workspace.test.id\n  " + retire + "\n}\n"
		read("cortex_environment", "workspace_id", "name")
		for _, s := range editable {
			text += s.blockIn("data.cortex_environment.test.id", s.minimal)
			read(s.kind(), "environment_id", s.key)
		}
		return text + "resource \"cortex_consumer_group_member\" \"test\" {\n  group_id = data.cortex_consumer_group.test.id\n  consumer_id = data.cortex_consumer.test.id\n}\n"
	}
	e.write(body("a"))
	e.run(apply...)
	if got := e.warnings(plan...); len(got) > 0 {
		t.Errorf("there are the warnings %q", got)
	}
	w := workspaceNamed(t, c, name)
	environment := environmentNamed(t, c, w.ID, "Development")
	model := c.DataModels(environment.ID)[0].ID
	consumer, group := c.Consumers(environment.ID)[0].ID, c.ConsumerGroups(environment.ID)[0].ID
	warning := func(noun, attribute, of, id string) problem {
		article := "A "
		if noun == "environment" {
			article = "An "
		}
		return problem{article + noun + " is replaced only because its " + attribute + " is not known yet",
			fmt.Sprintf("The value of %s is not known before the apply: it comes from something that is created, changed or replaced in the same apply, or from a data source that waits "+
				"for such a thing (depends_on). If the %s itself is created or replaced, this is right. Otherwise the %s is deleted and created again for nothing: write %[1]s = %[4]q, "+
				"or take the depends_on out of the data source.", attribute, of, noun, id), attribute}
	}
	e.write(body("b"))
	if diff := cmp.Diff([]problem{
		warning("consumer group", "environment_id", "environment", environment.ID),
		warning("consumer group member", "consumer_id", "consumer", consumer),
		warning("consumer group member", "group_id", "consumer group", group),
		warning("consumer", "environment_id", "environment", environment.ID),
		warning("dashboard", "environment_id", "environment", environment.ID),
		warning("data model", "environment_id", "environment", environment.ID),
		warning("data source", "environment_id", "environment", environment.ID),
		warning("metric", "data_model_id", "data model", model),
		warning("environment", "workspace_id", "workspace", w.ID),
	}, e.warnings(plan...)); diff != "" {
		t.Errorf("the warnings (-want +got):\n%s", diff)
	}
	// The way out.
	e.write(strings.NewReplacer("data.cortex_workspace.test.id", fmt.Sprintf("%q", w.ID), "data.cortex_environment.test.id", fmt.Sprintf("%q", environment.ID),
		"data.cortex_consumer_group.test.id", fmt.Sprintf("%q", group), "data.cortex_consumer.test.id", fmt.Sprintf("%q", consumer)).Replace(body("b")))
	c.Reset()
	if got := e.warnings(apply...); len(got) > 0 {
		t.Errorf("with the ids themselves there are the warnings %q", got)
	}
	wantWrites(t, c)
	e.write(body("b"))
	e.wantNoChanges()
	e.run(destroy...)
}

// A replacement that has another cause besides is no surprise.
func TestReplacedForMoreThanUnknownID(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	e := newEngine(t, p.Cortex)
	body := func(trigger, group string) string {
		return fmt.Sprintf("resource \"terraform_data\" \"trigger\" {\n  input = %q\n}\n", trigger) +
			fmt.Sprintf("data \"cortex_consumer\" \"test\" {\n  environment_id = %q\n  email = \"cy/d@example.com\"\n  depends_on = [terraform_data.trigger]\n}\n", p.environment.ID) +
			fmt.Sprintf("resource \"cortex_consumer_group_member\" \"test\" {\n  group_id = %q\n  consumer_id = data.cortex_consumer.test.id\n}\n", group)
	}
	p.consumer()
	e.write(body("a", p.group()))
	e.run(apply...)
	e.write(body("b", p.group()))
	if got := e.warnings(plan...); len(got) != 1 || got[0].At != "consumer_id" {
		t.Errorf("the warnings are %q, want one at consumer_id", got)
	}
	e.write(body("b", p.CreateConsumerGroup(p.environment.ID, map[string]any{"name": "other"}).ID))
	if got := e.warnings(plan...); len(got) > 0 {
		t.Errorf("there are the warnings %q", got)
	}
	e.run(apply...)
	e.run(destroy...)
}
