"""Measures an installation and prints a Markdown table. Run by bench/run."""
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

IMAGE = sys.argv[1]
CLIENT = IMAGE + "/bin/docker-pass"
HOME = tempfile.mkdtemp(prefix="docker-pass-bench")
ENV = {"HOME": HOME, "SECRETS_ENGINE_HOME": HOME + "/se", "PATH": os.environ["PATH"], "A": "se://bench/1",
       "B": "se://bench/2", "C": "se://bench/3"}
SOCKET = HOME + "/se/run/cli.sock"
ROWS = []


def row(what, value, unit):
    ROWS.append((what, value, unit))
    print(f"{what}: {value:.1f} {unit}", file=sys.stderr)


def client(*words, check=True):
    return subprocess.run([CLIENT, *words], env=ENV, check=check, capture_output=True)


def hyperfine(command, runs, prepare=None):
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        line = ["hyperfine", "-N", "--warmup", "3" if prepare is None else "0", "--runs", str(runs), "--export-json", out.name]
        if prepare:
            line += ["--prepare", prepare]
        subprocess.run(line + [command], env=ENV, check=True, capture_output=True)
        return json.load(open(out.name))["results"][0]["median"] * 1000


def frame(kind, payload):
    return kind + len(payload).to_bytes(4, "big") + payload


def ask(*words):
    """One request without any client process: the engine's own share of a command."""
    s = socket.socket(socket.AF_UNIX)
    s.connect(SOCKET)
    s.sendall(frame(b"H", b"1\x000.0") + b"".join(frame(b"A", w.encode()) for w in words) + frame(b"G", b""))
    answer = b""
    while piece := s.recv(65536):
        answer += piece
    return answer


def start():
    """Starts an engine; answers its process, ms until its socket answers and until its plugins serve."""
    begin = time.perf_counter()
    engine = subprocess.Popen([IMAGE + "/bin/secrets-engine"], env=ENV, stdout=subprocess.DEVNULL)
    while True:
        try:
            socket.socket(socket.AF_UNIX).connect(SOCKET)
            break
        except OSError:
            time.sleep(0.001)
    bound = time.perf_counter()
    ask("plugins", "ls", "-q")
    return engine, (bound - begin) * 1000, (time.perf_counter() - begin) * 1000


def rss(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read())[1]) / 1024


def ready_in_log():
    return float(re.findall(r"ready after (\d+) ms", open(HOME + "/se/state/logs/engine.log").read())[-1])


def drop(n):
    """ms from the moment a jar lies in the drop folder until it is in plugins ls."""
    jar = f"{HOME}/bench-{n}.jar"
    with zipfile.ZipFile(jar, "w") as z:
        z.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nBundle-ManifestVersion: 2\n"
                   f"Bundle-SymbolicName: bench.drop{n}\nBundle-Version: 1.0.0\n"
                   f"Provide-Capability: dev.secretsengine.plugin;name=\"drop{n}\";version:String=\"1.0.0\";"
                   "pattern=\"drop/**\";configurable=\"true\";enabled=\"false\"\n")
    begin = time.perf_counter()
    shutil.copy(jar, HOME + "/se/data/runtime/")
    while b"drop%d" % n not in ask("plugins", "ls", "-q"):
        time.sleep(0.005)
    return (time.perf_counter() - begin) * 1000


def cycles(count):
    """Metaspace in KiB at the end of an engine's life with so many disable/enable cycles in it."""
    line = open(IMAGE + "/bin/secrets-engine").read().split("\nexec ")[-1].replace("\\\n", " ").replace('"', "")
    words = line.replace("$image", IMAGE).replace("$@", "").split()
    words[1:1] = ["-XX:NativeMemoryTracking=summary", "-XX:+UnlockDiagnosticVMOptions", "-XX:+PrintNMTStatistics"]
    with tempfile.TemporaryFile("w+") as out:
        engine = subprocess.Popen(words, env=ENV, stdout=out)
        while not os.path.exists(SOCKET):
            time.sleep(0.01)
        begin = time.perf_counter()
        for _ in range(count):
            ask("plugins", "disable", "docker-auth")
            ask("plugins", "enable", "docker-auth")
        cycle = (time.perf_counter() - begin) * 1000 / max(count, 1)
        resident = rss(engine.pid)
        engine.terminate()
        engine.wait()
        out.seek(0)
        return int(re.search(r"Metaspace \(reserved=\d+, committed=(\d+)", out.read())[1]) / 1024, cycle, resident


def main():
    try:
        os.makedirs(HOME + "/se")
        for i in (1, 2, 3):
            client("set", f"bench/{i}=value{i}")
        row("docker-cli-plugin-metadata", hyperfine(CLIENT + " docker-cli-plugin-metadata", 100), "ms")
        row("get, warm", hyperfine(CLIENT + " get bench/1", 40), "ms")
        row("ls, warm", hyperfine(CLIENT + " ls", 40), "ms")
        row("run -- true, three references, warm", hyperfine(CLIENT + " run -- true", 40), "ms")
        own = []
        for _ in range(200):
            begin = time.perf_counter()
            ask("get", "bench/1")
            own.append((time.perf_counter() - begin) * 1000)
        row("get, the engine's own share", statistics.median(own), "ms")
        stop = CLIENT + " engine stop"
        row("get, cold (starts the engine)", hyperfine(CLIENT + " get bench/1", 8, stop), "ms")
        row("run -- true, cold", hyperfine(CLIENT + " run -- true", 8, stop), "ms")
        client("engine", "stop")
        bound, served, ready, idle = [], [], [], []
        for _ in range(7):
            engine, to_bind, to_serve = start()
            bound.append(to_bind)
            served.append(to_serve)
            ready.append(ready_in_log())
            time.sleep(1.5)
            idle.append(rss(engine.pid))
            engine.terminate()
            engine.wait()
        row("engine, exec to socket", statistics.median(bound), "ms")
        row("engine, its start to plugins started (its own log)", statistics.median(ready), "ms")
        row("engine, exec to first command answered", statistics.median(served), "ms")
        row("engine, idle RSS", statistics.median(idle), "MiB")
        engine, _, _ = start()
        row("drop to visible", statistics.median([drop(n) for n in range(5)]), "ms")
        for i in range(1000):
            ask("set", f"many/{i}=x")
        row("get with 1,000 secrets, warm", hyperfine(CLIENT + " get bench/1", 30), "ms")
        engine.terminate()
        engine.wait()
        before, _, rss_before = cycles(5)
        after, cycle, rss_after = cycles(500)
        row("metaspace after 5 disable/enable cycles", before, "KiB")
        row("metaspace after 500 cycles", after, "KiB")
        row("RSS after 5 cycles", rss_before, "MiB")
        row("RSS after 500 cycles", rss_after, "MiB")
        row("one disable and enable", cycle, "ms")
    finally:
        client("engine", "stop", check=False)
        shutil.rmtree(HOME, ignore_errors=True)
    cpu = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())
    print(f"\n{os.cpu_count()} cores, {cpu[1] if cpu else 'unknown CPU'}, Linux {os.uname().release}\n")
    print("| what | median |\n|---|---|")
    for what, value, unit in ROWS:
        print(f"| {what} | {value:.1f} {unit} |")


main()
