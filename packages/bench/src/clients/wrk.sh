#!/bin/sh
# wrk, one thread, 64 connections, for five seconds: the limit of machine and server. It reads no JSON.
# The task is JSON in one line; only the first origin and the path are needed.
set -eu
origin=$(printf '%s' "$1" | sed 's/.*"origins":\["\([^"]*\)".*/\1/')
path=$(printf '%s' "$1" | sed 's/.*"path":"\([^"]*\)".*/\1/')
output=$(BENCH_PATH="$path" wrk -t1 -c64 -d5s -s "$(dirname "$0")/wrk.lua" "$origin")
echo "$output"
# `times` tells of this shell, then of its children: user and system.
times | awk -v result="$(echo "$output" | tail -n 1)" '
  NR == 2 {
    for (i = 1; i <= 2; i++) { split($i, t, /[ms]/); cpu += t[1] * 60 + t[2] }
    split(result, r, " ")
    printf "{\"answers\":%d,\"read\":0,\"seconds\":%s,\"quickSeconds\":%s,\"cpuMicros\":%d,\"warmup\":0,\"unanswered\":64}\n",
      r[1], r[2], r[2], cpu * 1000000
  }'
