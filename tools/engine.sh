#!/usr/bin/env bash
# Finds a Terraform or OpenTofu and runs a command with the variables that the acceptance tests know it by; without a
# command, prints its path. ENGINE chooses: terraform, tofu-VERSION (see get-tofu.sh) or a path. Without it:
# TF_ACC_TERRAFORM_PATH, terraform on the PATH, tofu on the PATH, and at last OpenTofu from get-tofu.sh.
set -euo pipefail

tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
case "${ENGINE:-}" in
terraform) engine=$(command -v terraform) || { echo "ENGINE is terraform, which is not on the PATH" >&2; exit 1; } ;;
tofu-*) engine=$("$tools/get-tofu.sh" "${ENGINE#tofu-}") ;;
'') engine=${TF_ACC_TERRAFORM_PATH:-$(command -v terraform || command -v tofu || "$tools/get-tofu.sh" 1.12.6)} ;;
*) engine=$(realpath "$ENGINE") ;;
esac
if [ $# -eq 0 ]; then
	echo "$engine"
	exit 0
fi

# The developer's own configuration must not decide which provider runs.
export TF_ACC_TERRAFORM_PATH=$engine TF_CLI_CONFIG_FILE=/dev/null CHECKPOINT_DISABLE=1
version=$("$engine" version)
case "$version" in
*OpenTofu*) export TF_ACC_PROVIDER_HOST=registry.opentofu.org ;;
esac
exec "$@"
