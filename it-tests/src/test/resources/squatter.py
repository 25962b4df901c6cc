"""squatter.py SOCKET RECORD: sits on another user's socket, records all that it is told, and always has a value."""

import socket
import struct
import sys


def frame(kind, payload):
    return kind + struct.pack(">I", len(payload)) + payload


server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen()
print("ready", flush=True)
while True:
    client, _ = server.accept()
    client.settimeout(1)
    with client, open(sys.argv[2], "ab", buffering=0) as record:
        try:
            client.sendall(frame(b"h", b"1\0000.x\0ok") + frame(b"v", b"X=from the squatter") + frame(b"x", b"0"))
            while told := client.recv(65536):
                record.write(told)
        except OSError:
            pass
