#!/bin/sh
# sh tenant.sh Acme acme
post() { curl -sSf -H 'Content-Type: application/json' -d @- "$CORTEX_API_URL/api/v1/$1" | jq -r .id; }

workspace=$(post workspaces <<END
{"name": "$1"}
END
)
environment=$(post environments <<END
{"workspace_id": "$workspace", "name": "Production"}
END
)
source=$(post data/sources <<END
{"environment_id": "$environment", "name": "Shop", "alias": "shop", "source_catalog": "DATABASE", "source_type": "sqlite",
 "config": {"file_path": "/srv/cortex/$2.db", "dialect": "sqlite"}}
END
)
model=$(post data/models <<END
{"environment_id": "$environment", "name": "Sales"}
END
)
metric=$(post metrics <<END
{"data_model_id": "$model", "data_source_id": "$source", "name": "Revenue by region", "table_name": "orders",
 "measures": [{"name": "revenue", "description": null, "type": "sum", "query": "gross"}], "dimensions": [{"name": "region", "query": "region"}],
 "order": [{"name": "revenue", "semantic_type": "measure", "semantic_name": "revenue", "order_type": "desc"}]}
END
)
dashboard=$(post dashboards <<END
{"environment_id": "$environment", "name": "Sales", "type": "executive", "views": [{"alias": "overview", "title": "Overview", "sections": [
 {"alias": "sales", "position": 0, "widgets": [{"alias": "revenue", "section_alias": "sales", "metric_id": "$metric", "position": 0, "grid_config": {},
 "title": "Revenue by region", "visualization": {"type": "bar_chart", "data_mapping": {"x_axis": {"field": "region"}, "y_axes": [{"field": "revenue"}]}}}]}]}]}
END
)
group=$(post consumers/groups <<END
{"environment_id": "$environment", "name": "Sales"}
END
)
consumer=$(post consumers <<END
{"environment_id": "$environment", "email": "ada@example.com", "first_name": "Ada", "last_name": ""}
END
)
member=$(post consumers/groups/"$group"/members <<END
{"consumer_id": "$consumer"}
END
)
echo "$1 has the dashboard $dashboard, and in its group is $member"
