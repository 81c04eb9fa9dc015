variables {
  tenant = "Acme tests"
}

run "apply" {}

run "revenue" {
  module {
    source = "./tests/result"
  }

  variables {
    metric_id = run.apply.revenue_id
  }

  assert {
    condition     = output.rows[0].status == "completed" && output.rows[0].revenue == 150
    error_message = "Completed orders brought ${output.rows[0].revenue}."
  }

  assert {
    condition     = length(output.rows) == 2
    error_message = "There are ${length(output.rows)} states of orders."
  }
}
