# Sourced before kong.yml.template is rendered: development defaults, and the parts of REDIS_URL
# that fields of the bundled plugins want one by one.

: "${NODE_ENV:=development}"
: "${JWT_ISSUER:=https://auth.doa.market}"
: "${REDIS_URL:=redis://127.0.0.1:6379}"
: "${IDEMPOTENCY_TTL:=86400}"
: "${CORS_ORIGIN:=http://localhost:9000}"
: "${RATE_LIMIT_LOGIN:=10}"
: "${RATE_LIMIT_PUBLIC:=300}"
: "${RATE_LIMIT_QUEUE_STATUS:=60}"
: "${RATE_LIMIT_PURCHASE:=20}"
: "${RATE_LIMIT_MEMBER:=200}"
if [ "$NODE_ENV" != production ]; then
  : "${WARMUP_TOKEN:=doa-warm-up-development-token}"
fi

# redis://[user[:password]@]host[:port][/database]
redis_rest=${REDIS_URL#*://}
case $redis_rest in
  *@*) redis_login=${redis_rest%@*} redis_rest=${redis_rest##*@} ;;
  *) redis_login= ;;
esac
case $redis_login in
  *:*) REDIS_USERNAME=${redis_login%%:*} REDIS_PASSWORD=${redis_login#*:} ;;
  *) REDIS_USERNAME=$redis_login REDIS_PASSWORD= ;;
esac
case $redis_rest in
  */*) REDIS_DATABASE=${redis_rest#*/} redis_rest=${redis_rest%%/*} ;;
  *) REDIS_DATABASE=0 ;;
esac
REDIS_HOST=${redis_rest%%:*}
case $redis_rest in
  *:*) REDIS_PORT=${redis_rest##*:} ;;
  *) REDIS_PORT=6379 ;;
esac
: "${REDIS_DATABASE:=0}"

export NODE_ENV JWT_ISSUER REDIS_URL IDEMPOTENCY_TTL CORS_ORIGIN
export RATE_LIMIT_LOGIN RATE_LIMIT_PUBLIC RATE_LIMIT_QUEUE_STATUS RATE_LIMIT_PURCHASE RATE_LIMIT_MEMBER
export REDIS_HOST REDIS_PORT REDIS_USERNAME REDIS_PASSWORD REDIS_DATABASE
if [ -n "${WARMUP_TOKEN:-}" ]; then export WARMUP_TOKEN; fi
