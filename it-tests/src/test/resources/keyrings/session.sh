#!/bin/sh
# session.sh IMAGE HELPERS UID: run as root by unshare --net --mount --pid --fork. Lays out a machine on which the user
# UID has a home, and copies of an installation and of the helpers. Prints the pid for nsenter, and ends everything when
# standard input ends: with the tests, however they end.
set -eu
image=$1
helpers=$2
uid=$3

# This is still the /proc outside.
read -r pid _ </proc/self/stat
mount -t proc proc /proc
ip link set lo up
mount -t tmpfs -o mode=755 none /run
cp -r --preserve=mode,timestamps "$image" /run/image
cp -r "$helpers" /run/keyrings
chmod -R a+rX,go-w /run/image
chmod 755 /run/keyrings /run/keyrings/*
install -d -m 700 -o "$uid" -g "$uid" /run/home /run/user "/run/user/$uid"
chmod 755 /run/user
# dbus-daemon refuses who has no name.
{ cat /etc/passwd; echo "tester:x:$uid:$uid::/run/home:/bin/sh"; } >/run/passwd
mount --bind /run/passwd /etc/passwd
# Sockets and locks of X servers.
mount -t tmpfs -o mode=1777 none /tmp
mkdir -m 1777 /tmp/.X11-unix
echo "$pid"

# wait, and not read: as process 1 this shell reaps what others leave.
exec 3<&0
cat <&3 >/dev/null &
wait "$!"
