#!/bin/sh
# Installs what is missing of tools/packages.txt. Usage: tools/setup.sh [--fmt] [--bench] [--all]
#   --fmt    also what `make fmt` needs
#   --bench  also what `make bench` and `make soak` need
#   --all    everything, also what `make test-all` needs
# With HARMONIA_SKIP_SETUP=1 it does nothing: for machines where the packages come some other way.
set -eu

[ "${HARMONIA_SKIP_SETUP:-}" != 1 ] || exit 0

groups="build"
for argument in "$@"; do
  case "$argument" in
    --fmt) groups="$groups fmt" ;;
    --bench) groups="$groups bench" ;;
    --all) groups="$groups fmt bench all" ;;
    *) echo "setup: unknown argument $argument; see the head of tools/setup.sh" >&2; exit 2 ;;
  esac
done

list="$(dirname "$0")/packages.txt"
packages=$(awk -v groups=" $groups " '!/^#/ && index(groups, " " $2 " ") { print $1 }' "$list")

missing_packages() {
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $packages 2>/dev/null |
    awk '$1 == "installed" { print $2 }')
  for package in $packages; do
    printf '%s\n' "$installed" | grep -qxF "$package" || printf '%s ' "$package"
  done
}

explain() {
  printf 'setup: %s\n' "$@" >&2
  exit 1
}

if ! command -v dpkg-query >/dev/null; then
  explain "this is not Debian: install what tools/packages.txt lists, with libraries at least as new" \
    "as those of Debian 12, then repeat with HARMONIA_SKIP_SETUP=1"
fi
missing=$(missing_packages)
[ -n "$missing" ] || exit 0

. /etc/os-release
if [ "${ID:-}" != debian ] || [ "${VERSION_ID:-}" != 12 ]; then
  explain "made for Debian 12, this is ${PRETTY_NAME:-another system}; install these or what matches" \
    "them here, then repeat with HARMONIA_SKIP_SETUP=1:" "  $missing"
fi

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    explain "packages are missing and there is no sudo; as root, run" \
      "  apt-get update && apt-get install --no-install-recommends $missing"
  fi
  as_root="sudo"
fi

echo "setup: installing $missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt_get() {
  # shellcheck disable=SC2086
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    explain "apt-get $1 failed, see above"
  }
}
apt_get update
apt_get install --yes --no-install-recommends $missing

missing=$(missing_packages)
[ -z "$missing" ] || explain "still missing after the installation: $missing"
echo "setup: done"
