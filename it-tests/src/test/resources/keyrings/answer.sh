#!/bin/sh
# answer.sh NAME KEY...: waits for a window with this name, a regular expression, and types these keys until it closes: a
# window is there a moment before it listens.
set -eu
name=$1
shift
end=$(($(date +%s) + 60))

windows() { xdotool search --onlyvisible --name "$name" 2>/dev/null || true; }
pause() {
    [ "$(date +%s)" -lt "$end" ] || { echo "waited in vain for the window $name" >&2; exit 1; }
    sleep .05
}

while window=$(windows | head -n 1) && [ -z "$window" ]; do pause; done
while windows | grep -qx "$window"; do
    # It may close in the middle of it.
    xdotool windowfocus "$window" key "$@" 2>/dev/null || true
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        windows | grep -qx "$window" || exit 0
        pause
    done
done
