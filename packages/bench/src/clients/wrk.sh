#!/bin/sh
# wrk, one thread, 64 connections, for five seconds: the limit of machine and server. It reads no JSON.
# The task is JSON in one line; only the first origin and the path are needed.
set -eu
origin=$(printf '%s' "$1" | sed 's/.*"origins":\["\([^"]*\)".*/\1/')
path=$(printf '%s' "$1" | sed 's/.*"path":"\([^"]*\)".*/\1/')
BENCH_PATH=$path
export BENCH_PATH
# `times` tells of its shell, then of that shell's children: user and system.
sh -c 'wrk -t1 -c64 -d5s -s "$1" "$2"; times' sh "$(dirname "$0")/wrk.lua" "$origin" | awk '
  /^totals/ { answers = $2; seconds = $3 }
  /^[0-9]+m/ {
    cpu = 0
    for (i = 1; i <= 2; i++) { split($i, t, /[ms]/); cpu += t[1] * 60 + t[2] }
  }
  END {
    printf "{\"answers\":%d,\"read\":0,\"seconds\":%s,\"quickSeconds\":%s,\"cpuMicros\":%d,\"warmup\":0,\"unanswered\":64}\n",
      answers, seconds, seconds, cpu * 1000000
  }'
