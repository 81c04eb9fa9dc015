package cortextest

import (
	"slices"
	"strings"
)

func (f *Fake) consumerRoutes() []route {
	return []route{
		{"POST", "/api/v1/consumers", createConsumer},
		{"GET", "/api/v1/consumers/{consumer_id}", getConsumer},
		{"DELETE", "/api/v1/consumers/{consumer_id}", deleteConsumer},
		{"GET", "/api/v1/environments/{environment_id}/consumers", listConsumers},
	}
}

const noConsumer = "Consumer with ID %s does not exist"

// email reads an address, normalised: the domain in lower case.
func (c *call) email(body *pyDict) string {
	s, ok := c.str(body, "email", required).(string)
	if !ok {
		return ""
	}
	local, domain, at := strings.Cut(strings.TrimSpace(s), "@")
	if !at {
		const reason = "An email address must have an @-sign."
		c.problem("value_error", pyTuple{"body", "email"}, "value is not a valid email address: "+reason, s, "reason", reason)
	}
	return local + "@" + strings.ToLower(domain)
}

func createConsumer(c *call) answer {
	body := c.object()
	env, first, last := c.id(body, "environment_id", required), c.str(body, "first_name", required), c.str(body, "last_name", required)
	email, organization, properties := c.email(body), c.str(body, "organization", optional), c.mapping(body, "properties", optional)
	if a, no := c.refused(); no {
		return a
	}
	if a, ok := c.environment(env); !ok {
		return a
	}
	if c.taken(consumers, env, "email", email) {
		return c.known(409, "Consumer with email %s already exists in environment %s", email, env)
	}
	return jsonAnswer(201, c.insert(consumers, c.stamp(newDict("id", nil, "environment_id", pyUUID(env), "first_name", first, "last_name", last,
		"email", email, "organization", organization, "properties", properties, "groups", []any{}))))
}

// withGroups shows a consumer with the groups that it is in.
func (f *Fake) withGroups(consumer *pyDict) *pyDict {
	groups := []any{}
	for _, g := range f.tables[consumerGroups].rows {
		if slices.Contains(f.members, member{g.values["id"].(pyUUID), consumer.values["id"].(pyUUID)}) {
			groups = append(groups, newDict("id", g.values["id"], "name", g.values["name"], "description", g.values["description"]))
		}
	}
	shown := consumer.clone()
	shown.set("groups", groups)
	return shown
}

func getConsumer(c *call) answer {
	id := c.pathID("consumer_id")
	if a, no := c.refused(); no {
		return a
	}
	if row := c.tables[consumers].find(id); row != nil {
		return jsonAnswer(200, c.withGroups(row))
	}
	return c.known(404, noConsumer, id)
}

func listConsumers(c *call) answer {
	env := c.pathID("environment_id")
	if a, no := c.refused(); no {
		return a
	}
	if a, ok := c.environment(env); !ok {
		return a
	}
	rows := c.rowsOf(consumers, env)
	for i, r := range rows {
		rows[i] = c.withGroups(r)
	}
	return rowsAnswer(rows)
}

func deleteConsumer(c *call) answer {
	id := c.pathID("consumer_id")
	if a, no := c.refused(); no {
		return a
	}
	if c.tables[consumers].find(id) == nil {
		if c.release == Head {
			return text(500, "Consumer with ID %s not found", id)
		}
		return text(500, "500: Failed to delete consumer")
	}
	c.members = slices.DeleteFunc(c.members, func(m member) bool { return m.consumer == pyUUID(id) })
	return c.delete(consumers, id)
}
