#!/usr/bin/env bash
# Builds OpenTofu from its Go module into build/tofu-VERSION/tofu, unless it is there, and prints that path.
# `go install …@version` refuses OpenTofu, because its go.mod has a replace directive. So a copy of the module is
# built as the main module. It takes minutes the first time, then Go's build cache helps.
set -euo pipefail

version=${1:?usage: build-tofu.sh VERSION, for instance 1.12.6}
module=github.com/opentofu/opentofu
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=$root/build/tofu-$version
if [ -x "$target/tofu" ]; then
	echo "$target/tofu"
	exit 0
fi

mkdir -p "$root/build"
work=$(mktemp -d "$root/build/.tofu-$version.XXXXXX")
trap 'rm -rf "$work"' EXIT

echo "building OpenTofu $version, which takes a few minutes the first time" >&2
export GOWORK=off GOFLAGS='' CGO_ENABLED=0
(cd "$work" && go mod download -json "$module@v$version") >"$work/module.json"
source=$(sed -n 's/^[[:space:]]*"Dir": "\(.*\)",$/\1/p' "$work/module.json")
# The module cache is read-only; the copy must be writable to be removed again.
cp -R "$source" "$work/source" && chmod -R u+w "$work/source"
mkdir "$work/bin"
# dev=no is what OpenTofu's own releases set: without it the version ends in -dev, which tests and users would see.
(cd "$work/source" && go build -trimpath -buildvcs=false -ldflags "-s -w -X $module/version.dev=no" \
	-o "$work/bin/tofu" ./cmd/tofu) 2> >(grep -v "^go: downloading" >&2)

# The configuration of whoever builds does not matter here, and a broken one would be complained about.
printed=$(TF_CLI_CONFIG_FILE=/dev/null "$work/bin/tofu" version | sed -n 1p)
if [ "$printed" != "OpenTofu v$version" ]; then
	echo "the build of OpenTofu $version calls itself \"$printed\"" >&2
	exit 1
fi
mkdir -p "$target"
mv -f "$work/bin/tofu" "$target/tofu" # atomic: another run may do the same at this moment
echo "$target/tofu"
