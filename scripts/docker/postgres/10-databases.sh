#!/bin/sh
# Runs once, on an empty data folder: one database and one role for each service, closed to the others.
set -eu

create() {
  psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set database="$1" --set role="$2" --set password="$3" << 'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password';
CREATE DATABASE :"database" OWNER :"role";
REVOKE CONNECT, TEMPORARY ON DATABASE :"database" FROM PUBLIC;
SQL
}

create member_db member_server "$MEMBER_DB_PASSWORD"
create product_db product_server "$PRODUCT_DB_PASSWORD"
create queue_db queue_server "$QUEUE_DB_PASSWORD"

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --command 'REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC'
