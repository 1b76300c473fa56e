#!/bin/sh
# The main example, once, in the foreground: reads the record of a real computation, analyses it in
# parallel, and prints a report. Needs nothing but build/harmonia; writes below build/ only.
set -e
root=$(cd "$(dirname "$0")/../.." && pwd)
# As it stands in a JSON string.
quoted_root=$(printf %s "$root" | sed 's/[\\"]/\\&/g')
program=${HARMONIA:-$root/build/harmonia}
if [ ! -x "$program" ]; then
  echo "$program is missing; build it first: make build" >&2
  exit 2
fi
"$program" run "$root/examples/main_job/workflow.yaml" --raw \
  --data-dir "$root/build/main_job" \
  --input "{
    \"graph\": \"$quoted_root/examples/main_job/data/montage-chameleon-2mass-015d-001.json\",
    \"repository\": \"$quoted_root\",
    \"folder\": \"$quoted_root/build/main_job/tables\"
  }" "$@"
echo
echo "Next: read examples/main_job/workflow.yaml, change it, run again; or \`make serve\` for the API."
