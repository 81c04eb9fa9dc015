variables {
  database = "/srv/cortex/shop.db"
}

run "place" {
  module {
    source = "./tests/place"
  }
}

run "layer" {
  variables {
    environment_id = run.place.environment_id
  }
}

run "revenue" {
  module {
    source = "./tests/result"
  }

  variables {
    metric_id = run.layer.metrics["Revenue"]
  }

  assert {
    condition     = length(output.rows) == 1 && output.rows[0].revenue > 0
    error_message = "There is no revenue."
  }
}
