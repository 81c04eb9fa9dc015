package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

type consumerGroupMemberModel struct {
	ID            types.String `tfsdk:"id"`
	EnvironmentID types.String `tfsdk:"environment_id"`
	GroupID       types.String `tfsdk:"group_id"`
	ConsumerID    types.String `tfsdk:"consumer_id"`
}

func (m consumerGroupMemberModel) object() client.GroupMember {
	return client.GroupMember{EnvironmentID: m.EnvironmentID.ValueString(), GroupID: m.GroupID.ValueString(), ConsumerID: m.ConsumerID.ValueString()}
}

func (m consumerGroupMemberModel) with(member client.GroupMember) consumerGroupMemberModel {
	return consumerGroupMemberModel{
		ID: text(member.Ref().ID), EnvironmentID: text(member.EnvironmentID), GroupID: text(member.GroupID), ConsumerID: text(member.ConsumerID),
	}
}

func consumerGroupMemberKind() kind[client.GroupMember, consumerGroupMemberModel] {
	return kind[client.GroupMember, consumerGroupMemberModel]{
		about: about{
			noun:       "consumer group member",
			in:         environmentKind(),
			parts:      []string{"group_id", "consumer_id"},
			identity:   []string{"group_id", "consumer_id"},
			references: map[string]string{"group_id": "consumer group", "consumer_id": "consumer"},
			importHint: "a consumer group member is imported by the ids of its group and its consumer with a slash between, by these with the id of the " +
				"environment and a slash before them, or by names, such as \"acme/Production/Analysts/ann@example.com\"",
			one: "Reads whether a consumer is in a group: if it is not, that is an error.",
			all: "Lists which consumers of an environment are in which of its groups.",
			keyHint: "For use in `for_each`: `{ for m in data.cortex_consumer_group_members.all.consumer_group_members : m.id => m }`, with " +
				"`if m.group_id == …` for those of one group.",
		},
		objects: func(c *client.Client) objects[client.GroupMember] { return c.GroupMembers },
		schema:  consumerGroupMemberSchema,
	}
}

func consumerGroupMemberSchema() schema.Schema {
	part := func(noun, of string) schema.StringAttribute {
		return schema.StringAttribute{
			Required: true,
			MarkdownDescription: "UUID of the " + noun + ". In lower case and with hyphens, as the `id` of a `cortex_" + of + "` has it. Changing " +
				"this deletes the membership and creates another.",
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		}
	}
	keep := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	return schema.Schema{
		MarkdownDescription: "The membership of a consumer in a group of the same environment. The other members of the group are left alone. A " +
			"membership that is there already is refused, with an `import` block that takes it over. Deleting takes the consumer out of the group.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "`<group_id>/<consumer_id>`: Cortex gives a membership no id of its own.",
				PlanModifiers:       keep,
			},
			"environment_id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "UUID of the environment that holds group and consumer.",
				PlanModifiers:       keep,
			},
			"group_id":    part("group", "consumer_group"),
			"consumer_id": part("consumer", "consumer"),
		},
	}
}
