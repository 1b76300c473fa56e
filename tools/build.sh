#!/bin/sh
# Configures a preset and builds targets of it. Usage: tools/build.sh PRESET [TARGET...]
# CMake's report is shown only when it fails.
set -eu

preset=$1
shift
case "$preset" in
  release) folder=build ;;
  *) folder=build-$preset ;;
esac

mkdir -p "$folder"
if ! cmake --preset "$preset" >"$folder/configure.log" 2>&1; then
  cat "$folder/configure.log" >&2
  echo "build: cmake could not configure the preset $preset, see above" >&2
  exit 1
fi
export NINJA_STATUS="[%f/%t $preset] "
cd "$folder"
exec ninja -j "$(nproc)" "$@"
