#!/bin/sh
# Publishes an ERP's events over HTTP: a spool folder as outbox, and a relay that empties it. Needs sh and curl alone.
#
#   publish.sh record TYPE IDENTIFIER < data.json    puts an event into the outbox (data on one line)
#   publish.sh show                                  the outbox, one event a line
#   publish.sh relay [--once]                        posts what waits, and heartbeats
#
# Environment: PULLGATE_URL (http://127.0.0.1:8080), PULLGATE_USER (user:secret), ERP_SOURCE (/erp/blr-01),
# OUTBOX (./outbox).
set -eu

: "${PULLGATE_URL:=http://127.0.0.1:8080}" "${ERP_SOURCE:=/erp/blr-01}" "${OUTBOX:=./outbox}"
BATCH=100             # events a request; at most 500, and 1 MiB together
POLL_SECONDS=1
HEARTBEAT_SECONDS=10

mkdir -p "$OUTBOX/waiting" "$OUTBOX/sent"

now() { date -u +%Y-%m-%dT%H:%M:%SZ; }
# 128 random bits.
new_id() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }
# The greatest of the numbers that a pattern finds in the names of all events; 0 where there are none.
greatest() { { echo 0; ls "$OUTBOX/waiting" "$OUTBOX/sent" | sed -n "$1"; } | sort -n | tail -n 1; }

# An event is one file, POSITION-STUDENT-SEQUENCE.json, and comes to be by one rename: numbers are read from the names, so
# that no crash leaves a hole in them. When old files of sent/ are removed, each student's last must stay.
record() {
  data=$(tr -d '\n')
  # An identifier may hold anything, and a file name may not.
  student=$(printf %s "$2" | sha256sum | cut -c 1-32)
  exec 9> "$OUTBOX/lock"
  flock 9
  position=$(expr "$(greatest 's/^\([0-9]*\)-.*/\1/p')" + 1)
  sequence=$(expr "$(greatest "s/^[0-9]*-$student-\([0-9]*\)\.json$/\1/p")" + 1)
  printf '{"specversion":"1.0","id":"%s","source":"%s","type":"%s","time":"%s","sequence":"%s","data":%s}' \
    "$(new_id)" "$ERP_SOURCE" "$1" "$(now)" "$sequence" "$data" > "$OUTBOX/next.json"
  mv "$OUTBOX/next.json" "$OUTBOX/waiting/$(printf %012d "$position")-$student-$sequence.json"
}

# Posts a body; anything but a 200 is shown, and is a failure: the same is sent again later, under the same ids.
post() {
  answer=$(curl -sS --max-time 20 -u "$PULLGATE_USER" -H 'Content-Type: application/cloudevents-batch+json' \
    -w '\n%{http_code}' --data-binary @- "$PULLGATE_URL/events") || return 1
  case $answer in
    *"
200") ;;
    *) echo "$answer" >&2; return 1 ;;
  esac
}

relay_once() {
  set -- $(ls "$OUTBOX/waiting" | head -n "$BATCH")
  if [ $# -eq 0 ]; then return 0; fi
  {
    separator='['
    for file in "$@"; do
      printf %s "$separator"
      cat "$OUTBOX/waiting/$file"
      separator=','
    done
    printf ']'
  } | post || return 1
  for file in "$@"; do mv "$OUTBOX/waiting/$file" "$OUTBOX/sent/$file"; done
  relay_once
}

heartbeat() {
  printf '[{"specversion":"1.0","id":"%s","source":"%s","type":"erp.heartbeat.v1","time":"%s"}]' \
    "$(new_id)" "$ERP_SOURCE" "$(now)" | post
}

case "${1-}" in
  record) record "$2" "$3" ;;
  show) for file in "$OUTBOX"/sent/*.json "$OUTBOX"/waiting/*.json; do
      if [ -f "$file" ]; then cat "$file"; echo; fi
    done ;;
  relay)
    trap 'exit 0' TERM INT
    beat=0
    while :; do
      # The heartbeat follows what waited before it: it vouches for an empty outbox.
      if relay_once && [ $(($(date +%s) - beat)) -ge "$HEARTBEAT_SECONDS" ]; then
        if heartbeat; then beat=$(date +%s); fi
      fi
      if [ "${2-}" = --once ]; then
        if [ "$beat" -eq 0 ]; then exit 1; fi
        exit 0
      fi
      sleep "$POLL_SECONDS"
    done ;;
  *) sed -n '2,10p' "$0" | cut -c3- >&2; exit 2 ;;
esac
