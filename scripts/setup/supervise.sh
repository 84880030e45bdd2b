#!/bin/sh
# supervise.sh DIR COMMAND...
#
# Runs COMMAND for as long as the process that started this script holds the other end of standard input, then kills it
# with everything it started and removes DIR (which may be empty: nothing to remove). A pipe closes however its holder
# ends, SIGKILL included, so nothing outlives a run; no signal handler in the holder could promise that.
#
# Must lead a process group of its own (spawned "detached"): the group is what is killed.
# Says on descriptor 3: "pid N" once the command runs, "exit N" when it has ended and DIR is gone.
dir=$1
shift
exec 4<&0 </dev/null
"$@" 3>&- 4<&- &
pid=$!
trap 'kill -9 $pid 2>/dev/null' TERM INT HUP
trap '' PIPE # the holder may be gone when we tell it
echo "pid $pid" >&3
{
  read -r _ <&4
  kill -9 $pid 2>/dev/null
} 3>&- &
wait $pid
code=$?
[ -z "$dir" ] || rm -rf "$dir"
{ echo "exit $code" >&3; } 2>/dev/null
kill -9 -$$
