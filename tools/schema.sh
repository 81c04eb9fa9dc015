#!/usr/bin/env bash
# Prints the provider's schema as JSON, for the generator of the documentation. Run by engine.sh.
# The generator would else run a Terraform of its own, downloaded or from the PATH; what the documentation says would then
# depend on the version, since older ones leave out the identity of resources.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -C "$root" -o "$work/bin/" .
cat >"$work/cli.tfrc" <<END
provider_installation {
  dev_overrides { "telescopeai/cortex" = "$work/bin" }
  direct {}
}
END
cat >"$work/main.tf" <<END
terraform {
  required_providers {
    cortex = { source = "telescopeai/cortex" }
  }
}
END
cd "$work"
# The generator looks the provider up by its bare name.
TF_CLI_CONFIG_FILE=$work/cli.tfrc "$TF_ACC_TERRAFORM_PATH" providers schema -json |
	sed 's|"registry\.[a-z]*\.[a-z]*/telescopeai/cortex"|"cortex"|' |
	(cd "$root" && go run ./internal/listschemas)
