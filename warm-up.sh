#!/bin/sh
# Renews every cached API, then every cached page, so that no visitor waits for a cold cache.
#
#   warm-up.sh                   once, for cron: */4 * * * * (caches live 300 s)
#   warm-up.sh --loop [seconds]  for ever, every 270 s by default
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

# Renews one address, and says on standard error why it could not be renewed. The body goes to the file $2.
renew() {
  result=$(
    request --compressed --output "$2" --dump-header "$headers" --write-out '%{http_code}' "$1" << CONFIG
header = "X-Cache-Refresh: true"
header = $(quote "X-Warmup-Token: $WARMUP_TOKEN")
$3
CONFIG
  ) || {
    say "$1 did not answer" >&2
    return 1
  }
  if [ "$result" != 200 ]; then
    say "$1 answered $result" >&2
    return 1
  fi
  # An answer out of the cache is one that was not renewed.
  status=$(sed -n 's/^[Xx]-[Cc]ache-[Ss]tatus: *\([A-Za-z]*\).*/\1/p' "$headers")
  case $status in
    HIT | STALE | BYPASS)
      say "$1 was not renewed ($status)" >&2
      return 1
      ;;
  esac
}

count() {
  if "$@"; then warmed=$((warmed + 1)); else failed=$((failed + 1)); fi
}

warm() {
  started=$(now)
  warmed=0
  failed=0
  token=$(guest_token)
  if [ -z "$token" ]; then
    say "no guest token from $KONG_GATEWAY_URL" >&2
    failed=1
  else
    bearer="header = $(quote "Authorization: Bearer $token")"
    count renew "$KONG_GATEWAY_URL/api/home" "$work/body" "$bearer"
    count renew "$KONG_GATEWAY_URL/api/categories" "$list" "$bearer"
  fi
  # Pages are made from what was just renewed. A page of before is better than none, so they are tried in any case.
  count renew "$PROXY_SERVER_URL/" "$work/body" ''
  count renew "$PROXY_SERVER_URL/categories" "$work/body" ''
  for slug in $(tr ',' '\n' < "$list" | tr '{' '\n' | sed -n 's/^ *"slug" *: *"\([A-Za-z0-9_-]*\)".*/\1/p' | sort -u); do
    count renew "$PROXY_SERVER_URL/categories/$slug" "$work/body" ''
  done
  took=$(($(now) - started))
  say "$warmed warmed, $failed failed in $((took / 1000)).$((took % 1000 / 100)) s"
  [ "$failed" -eq 0 ]
}

# One warm-up at a time. The lock of a process that is gone is moved away, which only one can do, and then removed.
lock() {
  attempts=0
  while ! mkdir "$WARMUP_LOCK" 2> /dev/null; do
    holder=$(cat "$WARMUP_LOCK/pid" 2> /dev/null)
    if [ -n "$holder" ]; then
      if kill -0 "$holder" 2> /dev/null; then return 1; fi
    elif [ -z "$(find "$WARMUP_LOCK" -prune -mmin +1 2> /dev/null)" ]; then
      return 1
    fi
    attempts=$((attempts + 1))
    if [ "$attempts" -gt 3 ]; then return 1; fi
    mv "$WARMUP_LOCK" "$WARMUP_LOCK.stale.$$" 2> /dev/null && rm -rf "$WARMUP_LOCK.stale.$$"
  done
  locked=yes
  echo "$$" > "$WARMUP_LOCK/pid"
}

unlock() {
  if [ -n "$locked" ]; then rm -rf "$WARMUP_LOCK"; fi
  locked=
}

once() {
  if ! lock; then
    say 'another one is running'
    return 0
  fi
  warm
  outcome=$?
  unlock
  return "$outcome"
}

locked=
pause=
work=$(mktemp -d "${TMPDIR:-/tmp}/doa-warm-up.XXXXXX") || exit 2
headers=$work/headers
list=$work/categories
: > "$list"

trap 'unlock; rm -rf "$work"; if [ -n "$pause" ]; then kill "$pause" 2> /dev/null; fi' EXIT
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
      # Waiting for a child, unlike sleeping, ends at once on a signal.
      sleep "$interval" &
      pause=$!
      wait "$pause"
      pause=
    done
    ;;
  *)
    say 'usage: warm-up.sh [--loop [seconds]]' >&2
    exit 2
    ;;
esac
