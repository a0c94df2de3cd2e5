#!/usr/bin/env bash
# One Cassandra server on a loopback address, for tests and for trying things out: no authentication, so nothing else may reach it.
# usage: start.sh DATA_DIRECTORY [NODE_NUMBER] [HEAP]; the shell becomes the server, and ends with it.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
lib="${CASSANDRA_LIB:-$here/../../.cassandra/lib}"
node="${2:-1}"
data="$1/node$node"
heap="${3:-1g}"
port="${CASSANDRA_PORT:-9042}"
storage_port="${CASSANDRA_STORAGE_PORT:-7000}"
mkdir -p "$data"
sed -e "s/: 9042$/: $port/" -e "s/: 7000$/: $storage_port/" -e "s/:7000\"/:$storage_port\"/" \
  -e "s/_address: 127.0.0.1$/_address: 127.0.0.$node/" "$here/cassandra.yaml" > "$data/cassandra.yaml"
# shellcheck disable=SC2086
exec java "-Xms$heap" "-Xmx$heap" "@$here/jvm.options" "-javaagent:$(echo "$lib"/jamm-*.jar)" \
  "-Dcassandra.config=file://$data/cassandra.yaml" "-Dlogback.configurationFile=$here/logback.xml" \
  "-Dcassandra.storagedir=$data" "-Djava.io.tmpdir=$data" "-Dcassandra.jmx.local.port=${CASSANDRA_JMX_PORT:-$((7198 + node))}" \
  ${CASSANDRA_OPTIONS:-} -cp "$here:$lib/*" org.apache.cassandra.service.CassandraDaemon
