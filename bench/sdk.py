"""The engine as clients of the Go SDK meet it, beside a Go server on the same libraries: in turn, and their ratios."""
import contextlib
import glob
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile

import engine
from measure import ROWS, Home, of_process, row, skip

HERE = os.path.dirname(os.path.abspath(__file__))
ROUNDS = 5
SECONDS = 1.0

# A JIT compiler needs some seconds of load; the Go server gets the same.
WARM_UP = 6.0

# What is asked for by what the table calls it: a map on both sides; a map against the engine's own store; a plugin's process;
# nothing is the version, which costs nothing but the transport.
CASES = {"lookup": "map/1", "lookup in the age store": "bench/1", "pass-through": "ext/a", "version": ""}
FIGURES = {"perSecond": "requests/s", "p50": "us p50", "serverCpu": "us of CPU"}
AIMS = {"lookup": "2x, 0.5x, 0.2x", "lookup in the age store": "2x, 0.5x, 0.2x", "pass-through": "1.5x"}


def build(folder):
    go = shutil.which("go", path=os.environ["PATH"] + ":/usr/local/go/bin")
    if not go:
        return None
    subprocess.run([go, "build", "-trimpath", "-buildvcs=false", "-o", folder + "/sdk", "."], check=True,
                   cwd=HERE + "/../it-tests/go")
    return folder + "/sdk"


def compiler():
    """A javac that can read the image's own classes."""
    known = [os.environ.get("JAVA_HOME", "") + "/bin/javac", shutil.which("javac") or "",
             *glob.glob("/usr/lib/jvm/*/bin/javac")]
    for javac in known:
        if os.access(javac, os.X_OK):
            version = subprocess.run([javac, "-version"], capture_output=True, text=True).stdout
            if int(re.search(r"\d+", version)[0]) >= 25:
                return javac
    return None


def drop_map(image, home, folder):
    """A bundle that answers from a map, as the Go server does; whether it could be built."""
    javac = compiler()
    if not javac:
        return False
    subprocess.run([javac, "--system", image + "/lib/jre", "--add-modules",
                    "dev.secretsengine.api,org.apache.felix.framework", "-d", folder,
                    HERE + "/bundle/MapActivator.java"], check=True)
    os.makedirs(home.folder + "/se/data/runtime", exist_ok=True)
    with zipfile.ZipFile(home.folder + "/se/data/runtime/map.jar", "w") as jar:
        jar.write(HERE + "/bundle/MANIFEST.MF", "META-INF/MANIFEST.MF")
        jar.write(folder + "/MapActivator.class", "MapActivator.class")
    return True


def await_socket(path):
    for _ in range(1000):
        try:
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(path)
            return
        except OSError:
            time.sleep(0.01)
    raise SystemExit(f"bench: nobody answers on {path}")


@contextlib.contextmanager
def running(*words):
    """A program that has said its first line."""
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        if not process.stdout.readline():
            raise SystemExit(f"bench: {' '.join(words)} did not start")
        yield process
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def servers(sdk, home, folder):
    """Address and process of each: the engine, and a Go server for each encoding, with one plugin connected to each."""
    with contextlib.ExitStack() as stack:
        process, _, _ = engine.start(home)
        stack.callback(engine.end, process)
        known = {"engine": (home.folder + "/se/run/engine.sock", process.pid)}
        await_socket(known["engine"][0])
        secrets = [word for name in ("map", "bench") for i in (1, 2, 3)
                   for word in ("-secret", f"{name}/{i}=value{i}")]
        for encoding in ("identity", "gzip"):
            address = f"{folder}/{encoding}.sock"
            only = ["-identity"] if encoding == "identity" else []
            server = stack.enter_context(running(sdk, "server", "-address", address, *only, *secrets))
            known[encoding] = (address, server.pid)
        for address, _ in known.values():
            stack.enter_context(running(sdk, "plugin", "-address", address, "-pattern", "ext/**"))
        yield known


def ask(sdk, server, pattern, connections, encoding, seconds):
    address, pid = server
    words = [sdk, "bench", "-address", address, "-pid", str(pid), "-pattern", pattern, "-connections",
             str(connections), "-encodings", encoding, "-seconds", str(seconds), "-warm-up", "0.2"]
    return json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def compare(sdk, known, case, connections, encoding):
    """A row: of each figure the median of the rounds' ratios, and the medians on both sides."""
    rounds = []
    for _ in range(ROUNDS):
        rounds.append([ask(sdk, known[name], CASES[case], connections, encoding, SECONDS)
                       for name in ("engine", encoding)])
    texts = []
    for figure, unit in FIGURES.items():
        ours, theirs = ([one[side][figure] for one in rounds] for side in (0, 1))
        ratio = statistics.median(a / b for a, b in zip(ours, theirs))
        texts.append(f"{ratio:.2f}x ({statistics.median(ours):,.0f} : {statistics.median(theirs):,.0f} {unit})")
    what = f"{case}, {connections} connection{'s' if connections > 1 else ''}, {encoding}, engine : Go server"
    ROWS.append((what, AIMS.get(case, ""), ", ".join(texts)))
    print(f"{what}: {', '.join(texts)}", file=sys.stderr)
    return statistics.median(side["clientCpu"] for one in rounds for side in one)


def measure(image):
    folder = tempfile.mkdtemp(prefix="bench-sdk")
    try:
        sdk = build(folder)
        if not sdk:
            skip("the SDK", "go missing: install Go 1.26 or newer")
            return
        with Home(image) as home:
            home.fill()
            subprocess.run([image + "/bin/docker-pass", "engine", "stop"], env=home.env, check=True,
                           capture_output=True)
            cases = dict(CASES)
            if not drop_map(image, home, folder):
                skip("the lookup in a map", "javac missing: install JDK 25")
                del cases["lookup"]
            with servers(sdk, home, folder) as known:
                for case, pattern in cases.items():
                    for name, server in known.items():
                        ask(sdk, server, pattern, 16, "gzip" if name == "gzip" else "identity", WARM_UP)
                    for encoding in ("gzip", "identity"):
                        for connections in (1, 16):
                            client = compare(sdk, known, case, connections, encoding)
                # It takes its share of the same cores: no server can make more of them than what it leaves.
                row("the client's own CPU for a request, 16 connections", client, "us")
                row("engine, RSS after that", of_process(known["engine"][1], "VmRSS"), "MiB")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
