package cortextest

import (
	"cmp"
	"slices"
	"strings"
	"testing"
)

// contractMembers is about what joins consumers and groups.
func contractMembers(t *testing.T, s *suite) {
	const times = `,"created_at":"<time>","updated_at":"<time>"}`
	ws := s.CreateWorkspace(s.Name("members"), nil).ID
	known := ids{"env": s.CreateEnvironment(ws, "e", nil).ID, "other": s.CreateEnvironment(ws, "o", nil).ID}
	known["stranger"] = s.Attach(known["other"], "consumer", "stranger")
	consumer := func(groups string) string {
		return `{"id":"<c>","environment_id":"<env>","first_name":"A","last_name":"","email":"A.b@example.com","organization":null,"properties":null,"groups":` + groups + times
	}
	const group = `{"id":"<g>","environment_id":"<env>","name":"g","description":"d","alias":null,"properties":{"k":[1,null]}` + times
	const inGroup = `[{"id":"<g>","name":"g","description":"d"}]`
	const added = `{"status":"success","message":"Consumer added to group"}`
	const removed = `{"status":"success","message":"Consumer removed from group"}`
	const noConsumer, noGroup = "Consumer with ID <none> does not exist", "Consumer group with ID <none> does not exist"
	detail := func(consumers string) string {
		return strings.TrimSuffix(group, "}") + `,"consumers":[` + consumers + `]}`
	}

	s.run(t, known,
		check{name: "create consumer", method: "POST", path: "/consumers", body: `{"environment_id":"<env>","first_name":"A","last_name":"","email":"A.b@Example.COM"}`, status: 201, save: "c", answer: consumer("[]")},
		check{name: "create group", method: "POST", path: "/consumers/groups", body: `{"environment_id":"<env>","name":"g","description":"d","properties":{"k":[1,null]}}`, status: 201, save: "g", answer: group},
		check{name: "nobody", method: "GET", path: "/consumers/groups/<g>/detail", status: 200, answer: detail("")},
		check{name: "add a member", method: "POST", path: "/consumers/groups/<g>/members", body: `{"consumer_id":"<c>","foo":1}`, status: 200, answer: added},
		check{name: "add it again", method: "POST", path: "/consumers/groups/<g>/members", body: `{"consumer_id":"<c>"}`, status: 200, answer: added},
		check{name: "detail", method: "GET", path: "/consumers/groups/<g>/detail", status: 200, answer: detail(consumer(inGroup))},
		check{name: "consumer", method: "GET", path: "/consumers/<c>", status: 200, answer: consumer(inGroup)},
		check{name: "consumers", method: "GET", path: "/environments/<env>/consumers", status: 200, answer: "[" + consumer(inGroup) + "]"},
		check{name: "changed consumer", method: "PUT", path: "/consumers/<c>", body: `{}`, status: 200, answer: consumer(inGroup)},
		check{name: "group", method: "GET", path: "/consumers/groups/<g>", status: 200, answer: group},
		check{name: "groups", method: "GET", path: "/environments/<env>/consumers/groups", status: 200, answer: "[" + group + "]"},

		check{name: "add nobody", method: "POST", path: "/consumers/groups/<g>/members", body: `{"consumer_id":"<none>"}`, status: s.missing, answer: noConsumer},
		check{name: "add to nothing", method: "POST", path: "/consumers/groups/<none>/members", body: `{"consumer_id":"<c>"}`, status: s.missing, answer: noGroup},
		check{name: "add a stranger", method: "POST", path: "/consumers/groups/<g>/members", body: `{"consumer_id":"<stranger>"}`, status: s.elsewhere, answer: "Consumer and group must be in the same environment"},
		check{name: "add without an id", method: "POST", path: "/consumers/groups/<g>/members", body: `{}`, status: 400, answer: `[{'type': 'missing', 'loc': ('body', 'consumer_id'), 'msg': 'Field required', 'input': {}}]`},
		check{name: "add null", method: "POST", path: "/consumers/groups/<g>/members", body: `{"consumer_id":null}`, status: 400,
			answer: `[{'type': 'uuid_type', 'loc': ('body', 'consumer_id'), 'msg': 'UUID input should be a string, bytes or UUID object', 'input': None}]`},
		check{name: "no such group's detail", method: "GET", path: "/consumers/groups/<none>/detail", status: s.missing, answer: noGroup},
		check{name: "membership of nobody", method: "GET", path: "/consumers/groups/<g>/members/<none>", status: s.missing, answer: noConsumer},
		check{name: "membership in nothing", method: "GET", path: "/consumers/groups/<none>/members/<c>", status: s.missing, answer: noGroup},
		check{name: "remove nobody", method: "DELETE", path: "/consumers/groups/<g>/members/<none>", status: s.missing, answer: noConsumer},
		check{name: "remove from nothing", method: "DELETE", path: "/consumers/groups/<none>/members/<c>", status: s.missing, answer: noGroup},
		check{name: "remove a stranger", method: "DELETE", path: "/consumers/groups/<g>/members/<stranger>", status: 200, answer: `{"status":"success","message":"` + s.removedNobody + `"}`},
	)
	s.isMember(t, known, true)
	s.run(t, known,
		check{name: "remove the member", method: "DELETE", path: "/consumers/groups/<g>/members/<c>", status: 200, answer: removed},
		check{name: "remove it again", method: "DELETE", path: "/consumers/groups/<g>/members/<c>", status: 200, answer: `{"status":"success","message":"` + s.removedNobody + `"}`},
		check{name: "it is in no group", method: "GET", path: "/consumers/<c>", status: 200, answer: consumer("[]")},
		check{name: "nobody is left", method: "GET", path: "/consumers/groups/<g>/detail", status: 200, answer: detail("")},
	)
	s.isMember(t, known, false)
	s.run(t, known,
		check{name: "add for the group's end", method: "POST", path: "/consumers/groups/<g>/members", body: `{"consumer_id":"<c>"}`, status: 200, answer: added},
		check{name: "delete a group with members", method: "DELETE", path: "/consumers/groups/<g>", status: 204},
		check{name: "its member stays", method: "GET", path: "/consumers/<c>", status: 200, answer: consumer("[]")},
		check{name: "remove from what is gone", method: "DELETE", path: "/consumers/groups/<g>/members/<c>", status: s.missing, answer: "Consumer group with ID <g> does not exist"},
		check{name: "another group", method: "POST", path: "/consumers/groups", body: `{"environment_id":"<env>","name":"g","description":"d","properties":{"k":[1,null]}}`, status: 201, save: "g", answer: group},
		check{name: "add for the consumer's end", method: "POST", path: "/consumers/groups/<g>/members", body: `{"consumer_id":"<c>"}`, status: 200, answer: added},
		check{name: "delete a consumer in a group", method: "DELETE", path: "/consumers/<c>", status: 204},
		check{name: "its group is empty", method: "GET", path: "/consumers/groups/<g>/detail", status: 200, answer: detail("")},
		check{name: "remove who is gone", method: "DELETE", path: "/consumers/groups/<g>/members/<c>", status: s.missing, answer: "Consumer with ID <c> does not exist"},
	)

	// Without foreign keys they outlive their environment.
	if !s.foreignKeys {
		s.run(t, known,
			check{name: "create consumer", method: "POST", path: "/consumers", body: `{"environment_id":"<env>","first_name":"A","last_name":"","email":"A.b@example.com"}`, status: 201, save: "c", answer: consumer("[]")},
			check{name: "delete the environment", method: "DELETE", path: "/environments/<env>", status: 204},
			check{name: "add an orphan", method: "POST", path: "/consumers/groups/<g>/members", body: `{"consumer_id":"<c>"}`, status: 200, answer: added},
			check{name: "orphans", method: "GET", path: "/consumers/groups/<g>/detail", status: 200, answer: detail(consumer(inGroup))},
			check{name: "remove an orphan", method: "DELETE", path: "/consumers/groups/<g>/members/<c>", status: 200, answer: removed},
		)
	}
}

// isMember asks whether <c> is in <g>: head cannot say.
func (s *suite) isMember(t *testing.T, known ids, is bool) {
	t.Helper()
	member := check{name: "membership", method: "GET", path: "/consumers/groups/<g>/members/<c>", status: 200, answer: `{"is_member":false}`}
	if is {
		member.answer = `{"is_member":true}`
	}
	if !s.membersWork {
		member.status, member.answer = 500, "Internal Server Error"
	}
	s.run(t, known, member)
}

// contractMemberOrder is about the order of a group's consumers and of a consumer's groups.
func contractMemberOrder(t *testing.T, s *suite) {
	env := s.newEnvironment("order of members")
	var groups, consumers []string
	for _, name := range []string{"0", "1", "2", "3"} {
		groups = append(groups, s.Attach(env, "consumer group", name))
		consumers = append(consumers, s.Attach(env, "consumer", name))
	}
	for _, i := range []int{2, 0, 3, 1} {
		s.AddMember(groups[0], consumers[i])
		s.AddMember(groups[i], consumers[0])
	}
	order := func(list []ConsumerGroup) (ids []string) {
		for _, g := range list {
			ids = append(ids, g.ID)
		}
		return ids
	}
	var detail struct{ Consumers []Consumer }
	s.do("GET", "/consumers/groups/"+groups[0]+"/detail", nil, 200, &detail)
	var members []string
	for _, c := range detail.Consumers {
		members = append(members, c.ID)
		if alone, _ := s.Consumer(c.ID); !slices.Equal(order(alone.Groups), order(c.Groups)) {
			t.Errorf("a group shows its consumer in %v, the consumer itself is in %v", c.Groups, alone.Groups)
		}
	}
	first, _ := s.Consumer(consumers[0])

	wantGroups, wantMembers := groups, consumers
	if s.groupsByID {
		wantGroups = slices.SortedFunc(slices.Values(groups), cmp.Compare)
		wantMembers = []string{consumers[2], consumers[0], consumers[3], consumers[1]}
	}
	if s.foreignKeys && s.IsReal() { // PostgreSQL promises no order
		slices.Sort(members)
		wantGroups, wantMembers = slices.Sorted(slices.Values(order(first.Groups))), slices.Sorted(slices.Values(consumers))
		first.Groups = slices.SortedFunc(slices.Values(first.Groups), func(a, b ConsumerGroup) int { return cmp.Compare(a.ID, b.ID) })
	}
	if got := order(first.Groups); !slices.Equal(got, wantGroups) {
		t.Errorf("the consumer's groups are %v, want %v", got, wantGroups)
	}
	if !slices.Equal(members, wantMembers) {
		t.Errorf("the group's consumers are %v, want %v", members, wantMembers)
	}
}
