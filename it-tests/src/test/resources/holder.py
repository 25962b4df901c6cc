"""holder.py NAME: holds an abstract name, has its queue full and accepts no connection."""

import socket
import sys
import time

server = socket.socket(socket.AF_UNIX)
server.bind("\0" + sys.argv[1])
server.listen(0)
queue = []
while True:
    client = socket.socket(socket.AF_UNIX)
    client.setblocking(False)
    try:
        client.connect("\0" + sys.argv[1])
    except BlockingIOError:
        break
    queue.append(client)
print("ready", flush=True)
time.sleep(600)
