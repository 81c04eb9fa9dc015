package provider_test

import (
	"encoding/json"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// step is a configuration that is planned and applied, and what has to be true of that. plugin-testing has the checks. What it runs them with
// is not used here: it starts a provider for each of its nine commands a step, and fails where one takes two seconds for that.
type step struct {
	prepare func() // before all else
	config  string
	plan    []plancheck.PlanCheck
	applied func() // after the apply
	state   []statecheck.StateCheck
	destroy bool // what there is, for a last step
}

// acceptance runs steps through the engine. After each, the plan has to be empty. At the end, all is destroyed.
func acceptance(t *testing.T, steps ...step) {
	t.Helper()
	e := newEngine(t, nil)
	for i, s := range steps {
		e.step(s)
		if t.Failed() {
			t.Fatalf("that was step %d of %d", i+1, len(steps))
		}
	}
	if !steps[len(steps)-1].destroy {
		e.run(destroy...)
	}
}

func (e *engine) step(s step) {
	e.t.Helper()
	if s.prepare != nil {
		s.prepare()
	}
	e.write(s.config)
	switch {
	case s.destroy:
		e.run(destroy...)
	case s.plan == nil:
		e.run(apply...)
	default:
		e.run("plan", "-out=step.plan")
		e.wantPlan("step.plan", s.plan)
		e.run("apply", "step.plan")
	}
	if s.applied != nil {
		s.applied()
	}
	if s.destroy {
		return
	}
	if s.state != nil {
		e.wantState(s.state)
	}
	e.wantNoChanges()
}

// wantPlan fails the test unless all checks of a saved plan pass.
func (e *engine) wantPlan(file string, checks []plancheck.PlanCheck) {
	e.t.Helper()
	var plan tfjson.Plan
	plan.UseJSONNumber(true)
	if err := json.Unmarshal([]byte(e.run("show", "-json", file)), &plan); err != nil {
		e.t.Fatal(err)
	}
	for _, check := range checks {
		var resp plancheck.CheckPlanResponse
		if check.CheckPlan(e.t.Context(), plancheck.CheckPlanRequest{Plan: &plan}, &resp); resp.Error != nil {
			e.t.Errorf("the plan: %v", resp.Error)
		}
	}
}

// wantState fails the test unless all checks of the state pass.
func (e *engine) wantState(checks []statecheck.StateCheck) {
	e.t.Helper()
	state := e.shownState()
	for _, check := range checks {
		var resp statecheck.CheckStateResponse
		if check.CheckState(e.t.Context(), statecheck.CheckStateRequest{State: state}, &resp); resp.Error != nil {
			e.t.Errorf("the state: %v", resp.Error)
		}
	}
}

// shownState is the state as the engine shows it, data sources and identities among it.
func (e *engine) shownState() *tfjson.State {
	e.t.Helper()
	var state tfjson.State
	state.UseJSONNumber(true)
	if err := json.Unmarshal([]byte(e.run("show", "-json")), &state); err != nil {
		e.t.Fatal(err)
	}
	return &state
}
