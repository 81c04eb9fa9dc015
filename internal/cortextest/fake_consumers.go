package cortextest

import (
	"cmp"
	"slices"
)

func (f *Fake) consumerRoutes() []route {
	return []route{
		{"POST", "/api/v1/consumers", createConsumer},
		{"GET", "/api/v1/consumers/{consumer_id}", getConsumer},
		{"PUT", "/api/v1/consumers/{consumer_id}", updateConsumer},
		{"DELETE", "/api/v1/consumers/{consumer_id}", deleteConsumer},
		{"GET", "/api/v1/environments/{environment_id}/consumers", listConsumers},
	}
}

const noConsumer = "Consumer with ID %s does not exist"

func createConsumer(c *call) answer {
	body := c.object()
	env, first, last := c.id(body, "environment_id"), c.str(body, "first_name", required), c.str(body, "last_name", required)
	email, organization, properties := c.email(body, required), c.str(body, "organization", optional), c.mapping(body, "properties", optional)
	if a, no := c.refused(); no {
		return a
	}
	if a, ok := c.environment(env); !ok {
		return a
	}
	if c.taken(consumers, env, "email", email) {
		return c.known(409, "Consumer with email %s already exists in environment %s", email, env)
	}
	c.letOthersIn()
	row := c.stamp(newDict("id", newUUID(), "environment_id", pyUUID(env), "first_name", first, "last_name", last,
		"email", email, "organization", organization, "properties", properties))
	if a, no := c.unstorable(insertInto(consumers, row)); no {
		return a
	}
	return jsonAnswer(201, c.withGroups(c.insert(consumers, row)))
}

// withGroups shows a consumer with the groups that it is in.
func (f *Fake) withGroups(consumer *pyDict) *pyDict {
	rows := slices.Clone(f.tables[consumerGroups].rows)
	if f.database == SQLite { // it walks through an index
		slices.SortFunc(rows, func(a, b *pyDict) int { return cmp.Compare(a.values["id"].(pyUUID), b.values["id"].(pyUUID)) })
	}
	groups := []any{}
	for _, g := range rows {
		if slices.Contains(f.members, member{g.values["id"].(pyUUID), consumer.values["id"].(pyUUID)}) {
			groups = append(groups, newDict("id", g.values["id"], "name", g.values["name"], "description", g.values["description"]))
		}
	}
	shown := newDict()
	for _, k := range consumer.keys {
		if k == "created_at" {
			shown.set("groups", groups)
		}
		shown.set(k, consumer.values[k])
	}
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

func updateConsumer(c *call) answer {
	id := c.pathID("consumer_id")
	body := c.object()
	values := newDict("first_name", c.str(body, "first_name", optional), "last_name", c.str(body, "last_name", optional), "email", c.email(body, optional),
		"organization", c.str(body, "organization", optional), "properties", c.mapping(body, "properties", optional))
	if a, no := c.refused(); no {
		return a
	}
	row := c.tables[consumers].find(id)
	if row == nil {
		return c.known(404, noConsumer, id)
	}
	if a, no := c.updateChanged(consumers, row, values); no {
		return a
	}
	return jsonAnswer(200, c.withGroups(row))
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
	if len(rows) > 0 {
		c.letOthersIn()
	}
	for i, r := range rows {
		if id := r.values["id"].(pyUUID); c.tables[consumers].find(string(id)) == nil {
			return text(500, noConsumer, id)
		}
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
