package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// named is what the object of block is called in its environment.
func (s subject) named(p *place) string {
	if s.isMember() {
		return "Wri/ters/cy/d@example.com"
	}
	return s.minimal[s.key].(string)
}

// texts are all texts by which the object of block is imported, and how many requests an import costs that way: a read of the object, or
// the lists of what is named.
func (s subject) texts(p *place, id string) map[string]int {
	name := s.named(p)
	named := 0 // what stands before a slash in the name may be the environment's name, for which the workspaces are asked for
	if strings.Contains(name, "/") {
		named = 1
	}
	texts := map[string]int{
		p.environment.ID + "/" + id:                              1,
		p.workspace.Name + "/" + p.environment.Name + "/" + name: 3,
		p.workspace.Name + "/" + p.environment.Name + "/" + id:   3,
		p.workspace.Name + "/" + p.environment.ID + "/" + id:     3,
		p.workspace.ID + "/" + p.environment.Name + "/" + name:   4, // an environment could have the first id
		p.workspace.ID + "/" + p.environment.ID + "/" + name:     4,
		p.environment.ID + "/" + name:                            2 + named,
		p.environment.ID + "/" + strings.ToUpper(id):             2 + strings.Count(id, "/"),
	}
	if !s.scoped {
		texts[id], texts[strings.ToUpper(id)] = 1, 1
	}
	return texts
}

// TestObjectImportCosts imports by all texts.
func TestObjectImport(t *testing.T) {
	t.Parallel()
	for _, s := range subjects {
		t.Run(s.noun, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			e := newEngine(t, p.Cortex)
			e.write(s.block(p, s.full))
			e.run(apply...)
			p.Reset()
			id := e.id(s.address())
			for _, text := range []string{s.importID(p, id), p.environment.ID + "/" + id, p.workspace.Name + "/" + p.environment.Name + "/" + s.named(p)} {
				e.wantImports(s.address(), text)
			}
			e.wantNoChanges()
			wantWrites(t, p.Cortex)
			e.run(destroy...)
		})
	}
}

// Importing costs what reading the object costs, or by names what it takes to look them up; never both.
func TestObjectImportCosts(t *testing.T) {
	t.Parallel()
	for _, s := range subjects {
		t.Run(s.noun, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			id := s.made(p, s.full)
			e := newEngine(t, p.Cortex)
			e.write(s.block(p, s.full))
			for text, want := range s.texts(p, id) {
				p.Reset()
				e.wantImportPlanned(s.address(), fmt.Sprintf("id = %q", text))
				if got := p.Requests(); len(got) != want {
					t.Errorf("an import of %q sends %d requests, want %d: %q", text, len(got), want, paths(got))
				}
			}
			wantWrites(t, p.Cortex)
		})
	}
}

func TestObjectImportByIdentity(t *testing.T) {
	t.Parallel()
	for _, s := range subjects {
		t.Run(s.noun, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			parts := []string{"environment_id", "id"}
			if s.isMember() {
				parts = []string{"group_id", "consumer_id"}
			}
			e := newEngine(t, p.Cortex)
			if !e.knowsIdentities() {
				t.Skip("the engine's import blocks know no identity")
			}
			e.write(s.block(p, s.full))
			e.run(apply...)
			p.Reset()
			e.wantImportedByIdentity(s.address(), parts...)
			e.wantNoChanges()
			wantWrites(t, p.Cortex)
			e.run(destroy...)
		})
	}
}

// Two ids are not looked up; but an object that is in another environment than the text says is not imported: the plan would delete it,
// to make another one where the text says.
func TestObjectImportElsewhere(t *testing.T) {
	t.Parallel()
	for _, s := range subjects {
		t.Run(s.noun, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			id := s.made(p, s.full)
			another := p.CreateEnvironment(p.workspace.ID, "another", nil)
			const missing = "00000000-0000-4000-8000-000000000000"
			what := s.label(id)
			if s.isMember() { // Cortex shows it with the consumer
				what = fmt.Sprintf("consumer \"cy/d@example.com\" (%s)", p.consumer())
			}
			e := newEngine(t, p.Cortex)
			write := func(text string) {
				e.write(s.block(p, s.full) + fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", s.address(), text))
			}
			for _, environment := range []string{another.ID, missing} {
				write(environment + "/" + id)
				if s.scoped { // Cortex itself looks there alone
					if got := e.problems(apply...); len(got) != 1 || got[0].Summary != "Cannot import non-existent remote object" {
						t.Errorf("the errors are %q", got)
					}
					continue
				}
				e.wantProblems(apply, problem{
					Summary: "Cannot read " + what + ": it is in another environment",
					Detail: fmt.Sprintf("It is in environment %s, not in %s. Cortex never moves one, so the id of the environment is wrong: correct it where the object is imported, or in "+
						"the state (terraform state rm, then import). Nothing was changed.", p.environment.ID, environment),
				})
			}
			none := missing
			if s.isMember() {
				none = missing + "/" + p.consumer()
			}
			write(p.environment.ID + "/" + none)
			if got := e.problems(plan...); len(got) != 1 || got[0].Summary != "Cannot import non-existent remote object" {
				t.Errorf("the errors are %q", got)
			}
			wantWrites(t, p.Cortex)
			s.only(p)
		})
	}
}

// A name may look like an id. Behind the id of what the object is in it is found as any other name, and only by the import itself: what is
// there later under that name is another object.
func TestImportOfANameLikeAnID(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	like := func() string { return uuid.NewString() }
	environment := p.CreateEnvironment(p.workspace.ID, like(), ptr(""))
	group := p.CreateConsumerGroup(p.environment.ID, map[string]any{"name": like()})
	for _, test := range []struct {
		text, id, block string
		again           func() // deletes the object and makes another one of its name
	}{
		{
			p.workspace.ID + "/" + environment.Name, environment.ID,
			fmt.Sprintf("resource \"cortex_environment\" \"test\" {\n  workspace_id = %q\n  name = %q\n  description = \"\"\n}\n", p.workspace.ID, environment.Name),
			func() {
				p.DeleteEnvironment(environment.ID)
				p.CreateEnvironment(p.workspace.ID, environment.Name, ptr(""))
			},
		},
		{
			p.environment.ID + "/" + group.Name, group.ID,
			fmt.Sprintf("resource \"cortex_consumer_group\" \"test\" {\n  environment_id = %q\n  name = %q\n}\n", p.environment.ID, group.Name),
			func() {
				p.DeleteConsumerGroup(group.ID)
				p.CreateConsumerGroup(p.environment.ID, map[string]any{"name": group.Name})
			},
		},
	} {
		address := strings.Split(test.block, `"`)[1] + ".test"
		p.Reset()
		e := newEngine(t, p.Cortex)
		imported := fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, test.text)
		e.write(test.block + imported)
		if out := e.run("apply", "-auto-approve", "-no-color"); !strings.Contains(out, "Resources: 1 imported, 0 added, 0 changed, 0 destroyed.") {
			t.Errorf("%s: the import says:\n%s", address, out)
		}
		e.wantNoChanges()
		if state := e.state(); !strings.Contains(state, test.id) {
			t.Errorf("%s: the state is\n%s", address, state)
		}
		e.run("state", "rm", address)
		e.write(test.block)
		e.run("import", address, test.text) // the command does the same
		e.wantNoChanges()
		wantWrites(t, p.Cortex)
		test.again()
		p.Reset()
		if out := e.run("plan", "-no-color"); !strings.Contains(out, "Plan: 1 to add, 0 to change, 0 to destroy.") {
			t.Errorf("%s: after the object went, the plan is:\n%s", address, out)
		}
	}
}

func TestObjectImportErrors(t *testing.T) {
	t.Parallel()
	c := cortextest.StartFake(t, cortextest.FakeOptions{}) // alone: the messages list what there is
	w := c.CreateWorkspace("acme", nil)
	env := c.CreateEnvironment(w.ID, "Production", nil).ID
	c.CreateEnvironment(w.ID, "empty", nil)
	ann := c.CreateConsumer(env, map[string]any{"email": "ann@example.com", "first_name": "", "last_name": ""}).ID
	twins := []string{c.CreateConsumerGroup(env, map[string]any{"name": "a"}).ID, c.CreateConsumerGroup(env, map[string]any{"name": "b"}).ID}
	c.UpdateConsumerGroup(twins[1], map[string]any{"name": "a"})
	if twins[0] > twins[1] {
		twins[0], twins[1] = twins[1], twins[0]
	}
	for _, twin := range twins {
		c.AddMember(twin, ann)
	}
	const missing = "00000000-0000-4000-8000-000000000000"
	notThere := func(path, noun, id string) string {
		return fmt.Sprintf("GET %s/api/v1%s: status 404: %s with ID %s does not exist.\n\nCortex does not have the %s %s that the request is about. Plan again; if another part of "+
			"the configuration names this id, correct it there.", c.URL(), path, strings.ToUpper(noun[:1])+noun[1:], id, noun, id)
	}
	const consumerHint = `A consumer is imported by its id (a UUID), by the id of its environment and its own with a slash between, or by names, such as "acme/Production/ann@example.com".`
	groups := fmt.Sprintf("  - consumer group \"a\" (%s)\n  - consumer group \"a\" (%s)\n", twins[0], twins[1])
	members := fmt.Sprintf("  - consumer group member \"a/ann@example.com\" (%s/%s)\n  - consumer group member \"a/ann@example.com\" (%s/%s)\n", twins[0], ann, twins[1], ann)

	e := newEngine(t, c)
	for _, test := range []struct{ kind, id, detail string }{
		{"consumer", "ann@example.com", consumerHint},
		{"consumer", "Production/ann@example.com", "No environment with a consumer in it has what stands before a slash as its id or name; a" + consumerHint[1:]},
		{"consumer", "acme/empty/ann@example.com", "No environment with a consumer in it has what stands before a slash as its id or name; a" + consumerHint[1:]},
		{"consumer", "acme/Production/bob@example.com", fmt.Sprintf("There is no such consumer; there are:\n  - consumer \"ann@example.com\" (%s)\n", ann)},
		{"consumer", "acme/Production/ANN@example.com", fmt.Sprintf("There is no such consumer; there are:\n  - consumer \"ann@example.com\" (%s)\n", ann)},
		{"consumer", missing, notThere("/consumers/"+missing, "consumer", missing)},
		{"consumer_group", missing, notThere("/consumers/groups/"+missing, "consumer group", missing)},
		{"consumer_group", "acme/Production/a", "There are several; choose one by its id:\n" + groups},
		{"consumer_group", "acme/Production/A", "There is no such consumer group; there are:\n" + groups},
		{"consumer_group_member", "acme/Production/a/ann@example.com", "There are several; choose one by its id:\n" + members},
		{"consumer_group_member", missing + "/" + ann, fmt.Sprintf("GET %s/api/v1/consumers/%s: status 200: the consumer is not in the group.\n\nCortex does not have the consumer "+
			"group member %[3]s/%[2]s that the request is about. Plan again; if another part of the configuration names this id, correct it there.", c.URL(), ann, missing)},
		{"consumer_group_member", twins[0] + "/" + missing, fmt.Sprintf("GET %s/api/v1/consumers/%s: status 404: Consumer with ID %[2]s does not exist.\n\nCortex does not have the "+
			"consumer group member %[3]s/%[2]s that the request is about. Plan again; if another part of the configuration names this id, correct it there.", c.URL(), missing, twins[0])},
		{"consumer_group_member", "acme/Production/a/bob@example.com", "There is no such consumer group member; there are:\n" + members},
		{"consumer_group_member", "acme/empty/" + twins[0] + "/" + ann, "No environment with a consumer group member in it has what stands before a slash as its id or name; a consumer group " +
			"member is imported by the ids of its group and its consumer with a slash between, by these with the id of the environment and a slash before them, or by names, such as " +
			"\"acme/Production/Analysts/ann@example.com\"."},
	} {
		e.write(fmt.Sprintf("import {\n  to = cortex_%s.test\n  id = %q\n}\n", test.kind, test.id) +
			fmt.Sprintf("resource \"cortex_consumer\" \"test\" {\n  environment_id = %q\n  email = \"new@example.com\"\n  first_name = \"\"\n  last_name = \"\"\n}\n", env) +
			fmt.Sprintf("resource \"cortex_consumer_group\" \"test\" {\n  environment_id = %q\n  name = \"new\"\n}\n", env) +
			fmt.Sprintf("resource \"cortex_consumer_group_member\" \"test\" {\n  group_id = %q\n  consumer_id = %q\n}\n", twins[0], ann))
		e.wantProblems(plan, problem{Summary: fmt.Sprintf("Cannot import %s %q", strings.ReplaceAll(test.kind, "_", " "), test.id), Detail: test.detail})
	}
	wantWrites(t, c)
}
