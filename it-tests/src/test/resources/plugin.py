"""A plugin as a process of its own: plugin.py SOCKET NAME, or by the file that an engine hands over. Serves ext/**."""
import json
import os
import socket
import struct
import sys


def message(field, content):
    return bytes([field << 3 | 2, len(content)]) + content


def http(first, *headers, body=b""):
    lines = [first, *headers, "Connection: close", f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def answer(request):
    head, body = request.split(b"\r\n\r\n", 1)
    path = head.split(b" ")[1]
    if path.endswith(b"/Shutdown"):
        return http("HTTP/1.1 200 OK", "Content-Type: application/proto"), True
    identifier = body[2:]
    if identifier.endswith(b"/a"):
        found = message(1, message(1, identifier) + message(2, b"value of " + identifier))
        return http("HTTP/1.1 200 OK", "Content-Type: application/proto", body=found), False
    error = b'{"code":"not_found","message":"secret not found"}'
    return http("HTTP/1.1 404 Not Found", "Content-Type: application/json", body=error), False


class Peer:
    def __init__(self, connection, name):
        self.connection = connection
        self.received = connection.makefile("rb")
        request = message(1, name.encode()) + message(2, b"v0.9.0") + message(3, message(1, b"ext/**"))
        self.frame(1, 1, 1)
        self.data(1, http("POST /plugins.v1.RegisterService/RegisterPlugin HTTP/1.1", "Host: unix",
                          "Content-Type: application/proto", body=request))
        self.streams = {1: b""}

    def frame(self, kind, flags, stream, length=0):
        self.connection.sendall(struct.pack(">BBHII", 0, kind, flags, stream, length))

    def data(self, stream, content):
        self.frame(0, 0, stream, len(content))
        self.connection.sendall(content)

    def serve(self):
        ending = False
        while not ending:
            head = self.received.read(12)
            if len(head) < 12:
                return
            _, kind, flags, stream, length = struct.unpack(">BBHII", head)
            content = self.received.read(length) if kind == 0 else b""
            if kind == 2 and flags & 1:
                self.frame(2, 2, 0, length)
            if kind > 1:
                continue
            if flags & 1:
                self.streams[stream] = b""
                self.frame(1, 2, stream)
            self.streams[stream] = self.streams.get(stream, b"") + content
            ending = self.registered() if stream == 1 else self.asked(stream, flags)
            if stream == 1 and flags & 4:
                self.frame(1, 4, 1)

    def registered(self):
        lines = self.streams[1].split(b"\r\n")
        if len(lines) > 1:
            print(lines[0].decode(), flush=True)
        return len(lines) > 1 and b" 200 " not in lines[0]

    def asked(self, stream, flags):
        if flags & 4 or b"\r\n\r\n" not in self.streams[stream]:
            return False
        reply, ending = answer(self.streams[stream])
        self.data(stream, reply)
        self.frame(1, 4, stream)
        self.streams[stream] = b""
        return ending


def main():
    settings = os.environ.get("DOCKER_SECRETS_ENGINE_PLUGIN_LAUNCH_CFG")
    if settings:
        settings = json.loads(settings)
        Peer(socket.socket(fileno=settings["fd"]), settings["name"]).serve()
        return
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(sys.argv[1])
    connection.sendall(b"GET /hijack HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: tcp\r\n\r\n")
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += connection.recv(1)
    assert b" 101 " in head, head
    Peer(connection, sys.argv[2]).serve()


main()
