"""The engine: its start, its memory, its drop folder, many secrets, many starts of plugins."""
import os
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
import zipfile

from measure import Home, of_process, row


def start(home):
    """Starts an engine; answers its process, ms until its socket answers and until its plugins serve."""
    begin = time.perf_counter()
    engine = subprocess.Popen([home.image + "/bin/secrets-engine"], env=home.env, stdout=subprocess.DEVNULL)
    while True:
        try:
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(home.socket)
            break
        except OSError:
            time.sleep(0.001)
    bound = time.perf_counter()
    home.ask("plugins", "ls", "-q")
    return engine, (bound - begin) * 1000, (time.perf_counter() - begin) * 1000


def end(engine):
    engine.terminate()
    engine.wait()


def ready_in_log(home):
    return float(re.findall(r"ready after (\d+) ms", open(home.folder + "/se/state/logs/engine.log").read())[-1])


def starts(home):
    seen = {name: [] for name in ("bound", "ready", "served", "first", "tenth", "idle")}
    for _ in range(7):
        engine, to_bind, to_serve = start(home)
        seen["bound"].append(to_bind)
        seen["served"].append(to_serve)
        seen["ready"].append(ready_in_log(home))
        time.sleep(1.5)
        seen["idle"].append(of_process(engine.pid, "VmRSS"))
        gets = []
        for _ in range(10):
            begin = time.perf_counter()
            home.ask("get", "bench/1")
            gets.append((time.perf_counter() - begin) * 1000)
        seen["first"].append(gets[0])
        seen["tenth"].append(gets[9])
        end(engine)
    middle = {name: statistics.median(values) for name, values in seen.items()}
    row("engine, exec until its socket answers", middle["bound"])
    row("engine, its start until its plugins are started (its own log)", middle["ready"], aim="200 ms")
    row("engine, exec until its first command is answered", middle["served"])
    row("engine, its share of the first `get`", middle["first"])
    row("engine, its share of the tenth `get`", middle["tenth"], aim="3 ms")
    row("engine, idle RSS", middle["idle"], "MiB", "60 MiB")


def drop(home, n):
    """ms from the moment a jar lies in the drop folder until it is in plugins ls."""
    jar = f"{home.folder}/bench-{n}.jar"
    with zipfile.ZipFile(jar, "w") as z:
        z.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nBundle-ManifestVersion: 2\n"
                   f"Bundle-SymbolicName: bench.drop{n}\nBundle-Version: 1.0.0\n"
                   f"Provide-Capability: dev.secretsengine.plugin;name=\"drop{n}\";version:String=\"1.0.0\";"
                   "pattern=\"drop/**\";configurable=\"true\";enabled=\"false\"\n")
    begin = time.perf_counter()
    shutil.copy(jar, home.folder + "/se/data/runtime/")
    while b"drop%d" % n not in home.ask("plugins", "ls", "-q"):
        time.sleep(0.005)
    return (time.perf_counter() - begin) * 1000


def cycles(home, count):
    """Metaspace in KiB at the end of an engine's life with so many disable/enable cycles in it, ms of one, RSS."""
    line = open(home.image + "/bin/secrets-engine").read().split("\nexec ")[-1].replace("\\\n", " ").replace('"', "")
    words = line.replace("$image", home.image).replace("$@", "").split()
    words[1:1] = ["-XX:NativeMemoryTracking=summary", "-XX:+UnlockDiagnosticVMOptions", "-XX:+PrintNMTStatistics"]
    with tempfile.TemporaryFile("w+") as out:
        engine = subprocess.Popen(words, env=home.env, stdout=out)
        while not os.path.exists(home.socket):
            time.sleep(0.01)
        begin = time.perf_counter()
        for _ in range(count):
            home.ask("plugins", "disable", "docker-auth")
            home.ask("plugins", "enable", "docker-auth")
        cycle = (time.perf_counter() - begin) * 1000 / count
        resident = of_process(engine.pid, "VmRSS")
        end(engine)
        out.seek(0)
        return int(re.search(r"Metaspace \(reserved=\d+, committed=(\d+)", out.read())[1]) / 1024, cycle, resident


def measure(image):
    with Home(image) as home:
        home.fill()
        subprocess.run([image + "/bin/docker-pass", "engine", "stop"], env=home.env, check=True, capture_output=True)
        starts(home)
        engine, _, _ = start(home)
        row("jar dropped until `plugins ls` shows it", statistics.median([drop(home, n) for n in range(5)]),
            aim="700 ms")
        before = home.share("get", "bench/1")
        for i in range(1000):
            home.ask("set", f"many/{i}=x")
        row("`get`, the engine's share, with 3 secrets", before)
        row("`get`, the engine's share, with 1,003 secrets", home.share("get", "bench/1"), aim="as with 3")
        row("engine, RSS after 1,500 commands", of_process(engine.pid, "VmRSS"), "MiB")
        end(engine)
        before, _, rss_before = cycles(home, 5)
        after, cycle, rss_after = cycles(home, 500)
        row("metaspace after 5 disable/enable cycles", before, "KiB")
        row("metaspace after 500 cycles", after, "KiB", "flat")
        row("RSS after 5 cycles", rss_before, "MiB")
        row("RSS after 500 cycles", rss_after, "MiB")
        row("one disable and enable", cycle)
