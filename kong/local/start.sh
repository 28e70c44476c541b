#!/bin/sh
# Runs the gateway on Debian's nginx, in the foreground. SIGTERM stops it at once, SIGQUIT when open requests are done.

set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
kong=$(dirname -- "$here")

: "${HOST:=127.0.0.1}"
: "${GATEWAY_PORT:=8000}"
: "${GATEWAY_STATUS_PORT:=8100}"
: "${GATEWAY_PREFIX:=$kong/.data}"
: "${GATEWAY_TEMPLATE:=$kong/kong.yml.template}"
: "${GATEWAY_WORKERS:=2}"
: "${GATEWAY_TRUSTED_IPS:=127.0.0.1 ::1}"
: "${GATEWAY_PLUGINS:=}"
: "${LOG_LEVEL:=info}"
: "${SHUTDOWN_TIMEOUT:=10000}"

. "$kong/environment.sh"

fail() {
  echo "gateway: $1" >&2
  exit 1
}

command -v nginx > /dev/null || PATH=$PATH:/usr/sbin
command -v nginx > /dev/null || fail 'nginx is not installed (Debian: nginx libnginx-mod-http-lua lua-cjson lua-yaml lua-luaossl lua-nginx-redis)'
for file in /usr/lib/nginx/modules/ndk_http_module.so /usr/lib/nginx/modules/ngx_http_lua_module.so; do
  [ -e "$file" ] || fail "$file is missing (Debian: libnginx-mod-http-lua)"
done

mkdir -p "$GATEWAY_PREFIX/logs" "$GATEWAY_PREFIX/tmp"
prefix=$(CDPATH='' cd -- "$GATEWAY_PREFIX" && pwd)

"$kong/render.sh" "$GATEWAY_TEMPLATE" > "$prefix/kong.yml.new"
mv "$prefix/kong.yml.new" "$prefix/kong.yml"

# Pino's names of levels, as every server here takes them, in nginx's words.
case $LOG_LEVEL in
  trace | debug) level=debug ;;
  warn) level=warn ;;
  error | fatal | silent) level=error ;;
  *) level=notice ;;
esac

# Workers of a root-owned nginx would become `nobody`, who may not read a checkout in a home folder.
user=
if [ "$(id -u)" = 0 ]; then user='user root;'; fi

trusted=
for address in $GATEWAY_TRUSTED_IPS; do
  trusted="$trusted set_real_ip_from $address;"
done

export GATEWAY_CONFIG="$prefix/kong.yml" GATEWAY_TRUSTED_IPS GATEWAY_PLUGINS
export GATEWAY_ROOT="$kong"

sed \
  -e "s|@USER@|$user|g" \
  -e "s|@WORKERS@|$GATEWAY_WORKERS|g" \
  -e "s|@PREFIX@|$prefix|g" \
  -e "s|@ROOT@|$kong|g" \
  -e "s|@HOST@|$HOST|g" \
  -e "s|@PORT@|$GATEWAY_PORT|g" \
  -e "s|@STATUS_PORT@|$GATEWAY_STATUS_PORT|g" \
  -e "s|@LEVEL@|$level|g" \
  -e "s|@TRUSTED@|$trusted|g" \
  -e "s|@SHUTDOWN@|$SHUTDOWN_TIMEOUT|g" \
  "$here/nginx.conf.template" > "$prefix/nginx.conf"

exec nginx -p "$prefix/" -c "$prefix/nginx.conf" -e stderr -g 'daemon off;'
