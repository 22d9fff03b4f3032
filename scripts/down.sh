#!/usr/bin/env bash
# Stops the `make up` of this checkout: the one process that .data/up.pid names, and only if it is our bin/afirgen.
# The supervisor stops its children in order; 40 s is more than it gives them.
source "$(dirname "$0")/lib.sh"

file=.data/up.pid
patience=40 # seconds

# ours PID: does the process run this checkout's bin/afirgen? After a rebuild Linux adds " (deleted)" to the name.
ours() {
  local exe
  exe=$(readlink "/proc/$1/exe") || return 1
  [ "${exe% (deleted)}" = "$(pwd -P)/bin/afirgen" ]
}

# running PID: is it alive? A process that has ended but was not yet collected counts as gone.
running() {
  local state
  state=$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null) || return 1
  [ -n "$state" ] && [ "$state" != Z ]
}

if [ ! -f "$file" ]; then
  say "nothing to stop: there is no $file, so make up is not running here"
  exit 0
fi
pid=$(tr -d '[:space:]' <"$file")
[[ $pid =~ ^[1-9][0-9]*$ ]] || die "$file holds \"$pid\", which is no process id; look at it, then delete it"
if ! running "$pid"; then
  rm -f "$file"
  say "nothing to stop: process $pid has ended already; removed $file"
  exit 0
fi
ours "$pid" || die "process $pid, which $file names, is not this checkout's bin/afirgen (or belongs to another user); \
nothing was stopped. If make up is not running, delete $file"

say "stopping make up (process $pid)"
kill -TERM "$pid"
for ((tenths = 0; tenths < patience * 10; tenths++)); do
  if ! running "$pid"; then
    rm -f "$file"
    say "stopped"
    exit 0
  fi
  sleep 0.1
done
die "process $pid still runs $patience s after SIGTERM; see what it prints, and end it with: kill -9 $pid"
