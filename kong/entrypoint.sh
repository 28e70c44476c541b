#!/bin/sh
# Renders the configuration from the environment, then hands over to Kong's own entrypoint.

set -eu

. /opt/doa/environment.sh

umask 077
/opt/doa/render.sh /opt/doa/kong.yml.template > "$KONG_DECLARATIVE_CONFIG"

# Only these peers are believed about whom they speak for; the networks of a container host by default.
: "${GATEWAY_TRUSTED_IPS:=127.0.0.1 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16}"
KONG_TRUSTED_IPS=$(printf '%s' "$GATEWAY_TRUSTED_IPS" | tr -s ' ' ',')
export KONG_TRUSTED_IPS

case ${LOG_LEVEL:-info} in
  trace | debug) KONG_LOG_LEVEL=debug ;;
  warn) KONG_LOG_LEVEL=warn ;;
  error | fatal | silent) KONG_LOG_LEVEL=error ;;
  *) KONG_LOG_LEVEL=notice ;;
esac
export KONG_LOG_LEVEL

exec /docker-entrypoint.sh "$@"
