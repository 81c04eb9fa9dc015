#!/usr/bin/env bash
# Gets OpenTofu into build/tofu-VERSION/tofu, unless it is there, and prints that path: its signed release in seconds, or where
# that cannot be had, a build of its Go module in minutes.
set -euo pipefail

version=${1:?usage: get-tofu.sh VERSION, for instance 1.12.6}
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
trap 'exit 130' INT # without it, whoever ends the download with Ctrl-C gets the build
export GOWORK=off GOFLAGS=''

go_quietly() {
	go "$@" 2>&1 | sed '/^go: downloading/d' >&2
}

download() {
	go_quietly -C "$root/tools" tool download-tofu --version "$version" --output "$work/tofu"
}

# `go install …@version` refuses OpenTofu, because its go.mod has a replace directive. So a copy of the module is
# built as the main module. It takes minutes the first time, then Go's build cache helps.
build() {
	local source
	echo "building OpenTofu $version, which takes a few minutes the first time" >&2
	go -C "$work" mod download -json "$module@v$version" >"$work/module.json"
	source=$(sed -n 's/^[[:space:]]*"Dir": "\(.*\)",$/\1/p' "$work/module.json")
	# The module cache is read-only; the copy must be writable to be removed again.
	cp -R "$source" "$work/source" && chmod -R u+w "$work/source"
	# dev=no is what OpenTofu's own releases set: without it the version ends in -dev, which tests and users would see.
	CGO_ENABLED=0 go_quietly -C "$work/source" build -trimpath -buildvcs=false -ldflags "-s -w -X $module/version.dev=no" \
		-o "$work/tofu" ./cmd/tofu
}

download || build

# The configuration of whoever runs this does not matter here, and a broken one would be complained about.
printed=$(TF_CLI_CONFIG_FILE=/dev/null "$work/tofu" version | sed -n 1p)
if [ "$printed" != "OpenTofu v$version" ]; then
	echo "OpenTofu $version calls itself \"$printed\"" >&2
	exit 1
fi
mkdir -p "$target"
mv -f "$work/tofu" "$target/tofu" # atomic: another run may do the same at this moment
echo "$target/tofu"
