package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

type consumerModel struct {
	ID            types.String `tfsdk:"id"`
	EnvironmentID types.String `tfsdk:"environment_id"`
	Email         types.String `tfsdk:"email"`
	FirstName     types.String `tfsdk:"first_name"`
	LastName      types.String `tfsdk:"last_name"`
	Organization  types.String `tfsdk:"organization"`
	Properties    types.String `tfsdk:"properties"`
	CreatedAt     types.String `tfsdk:"created_at"`
	UpdatedAt     types.String `tfsdk:"updated_at"`
}

// object: the address is sent as Cortex keeps it, so that every spelling of it is the same to the client.
func (m consumerModel) object() client.Consumer {
	email, err := client.NormalEmail(m.Email.ValueString())
	if err != nil { // a plan that does not know it yet, or one that Cortex has let in
		email = m.Email.ValueString()
	}
	return client.Consumer{
		ID:            m.ID.ValueString(),
		EnvironmentID: m.EnvironmentID.ValueString(),
		Email:         email,
		FirstName:     m.FirstName.ValueString(),
		LastName:      m.LastName.ValueString(),
		Organization:  m.Organization.ValueString(),
		Properties:    jsonValue(m.Properties),
	}
}

func (m consumerModel) with(c client.Consumer) consumerModel {
	return consumerModel{
		ID: text(c.ID), EnvironmentID: text(c.EnvironmentID), Email: spelled(m.Email, c.Email, client.SameEmail),
		FirstName: text(c.FirstName), LastName: text(c.LastName), Organization: optionalText(m.Organization, c.Organization),
		Properties: jsonText(m.Properties, c.Properties), CreatedAt: text(c.CreatedAt), UpdatedAt: text(c.UpdatedAt),
	}
}

func consumerKind() kind[client.Consumer, consumerModel] {
	return kind[client.Consumer, consumerModel]{
		about: about{
			noun:       "consumer",
			in:         environmentKind(),
			key:        "email",
			identity:   []string{"environment_id", "id"},
			references: map[string]string{"environment_id": "environment"},
			importHint: "a consumer is imported by its id (a UUID), by the id of its environment and its own with a slash between, or by names, such as " +
				"\"acme/Production/ann@example.com\"",
			one:     "Reads one consumer, found by its id or by its e-mail address in an environment. None is an error that lists what there is.",
			all:     "Lists the consumers of an environment.",
			keyHint: "For use in `for_each`: `{ for c in data.cortex_consumers.all.consumers : c.email => c }`.",
		},
		objects: func(c *client.Client) objects[client.Consumer] { return c.Consumers },
		schema:  consumerSchema,
	}
}

func consumerSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A consumer: somebody, or something, that reads the metrics of an environment. Groups of consumers are " +
			"`cortex_consumer_group`, and who is in them `cortex_consumer_group_member`.",
		Attributes: map[string]schema.Attribute{
			"id":             idAttribute("consumer"),
			"environment_id": containerAttribute("consumer", "environment"),
			"email": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "E-mail address. It is changed in place; one that another consumer of the environment has is refused. Cortex keeps its domain " +
					"in lower case and in letters: how it is spelled here does not matter, apart from what stands before the `@`.",
				Validators:    []validator.String{check("an e-mail address", validEmail)},
				PlanModifiers: []planmodifier.String{useStateIfSame(client.SameEmail)},
			},
			"first_name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "First name. It is changed in place.",
				Validators:          []validator.String{check("a text without NUL", validText)},
			},
			"last_name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Last name; may be `\"\"`. It is changed in place.",
				Validators:          []validator.String{check("a text without NUL", validText)},
			},
			"organization": optionalTextAttribute("Organization; null when there is none."),
			"properties":   propertiesAttribute("consumer"),
			"created_at":   createdAtAttribute(),
			"updated_at":   updatedAtAttribute(),
		},
	}
}
