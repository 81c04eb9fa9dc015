package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

type consumerGroupModel struct {
	ID            types.String `tfsdk:"id"`
	EnvironmentID types.String `tfsdk:"environment_id"`
	Name          types.String `tfsdk:"name"`
	Alias         types.String `tfsdk:"alias"`
	Description   types.String `tfsdk:"description"`
	Properties    types.String `tfsdk:"properties"`
	CreatedAt     types.String `tfsdk:"created_at"`
	UpdatedAt     types.String `tfsdk:"updated_at"`
}

func (m consumerGroupModel) object() client.ConsumerGroup {
	return client.ConsumerGroup{
		ID:            m.ID.ValueString(),
		EnvironmentID: m.EnvironmentID.ValueString(),
		Name:          m.Name.ValueString(),
		Alias:         m.Alias.ValueString(),
		Description:   m.Description.ValueString(),
		Properties:    jsonValue(m.Properties),
	}
}

func (m consumerGroupModel) with(g client.ConsumerGroup) consumerGroupModel {
	return consumerGroupModel{
		ID: text(g.ID), EnvironmentID: text(g.EnvironmentID), Name: text(g.Name), Alias: optionalText(m.Alias, g.Alias),
		Description: optionalText(m.Description, g.Description), Properties: jsonText(m.Properties, g.Properties),
		CreatedAt: text(g.CreatedAt), UpdatedAt: text(g.UpdatedAt),
	}
}

func consumerGroupKind() kind[client.ConsumerGroup, consumerGroupModel] {
	return kind[client.ConsumerGroup, consumerGroupModel]{
		about: about{
			noun:       "consumer group",
			in:         environmentKind(),
			key:        "name",
			identity:   []string{"environment_id", "id"},
			references: map[string]string{"environment_id": "environment"},
			importHint: "a consumer group is imported by its id (a UUID), by the id of its environment and its own with a slash between, or by names, such as " +
				"\"acme/Production/Analysts\"",
			one: "Reads one consumer group, found by its id or by its name in an environment. None, or several of one name, is an error that " +
				"lists what there is.",
			all:     "Lists the consumer groups of an environment.",
			keyHint: "For use in `for_each`: `{ for g in data.cortex_consumer_groups.all.consumer_groups : g.name => g }`.",
		},
		objects: func(c *client.Client) objects[client.ConsumerGroup] { return c.ConsumerGroups },
		schema:  consumerGroupSchema,
	}
}

func consumerGroupSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A group of consumers of an environment. Who is in it is managed by `cortex_consumer_group_member`; a group is deleted " +
			"with its memberships, and without its consumers.",
		Attributes: map[string]schema.Attribute{
			"id":             idAttribute("consumer group"),
			"environment_id": containerAttribute("consumer group", "environment"),
			"name": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Name, 1 to 1,024 characters. It is kept exactly as given: case and blanks count. Changing it renames the group in " +
					"place; a name that another group of the environment has is refused.",
				Validators: []validator.String{check("a name of 1 to 1,024 characters without NUL", validName)},
			},
			"alias":       optionalTextAttribute("Alias; null when there is none."),
			"description": optionalTextAttribute("Description; null when there is none."),
			"properties":  propertiesAttribute("group"),
			"created_at":  createdAtAttribute(),
			"updated_at":  updatedAtAttribute(),
		},
	}
}
