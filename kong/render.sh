#!/bin/sh
# Renders a kong.yml template: `${NAME}` becomes the value of that environment variable.
# `{vault://env/a-name}` stays as it is (Kong reads A_NAME itself), but must name a variable that
# is set: Kong would silently take an empty string for it, and an empty secret matches an empty header.
#
#   render.sh kong.yml.template > kong.yml

set -eu

exec awk '
function missing_name(name) {
  if (!(name in seen)) { seen[name] = 1; names[++count] = name }
}

# A login without a name or a password is an ordinary thing for Redis.
function may_be_empty(name) { return name == "REDIS_PASSWORD" || name == "REDIS_USERNAME" }

/^[ \t]*#/ { next }

{
  rest = $0
  while (match(rest, /\{vault:\/\/env\/[A-Za-z0-9_-]+\}/)) {
    name = toupper(substr(rest, RSTART + 13, RLENGTH - 14))
    gsub(/-/, "_", name)
    if (!(name in ENVIRON) || (ENVIRON[name] == "" && !may_be_empty(name))) missing_name(name)
    rest = substr(rest, RSTART + RLENGTH)
  }

  line = ""
  rest = $0
  while (match(rest, /\$\{[A-Za-z_][A-Za-z0-9_]*\}/)) {
    name = substr(rest, RSTART + 2, RLENGTH - 3)
    if (!(name in ENVIRON) || ENVIRON[name] == "") missing_name(name)
    line = line substr(rest, 1, RSTART - 1) ENVIRON[name]
    rest = substr(rest, RSTART + RLENGTH)
  }
  output[++lines] = line rest
}

END {
  for (i = 1; i <= count; i++) print "kong.yml: " names[i] " is not set" > "/dev/stderr"
  if (count > 0) exit 1
  for (i = 1; i <= lines; i++) print output[i]
}
' "$1"
