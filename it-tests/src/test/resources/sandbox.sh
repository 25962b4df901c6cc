#!/bin/sh
# sandbox.sh FOLDER COMMAND...: run by unshare --net --mount. Starts a daemon where it cannot touch the machine, with the
# environment that an init system would give it, and ends it when standard input ends: with the tests, however they end.
set -eu
folder=$1
shift

ip link set lo up
mount -t tmpfs -o mode=755 none /run
mkdir /run/docker
mount -t tmpfs none /dev/shm
# What is written to these folders stays in here.
for place in /etc /opt /usr/local; do
    changes=/run/changes$place
    mkdir -p "$changes/upper" "$changes/work"
    mount -t overlay -o "lowerdir=$place,upperdir=$changes/upper,workdir=$changes/work" none "$place"
done

env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@" >"$folder/log" 2>&1 </dev/null &
daemon=$!
# For nsenter.
echo $$

read -r _ || true
# Written by the test: ends what the daemon would wait for.
[ ! -f "$folder/end.sh" ] || timeout 30 sh "$folder/end.sh" >"$folder/end.log" 2>&1 || true
kill "$daemon" 2>/dev/null || true
(
    trap 'kill "$nap"; exit' TERM
    sleep 15 &
    nap=$!
    wait
    kill -KILL "$daemon"
) >/dev/null 2>&1 &
guard=$!
wait "$daemon" || true
kill "$guard" || true
