"""The plugin model: how long it takes until a dropped bundle serves, what its replacement costs others, what many cost."""
import base64
import json
import os
import shutil
import statistics
import tempfile
import threading
import time
import zipfile

from engine import end, start
from measure import Home, of_process, row

ID = "docker/auth/registry/registry.test/bench"
VALUE = b"bench-value"


class Copy:
    """An installation whose drop folder can be changed."""

    def __init__(self, image):
        self.folder = tempfile.mkdtemp(prefix="docker-pass-bench-image")
        self.image = self.folder + "/image"
        shutil.copytree(image, self.image, symlinks=True)
        self.runtime = self.image + "/runtime/"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def jar(self, part):
        return next(name for name in os.listdir(self.runtime) if part in name)


def login(home):
    """What docker login leaves behind."""
    os.makedirs(home.folder + "/.docker")
    with open(home.folder + "/.docker/config.json", "w") as config:
        auth = base64.b64encode(b"bench:" + VALUE).decode()
        json.dump({"auths": {"registry.test": {"auth": auth}}}, config)


def answers(home):
    return VALUE in home.ask("get", "se://" + ID, "--reveal", variables=("DOCKER_CONFIG=" + home.folder + "/.docker",))


def until(condition):
    begin = time.perf_counter()
    while not condition():
        if time.perf_counter() - begin > 20:
            raise SystemExit("bench: it does not come")
        time.sleep(0.002)
    return (time.perf_counter() - begin) * 1000


def put(source, target):
    """In one step, as a package manager does it."""
    shutil.copy(source, target + ".part")
    os.rename(target + ".part", target)


def drops(home, copy, name, kept):
    """ms until a bundle that is dropped answers, and the longest time without an answer when it is replaced."""
    served, gaps = [], []
    target = copy.runtime + name
    for _ in range(5):
        os.remove(target)
        until(lambda: not answers(home))
        put(kept, target)
        served.append(until(lambda: answers(home)))
    for _ in range(5):
        answered, over = [time.perf_counter()], threading.Event()

        def ask():
            while not over.is_set():
                if answers(home):
                    answered.append(time.perf_counter())
        asking = threading.Thread(target=ask)
        asking.start()
        time.sleep(0.3)
        put(kept, target)
        time.sleep(1.5)
        over.set()
        asking.join()
        gaps.append(max(b - a for a, b in zip(answered, answered[1:])) * 1000)
    row("a bundle dropped until it answers a lookup", statistics.median(served), aim="1,000 ms")
    row("a bundle replaced: longest time without an answer", statistics.median(gaps))


def switches(home):
    times = {"disable": [], "enable": []}
    for _ in range(20):
        for verb, taken in times.items():
            begin = time.perf_counter()
            home.ask("plugins", verb, "docker-auth")
            taken.append((time.perf_counter() - begin) * 1000)
    for verb, taken in times.items():
        row(f"`plugins {verb}`, the engine's share", statistics.median(taken))


def compared(home, copy, name, kept, what):
    """Readiness and RSS in turn with a jar and without it."""
    seen = {True: ([], []), False: ([], [])}
    for _ in range(9):
        for there in (True, False):
            if there:
                shutil.copy(kept, copy.runtime + name)
            elif os.path.exists(copy.runtime + name):
                os.remove(copy.runtime + name)
            engine, _, served = start(home)
            time.sleep(1.5)
            seen[there][0].append(served)
            seen[there][1].append(of_process(engine.pid, "VmRSS"))
            end(engine)
    ready, rss = ([statistics.median(seen[there][of]) for there in (True, False)] for of in (0, 1))
    row(f"first command answered, with {what} : without", 100 * ready[0] / ready[1], "%", "103 %")
    row(f"idle RSS, with {what} : without", 100 * rss[0] / rss[1], "%", "103 %")


def many(home, count):
    """Bundles that are started, and have no code."""
    for n in range(count):
        with zipfile.ZipFile(f"{home.folder}/se/data/runtime/many-{n}.jar", "w") as z:
            z.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nBundle-ManifestVersion: 2\n"
                       f"Bundle-SymbolicName: bench.many{n}\nBundle-Version: 1.0.0\n"
                       f"Provide-Capability: dev.secretsengine.plugin;name=\"many{n}\";version:String=\"1.0.0\";"
                       f"pattern=\"many{n}/**\";configurable=\"true\"\n")
    served = []
    for _ in range(5):
        engine, _, to_serve = start(home)
        served.append(to_serve)
        if len(served) < 5:
            end(engine)
    row(f"first command answered with {count} dropped bundles", statistics.median(served))
    row(f"`get se://` with {count} dropped bundles, the engine's share", home.share("get", "se://bench/1"))
    row(f"RSS with {count} dropped bundles", of_process(engine.pid, "VmRSS"), "MiB")
    end(engine)


def measure(image):
    with Copy(image) as copy, Home(copy.image) as home:
        login(home)
        home.fill()
        name = copy.jar("docker-auth")
        kept = shutil.copy(copy.runtime + name, copy.folder)
        drops(home, copy, name, kept)
        switches(home)
        row("`get se://`, the engine's share", home.share("get", "se://bench/1"))
        home.ask("engine", "stop")
        until(lambda: not os.path.exists(home.socket))
        name = copy.jar("1password")
        compared(home, copy, name, shutil.copy(copy.runtime + name, copy.folder), "1password off")
        many(home, 100)
