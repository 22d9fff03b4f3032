#!/usr/bin/env bash
# Stops the `make up` and the `make up-full` of this checkout: the processes that .data/up.pid and .data-full/up.pid
# name, and only if they are our bin/afirgen. The supervisor stops its children in order; 60 s is more than it gives them.
source "$(dirname "$0")/lib.sh"

files=(.data/up.pid .data-full/up.pid)
patience=60 # seconds

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

# stop FILE: ends the process that it names, and waits until it has gone.
stop() {
  local file=$1 pid tenths
  pid=$(tr -d '[:space:]' <"$file")
  [[ $pid =~ ^[1-9][0-9]*$ ]] || die "$file holds \"$pid\", which is no process id; look at it, then delete it"
  if ! running "$pid"; then
    rm -f "$file"
    say "nothing to stop: process $pid has ended already; removed $file"
    return
  fi
  ours "$pid" || die "process $pid, which $file names, is not this checkout's bin/afirgen (or belongs to another user); \
nothing was stopped. If make up is not running, delete $file"

  say "stopping the process $pid of $file"
  kill -TERM "$pid"
  for ((tenths = 0; tenths < patience * 10; tenths++)); do
    if ! running "$pid"; then
      rm -f "$file"
      say "stopped"
      return
    fi
    sleep 0.1
  done
  die "process $pid still runs $patience s after SIGTERM; see what it prints, and end it with: kill -9 $pid"
}

found=0
for file in "${files[@]}"; do
  if [ -f "$file" ]; then
    found=1
    stop "$file"
  fi
done
[ "$found" -eq 1 ] || say "nothing to stop: there is neither ${files[0]} nor ${files[1]}, so nothing runs here"
