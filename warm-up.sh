#!/bin/sh
# Renews every cached API, then every cached page, so that no visitor waits for a cold cache.
#
#   warm-up.sh                   once, for cron (docs/operations.md has its lines)
#   warm-up.sh --loop [seconds]  for ever, with 270 s between rounds by default: caches live 300 s
#
# Reads KONG_GATEWAY_URL, PROXY_SERVER_URL, AUTH_BASIC_KEY, WARMUP_TOKEN and WARMUP_LOCK from the environment.
# Exits non-zero when something could not be warmed.

set -u

: "${KONG_GATEWAY_URL:=http://127.0.0.1:8000}"
: "${PROXY_SERVER_URL:=http://localhost:9000}"
: "${WARMUP_LOCK:=${TMPDIR:-/tmp}/doa-warm-up-$(id -u).lock}"
if [ "${NODE_ENV:-development}" != production ]; then
  : "${AUTH_BASIC_KEY:=doa-web:doa-web-development-secret}"
  : "${WARMUP_TOKEN:=doa-warm-up-development-token}"
fi

say() {
  printf 'warm-up: %s\n' "$1"
}

for name in AUTH_BASIC_KEY WARMUP_TOKEN; do
  eval "value=\${$name:-}"
  if [ -z "$value" ]; then
    say "$name is not set" >&2
    exit 2
  fi
done

command -v curl > /dev/null || {
  say 'curl is not installed' >&2
  exit 2
}

# A value as a quoted string of a curl configuration.
quote() {
  printf '"%s"' "$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')"
}

# Milliseconds, or whole seconds where date knows no finer.
now() {
  nanoseconds=$(date +%s%N)
  case $nanoseconds in
    *[!0-9]*) echo "$(date +%s)000" ;;
    *) echo $((nanoseconds / 1000000)) ;;
  esac
}

# Requests are bounded in time and in number. Secrets come by standard input: arguments are for all to see.
request() {
  curl --silent --show-error --config - \
    --user-agent doa-warm-up --connect-timeout 2 --max-time 15 \
    --retry 2 --retry-delay 1 --retry-max-time 30 --retry-connrefused "$@"
}

guest_token() {
  request --fail --request POST "$KONG_GATEWAY_URL/api/auth/guest" << CONFIG | sed -n 's/.*"accessToken" *: *"\([^"]*\)".*/\1/p'
user = $(quote "$AUTH_BASIC_KEY")
CONFIG
}

# Renews one address; its body is in $work/body then. Leaves in $fault why it could not be renewed.
renew() {
  result=$(
    request --compressed --output "$work/body" --dump-header "$headers" --write-out '%{http_code}' "$1" << CONFIG
header = "X-Cache-Refresh: true"
header = $(quote "X-Warmup-Token: $WARMUP_TOKEN")
$2
CONFIG
  ) || {
    fault="$1 did not answer"
    return 1
  }
  if [ "$result" != 200 ]; then
    fault="$1 answered $result"
    return 1
  fi
  # An answer out of the cache is one that was not renewed. Where a request was repeated, the last answer counts.
  status=$(tr -d '\r' < "$headers" | awk '/^HTTP\// { s = "" } tolower($1) == "x-cache-status:" { s = $2 } END { print s }')
  case $status in
    HIT | STALE | BYPASS)
      fault="$1 was not renewed ($status)"
      return 1
      ;;
  esac
}

note_failure() {
  failed=$((failed + 1))
  faults="$faults${faults:+; }$1"
}

count() {
  if renew "$1" "$2"; then
    warmed=$((warmed + 1))
  else
    note_failure "$fault"
    return 1
  fi
}

warm() {
  started=$(now)
  warmed=0
  failed=0
  faults=
  token=$(guest_token)
  if [ -n "$token" ]; then
    bearer="header = $(quote "Authorization: Bearer $token")"
    count "$KONG_GATEWAY_URL/api/home" "$bearer"
    # Without a new list of categories the one of the round before is as good.
    if count "$KONG_GATEWAY_URL/api/categories" "$bearer"; then mv "$work/body" "$list"; fi
  else
    note_failure "no guest token from $KONG_GATEWAY_URL"
  fi
  # Pages are made from what was just renewed. A page of before is better than none, so they are tried in any case.
  count "$PROXY_SERVER_URL/" ''
  count "$PROXY_SERVER_URL/categories" ''
  for slug in $(tr ',' '\n' < "$list" | tr '{' '\n' | sed -n 's/^ *"slug" *: *"\([A-Za-z0-9_-]*\)".*/\1/p' | sort -u); do
    count "$PROXY_SERVER_URL/categories/$slug" ''
  done
  took=$(($(now) - started))
  say "$warmed warmed, $failed failed in $((took / 1000)).$((took % 1000 / 100)) s${faults:+: $faults}"
  [ "$failed" -eq 0 ]
}

# Whose lock is it? A number may belong to another process by now, whose command is another.
describe() {
  printf '%s %s\n' "$1" "$(LC_ALL=C COLUMNS=200 ps -o args= -p "$1" 2> /dev/null)"
}

is_alive() {
  kill -0 "${1%% *}" 2> /dev/null && [ "$(describe "${1%% *}")" = "$1" ]
}

# The lock of a process that is gone may be removed, by one at a time: another one might take it meanwhile.
remove_dead_lock() {
  if ! mkdir "$WARMUP_LOCK.removal" 2> /dev/null; then
    if [ -n "$(find "$WARMUP_LOCK.removal" -prune -mmin +1 2> /dev/null)" ]; then rmdir "$WARMUP_LOCK.removal"; fi
    return
  fi
  owner=$(cat "$WARMUP_LOCK" 2> /dev/null) && ! is_alive "$owner" && rm -f "$WARMUP_LOCK"
  rmdir "$WARMUP_LOCK.removal"
}

# One warm-up at a time. A link is there at once with all that is in it, or it is not made.
lock() {
  mine=$WARMUP_LOCK.$$
  if [ -d "$WARMUP_LOCK" ] || ! describe "$$" > "$mine"; then
    say "cannot write $WARMUP_LOCK" >&2
    exit 2
  fi
  attempts=0
  until ln "$mine" "$WARMUP_LOCK" 2> /dev/null; do
    attempts=$((attempts + 1))
    if owner=$(cat "$WARMUP_LOCK" 2> /dev/null) && is_alive "$owner" || [ "$attempts" -gt 3 ]; then
      rm -f "$mine"
      return 1
    fi
    remove_dead_lock
  done
  locked=yes
  rm -f "$mine"
}

unlock() {
  if [ -n "$locked" ]; then rm -f "$WARMUP_LOCK"; fi
  locked=
}

# Waiting for a child, unlike running a command, ends at once on a signal.
# One that comes right after the child has begun finds it, too: a name for it would be given too late.
attend() {
  attending=yes
  "$@" &
  wait "$!"
  outcome=$?
  attending=
  return "$outcome"
}

once() {
  if ! lock; then
    say 'another one is running'
    return 0
  fi
  attend warm
  outcome=$?
  unlock
  return "$outcome"
}

mine=
locked=
attending=
work=$(mktemp -d "${TMPDIR:-/tmp}/doa-warm-up.XXXXXX") || exit 2
headers=$work/headers
list=$work/categories
: > "$list"

trap 'unlock; rm -rf "$work" ${mine:+"$mine"}; if [ -n "$attending" ]; then kill "${!:-}" 2> /dev/null; fi' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

case ${1:-} in
  '') once ;;
  --loop)
    interval=${2:-270}
    case $interval in
      '' | *[!0-9]*)
        say "not a number of seconds: $interval" >&2
        exit 2
        ;;
    esac
    while :; do
      once
      attend sleep "$interval"
    done
    ;;
  *)
    say 'usage: warm-up.sh [--loop [seconds]]' >&2
    exit 2
    ;;
esac
