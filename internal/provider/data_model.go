package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

type dataModelModel struct {
	ID                 types.String `tfsdk:"id"`
	EnvironmentID      types.String `tfsdk:"environment_id"`
	Name               types.String `tfsdk:"name"`
	Alias              types.String `tfsdk:"alias"`
	Description        types.String `tfsdk:"description"`
	Config             types.String `tfsdk:"config"`
	CreatedAt          types.String `tfsdk:"created_at"`
	UpdatedAt          types.String `tfsdk:"updated_at"`
	DeletionProtection types.Bool   `tfsdk:"deletion_protection"`
}

func (m dataModelModel) object() client.DataModel {
	return client.DataModel{
		ID:            m.ID.ValueString(),
		EnvironmentID: m.EnvironmentID.ValueString(),
		Name:          m.Name.ValueString(),
		Alias:         m.Alias.ValueString(),
		Description:   m.Description.ValueString(),
		Config:        jsonValue(m.Config),
	}
}

func (m dataModelModel) with(d client.DataModel) dataModelModel {
	return dataModelModel{
		ID: text(d.ID), EnvironmentID: text(d.EnvironmentID), Name: text(d.Name), Alias: optionalText(m.Alias, d.Alias),
		Description: optionalText(m.Description, d.Description), Config: jsonText(m.Config, d.Config),
		CreatedAt: text(d.CreatedAt), UpdatedAt: text(d.UpdatedAt), DeletionProtection: m.guards().imported().DeletionProtection,
	}
}

func (m dataModelModel) guards() protectionModel {
	return protectionModel{DeletionProtection: m.DeletionProtection}
}

func dataModelKind() kind[client.DataModel, dataModelModel] {
	return kind[client.DataModel, dataModelModel]{
		about: about{
			noun:       "data model",
			in:         environmentKind(),
			scoped:     true,
			unlisted:   true,
			key:        "name",
			identity:   []string{"environment_id", "id"},
			references: map[string]string{"environment_id": "environment"},
			importHint: "a data model is imported by the id of its environment and its own with a slash between, or by names, such as \"acme/Production/Sales\"",
			one: "Reads one data model, found in its environment by its id or by its name. None, or several of one name, is an error that lists what " +
				"there is.",
			all:     "Lists the data models of an environment.",
			keyHint: "For use in `for_each`: `{ for m in data.cortex_data_models.all.data_models : m.name => m }`.",
		},
		objects: func(c *client.Client) objects[client.DataModel] { return c.DataModels },
		schema:  dataModelSchema,
		remove:  removeDataModel,
	}
}

func dataModelSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A data model of an environment, which holds metrics together.\n\n" +
			"One that has metrics unknown to Terraform is not deleted. Cortex keeps the row of a deleted data model, and shows it nowhere; where Cortex keeps its " +
			"data in PostgreSQL, the environment cannot be deleted from then on, except by `retire_undeletable`.",
		Attributes: map[string]schema.Attribute{
			"id":             idAttribute("data model"),
			"environment_id": containerAttribute("data model", "environment"),
			"name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: nameDescription("data model", " of the environment"),
				Validators:          []validator.String{check("a name of 1 to 1,024 characters without NUL", validName)},
			},
			"alias":               optionalTextAttribute("Alias; null when there is none."),
			"description":         optionalTextAttribute("Description; null when there is none."),
			"config":              dataModelConfig(),
			"created_at":          createdAtAttribute(),
			"updated_at":          updatedAtAttribute(),
			"deletion_protection": deletionProtectionAttribute("data model", ""),
		},
	}
}

func dataModelConfig() schema.StringAttribute {
	config := jsonAttribute("What is known of the data model beyond that, a JSON object. Defaults to an empty one.", "a JSON object", validJSONObject)
	config.Computed, config.Default = true, stringdefault.StaticString("{}")
	return config
}

// removeDataModel deletes a data model without metrics. Cortex would leave them behind, where they can still be run.
func removeDataModel(ctx context.Context, r *removal, m client.DataModel) diag.Diagnostics {
	object := label("data model", m.Name, m.ID)
	metrics, err := r.client.Metrics.Fresh(ctx, m.EnvironmentID)
	if err != nil && client.ClassOf(err) != client.Rejected {
		d := cannotStill("find out which metrics "+object+" has", err)
		return diag.Diagnostics{diag.NewErrorDiagnostic(d.Summary(), d.Detail()+"\n\nNothing was deleted.")}
	}
	metrics = slices.DeleteFunc(metrics, func(metric client.Metric) bool { return metric.DataModelID != m.ID })
	if len(metrics) > 0 {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Cannot delete "+object+": it has metrics",
			fmt.Sprintf("They would stay behind in Cortex, in no data model that can be seen:\n%sDelete them first. A metric of this configuration that refers to it "+
				"(data_model_id = cortex_data_model.….id) goes before it by itself.", bullets(labels("metric", refs(metrics)))))}
	}
	if err := r.client.DataModels.Delete(ctx, m.Ref()); err != nil {
		return diag.Diagnostics{cannotStill("delete "+object, err)}
	}
	return nil
}
