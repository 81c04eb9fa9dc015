package cortextest

import (
	"fmt"
	"slices"
	"strings"
)

// A member links a consumer to a group.
type member struct{ group, consumer pyUUID }

func (f *Fake) consumerGroupRoutes() []route {
	return []route{
		{"POST", "/api/v1/consumers/groups", createConsumerGroup},
		{"GET", "/api/v1/consumers/groups/{group_id}", getFrom(consumerGroups, "group_id", noConsumerGroup)},
		{"GET", "/api/v1/consumers/groups/{group_id}/detail", getConsumerGroupDetail},
		{"PUT", "/api/v1/consumers/groups/{group_id}", updateConsumerGroup},
		{"DELETE", "/api/v1/consumers/groups/{group_id}", deleteConsumerGroup},
		{"POST", "/api/v1/consumers/groups/{group_id}/members", addMember},
		{"GET", "/api/v1/consumers/groups/{group_id}/members/{consumer_id}", getMember},
		{"DELETE", "/api/v1/consumers/groups/{group_id}/members/{consumer_id}", removeMember},
		{"GET", "/api/v1/environments/{environment_id}/consumers/groups", listOf(consumerGroups)},
	}
}

const noConsumerGroup = "Consumer group with ID %s does not exist"

func createConsumerGroup(c *call) answer {
	body := c.object()
	env, name, description := c.id(body, "environment_id"), c.str(body, "name", required), c.str(body, "description", optional)
	alias, properties := c.str(body, "alias", optional), c.mapping(body, "properties", optional)
	if a, no := c.refused(); no {
		return a
	}
	if a, ok := c.environment(env); !ok {
		return a
	}
	if a, no := c.unstorable(selectByName(consumerGroups, newDict("name_1", name, "environment_id_1", pyUUID(env)))); no {
		return a
	}
	if c.taken(consumerGroups, env, "name", name) {
		return c.known(409, "Consumer group with name '%s' already exists in environment %s", name, env)
	}
	c.letOthersIn()
	row := c.stamp(newDict("id", newUUID(), "environment_id", pyUUID(env), "name", name, "description", description, "alias", alias, "properties", properties))
	if a, no := c.unstorable(insertInto(consumerGroups, row)); no {
		return a
	}
	return jsonAnswer(201, c.insert(consumerGroups, row))
}

func getConsumerGroupDetail(c *call) answer {
	id := c.pathID("group_id")
	if a, no := c.refused(); no {
		return a
	}
	row := c.tables[consumerGroups].find(id)
	if row == nil {
		return c.known(404, noConsumerGroup, id)
	}
	list := []any{}
	for _, consumer := range c.membersOf(pyUUID(id)) {
		list = append(list, c.withGroups(consumer))
	}
	shown := row.clone()
	shown.set("consumers", list)
	return jsonAnswer(200, shown)
}

// membersOf are the consumers of a group: on SQLite in the order in which they were added, on PostgreSQL in that of all lists.
func (f *Fake) membersOf(group pyUUID) (list []*pyDict) {
	if f.database == PostgreSQL {
		for _, consumer := range f.tables[consumers].rows {
			if slices.Contains(f.members, member{group, consumer.values["id"].(pyUUID)}) {
				list = append(list, consumer)
			}
		}
		return list
	}
	for _, m := range f.members {
		if consumer := f.tables[consumers].find(string(m.consumer)); m.group == group && consumer != nil {
			list = append(list, consumer)
		}
	}
	return list
}

func updateConsumerGroup(c *call) answer {
	id := c.pathID("group_id")
	body := c.object()
	values := newDict("name", c.str(body, "name", optional), "description", c.str(body, "description", optional), "alias", c.str(body, "alias", optional),
		"properties", c.mapping(body, "properties", optional))
	if a, no := c.refused(); no {
		return a
	}
	row := c.tables[consumerGroups].find(id)
	if row == nil {
		return c.known(404, noConsumerGroup, id)
	}
	if a, no := c.updateChanged(consumerGroups, row, values); no {
		return a
	}
	return jsonAnswer(200, row)
}

func deleteConsumerGroup(c *call) answer {
	id := c.pathID("group_id")
	if a, no := c.refused(); no {
		return a
	}
	if c.tables[consumerGroups].find(id) == nil {
		if c.release == Head {
			return text(500, "Consumer group with ID %s not found", id)
		}
		return text(500, "500: Failed to delete consumer group")
	}
	c.members = slices.DeleteFunc(c.members, func(m member) bool { return m.group == pyUUID(id) })
	return c.delete(consumerGroups, id)
}

// pair finds the group and the consumer of a membership, or answers that one is missing.
func (c *call) pair(group, consumer string) (g, p *pyDict, missing *answer) {
	g, p = c.tables[consumerGroups].find(group), c.tables[consumers].find(consumer)
	if g == nil {
		a := c.known(404, noConsumerGroup, group)
		return nil, nil, &a
	}
	if p == nil {
		a := c.known(404, noConsumer, consumer)
		return nil, nil, &a
	}
	return g, p, nil
}

func status(message string) answer {
	return jsonAnswer(200, newDict("status", "success", "message", message))
}

func addMember(c *call) answer {
	id := c.pathID("group_id")
	consumer := c.id(c.object(), "consumer_id")
	if a, no := c.refused(); no {
		return a
	}
	g, p, missing := c.pair(id, consumer)
	if missing != nil {
		return *missing
	}
	if g.values["environment_id"] != p.values["environment_id"] {
		return c.known(400, "Consumer and group must be in the same environment")
	}
	if m := (member{pyUUID(id), pyUUID(consumer)}); !slices.Contains(c.members, m) {
		c.letOthersIn()
		if slices.Contains(c.members, m) {
			return c.memberTwice(m)
		}
		c.members = append(c.members, m)
	}
	return status("Consumer added to group")
}

// memberTwice is the answer when another worker added the same member between this one's look and its insert.
func (f *Fake) memberTwice(m member) answer {
	insert := insertInto("consumer_group_members", newDict("consumer_id", m.consumer, "group_id", m.group))
	if f.database == PostgreSQL {
		return insert.failed(fmt.Sprintf("(psycopg.errors.UniqueViolation) duplicate key value violates unique constraint \"consumer_group_members_pkey\"\n"+
			"DETAIL:  Key (consumer_id, group_id)=(%s, %s) already exists.", m.consumer, m.group), "gkpj")
	}
	return text(500, "(sqlite3.IntegrityError) UNIQUE constraint failed: consumer_group_members.consumer_id, consumer_group_members.group_id\n"+
		"[SQL: INSERT INTO consumer_group_members (consumer_id, group_id) VALUES (?, ?)]\n[parameters: ('%s', '%s')]\n(Background on this error at: https://sqlalche.me/e/21/gkpj)",
		strings.ReplaceAll(string(m.consumer), "-", ""), strings.ReplaceAll(string(m.group), "-", ""))
}

func getMember(c *call) answer {
	id, consumer := c.pathID("group_id"), c.pathID("consumer_id")
	if a, no := c.refused(); no {
		return a
	}
	if _, _, missing := c.pair(id, consumer); missing != nil {
		return *missing
	}
	if c.release == Head {
		return unhandled()
	}
	return jsonAnswer(200, newDict("is_member", slices.Contains(c.members, member{pyUUID(id), pyUUID(consumer)})))
}

func removeMember(c *call) answer {
	id, consumer := c.pathID("group_id"), c.pathID("consumer_id")
	if a, no := c.refused(); no {
		return a
	}
	if _, _, missing := c.pair(id, consumer); missing != nil {
		return *missing
	}
	i := slices.Index(c.members, member{pyUUID(id), pyUUID(consumer)})
	if i < 0 {
		if c.release == Head {
			return status("Consumer removed from group")
		}
		return status("Consumer was not a member of the group")
	}
	c.members = slices.Delete(c.members, i, i+1)
	return status("Consumer removed from group")
}
