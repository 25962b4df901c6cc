"""The commands as users run them: whole client processes, native and portable in turn, and the engine's share."""
import contextlib
import os
import shutil
import subprocess
import tempfile
import time

from measure import Home, alternating, of_process, row, rows, skip

REFERENCES = ("A=se://bench/1", "B=se://bench/2", "C=se://bench/3")
BUS = """<busconfig><type>session</type><listen>unix:path={0}/bus</listen><auth>EXTERNAL</auth><policy context="default">
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"""


def warm(home, store, aims):
    row(f"`get`, {store}, the engine's share", home.share("get", "bench/1"), aim=aims["share"].get("`get`", ""))
    row(f"`ls`, {store}, the engine's share", home.share("ls"), aim=aims["share"].get("`ls`", ""))
    row(f"`run`, {store}, the engine's share", home.share("run", "--", "true", variables=REFERENCES))
    for words, what in (("get bench/1", "`get`"), ("ls", "`ls`"),
                        ("run -- /bin/true", "`run -- /bin/true`, three references")):
        # Not in turn: a JVM that has just run leaves little of the caches to a client of one millisecond.
        for name, client in home.clients().items():
            times = alternating({name: [client, *words.split()]}, 100 if name == "native" else 30, home.env)
            rows(what + ", " + store + ", {} client", times, {name: aims[name][what]})


def metadata(home):
    commands = {name: [client, "docker-cli-plugin-metadata"] for name, client in home.clients().items()}
    rows("`docker-cli-plugin-metadata`, {} client", alternating(commands, 200, home.env),
         {"native": "1.5 ms", "portable": "3 ms"})


def memory(home):
    """At its peak, seen while it waits for standard input with everything else behind it."""
    for name, client in home.clients().items():
        process = subprocess.Popen([client, "set", "bench/1"], env=home.env, stdin=subprocess.PIPE)
        time.sleep(1)
        row(f"peak RSS of the {name} client", of_process(process.pid, "VmHWM"), "MiB",
            "3 MiB" if name == "native" else "")
        process.communicate(b"value1")


def cold(home):
    stop = [home.image + "/bin/docker-pass", "engine", "stop"]
    for words in ("get bench/1", "run -- /bin/true"):
        commands = {name: [client, *words.split()] for name, client in home.clients().items()}
        rows("`" + words + "`, cold: starts the engine, {} client",
             alternating(commands, 8, home.env, after=stop, warm_up=1), {})


@contextlib.contextmanager
def keyring():
    """A session bus with a real gnome-keyring on it; its address."""
    folder = tempfile.mkdtemp(prefix="bench-kr")
    os.makedirs(folder + "/.local/share/keyrings", 0o700)
    with open(folder + "/bus.conf", "w") as conf:
        conf.write(BUS.format(folder))
    address = f"unix:path={folder}/bus"
    env = {"PATH": os.environ["PATH"], "HOME": folder, "XDG_RUNTIME_DIR": folder, "DBUS_SESSION_BUS_ADDRESS": address}
    quiet = {"env": env, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    processes = [subprocess.Popen(["dbus-daemon", f"--config-file={folder}/bus.conf", "--nofork", "--nopidfile"],
                                  **quiet)]
    try:
        while not os.path.exists(folder + "/bus"):
            time.sleep(0.01)
        processes.append(subprocess.Popen(["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
                                          stdin=subprocess.PIPE, **quiet))
        processes[1].stdin.write(b"bench\n")
        processes[1].stdin.close()
        time.sleep(2)
        yield address
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def keychain(image):
    missing = [tool for tool in ("dbus-daemon", "gnome-keyring-daemon") if not shutil.which(tool)]
    if missing:
        skip("commands with the keychain", " and ".join(missing) + " missing: apt-get install dbus gnome-keyring")
        return
    native = {"`get`": "5 ms", "`ls`": "5 ms", "`run -- /bin/true`, three references": "6 ms"}
    with keyring() as address, Home(image, DBUS_SESSION_BUS_ADDRESS=address) as home:
        home.fill()
        warm(home, "keychain", {"native": native, "portable": dict.fromkeys(native, ""), "share": {}})


def measure(image):
    native = {"`get`": "5 ms", "`ls`": "5 ms", "`run -- /bin/true`, three references": "6 ms"}
    portable = dict.fromkeys(native, "") | {"`get`": "75 ms"}
    with Home(image) as home:
        home.fill()
        metadata(home)
        warm(home, "age store",
             {"native": native, "portable": portable, "share": {"`get`": "1.5 ms", "`ls`": "2 ms"}})
        memory(home)
        cold(home)
    keychain(image)
