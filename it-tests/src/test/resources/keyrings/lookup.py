#!/usr/bin/python3
"""lookup.py PATTERN MILLISECONDS: asks the engine as a client of the SDK that waits so long; prints the status."""
import http.client
import json
import os
import socket
import sys

connection = http.client.HTTPConnection("engine")
connection.sock = socket.socket(socket.AF_UNIX)
connection.sock.connect(os.path.expanduser("~/.cache/docker-secrets-engine/engine.sock"))
connection.request("POST", "/resolver.v1.ResolverService/GetSecrets", json.dumps({"pattern": sys.argv[1]}),
                   {"Content-Type": "application/json", "Connect-Timeout-Ms": sys.argv[2]})
print(connection.getresponse().status)
