"""flood.py NAME SECONDS: connects again and again, as often as it can; prints how often it was hung up on."""

import socket
import sys
import time

end = time.monotonic() + float(sys.argv[2])
refused = 0
while time.monotonic() < end:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        try:
            client.connect("\0" + sys.argv[1])
            if client.recv(1) == b"":
                refused += 1
        except ConnectionResetError:
            refused += 1
print(refused)
