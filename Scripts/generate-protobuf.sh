#!/usr/bin/env bash
# Makes Sources/Exports/profile.pb.swift from Sources/Exports/profile.proto, to be run after a change of that file.
#
#     Scripts/generate-protobuf.sh
#
# protoc is Debian's (protobuf-compiler); its Swift plug-in is built from the swift-protobuf that Package.swift names, which
# takes some minutes the first time.
set -euo pipefail
# shellcheck source=Scripts/common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

command -v protoc >/dev/null || fail 69 "no protoc: apt-get install protobuf-compiler"
swift package --package-path "$ROOT" resolve </dev/null
CHECKOUT=$ROOT/.build/checkouts/swift-protobuf
swift build --package-path "$CHECKOUT" --scratch-path "$ROOT/.build/protobuf" --product protoc-gen-swift --disable-default-traits </dev/null
BIN=$(swift build --package-path "$CHECKOUT" --scratch-path "$ROOT/.build/protobuf" --show-bin-path --disable-default-traits)
make_scratch
protoc --plugin="$BIN/protoc-gen-swift" --proto_path="$ROOT/Sources/Exports" --swift_opt=UseAccessLevelOnImports=true \
    --swift_out="$SCRATCH" profile.proto
cp -- "$SCRATCH/profile.pb.swift" "$ROOT/Sources/Exports/profile.pb.swift"
say "written: Sources/Exports/profile.pb.swift"
