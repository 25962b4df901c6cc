"""What every benchmark needs: an engine's home, requests to it, processes that are timed, and the table."""
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

NOTHING = os.open(os.devnull, os.O_RDWR)
ROWS = []


def row(what, value, unit="ms", aim="", sign=False):
    text = f"{value:+.1f} {unit}" if sign else f"{value:.1f} {unit}"
    ROWS.append((what, aim, text))
    print(f"{what}: {text}", file=sys.stderr)


def skip(what, reason):
    print(f"{what}: skipped: {reason}", file=sys.stderr)


def print_table():
    cpu = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())
    print(f"\n{os.cpu_count()} cores, {cpu[1] if cpu else 'unknown CPU'}, Linux {os.uname().release}, load"
          f" {os.getloadavg()[0]:.1f}\n\n| what | aim | median |\n|---|---|---|")
    for what, aim, text in ROWS:
        print(f"| {what} | {aim} | {text} |")


def spawn(words, env):
    """Whole process, in ms. Spawned without a copy of this one, which costs more than some of what is measured."""
    actions = [(os.POSIX_SPAWN_DUP2, NOTHING, stream) for stream in (0, 1, 2)]
    begin = time.perf_counter()
    pid = os.posix_spawn(shutil.which(words[0]), words, env, file_actions=actions)
    _, status = os.waitpid(pid, 0)
    took = (time.perf_counter() - begin) * 1000
    if status:
        raise SystemExit(f"bench: {' '.join(words)} ended with {os.waitstatus_to_exitcode(status)}")
    return took


def alternating(commands, runs, env, after=None, warm_up=3):
    """Times in ms of commands that take turns, so that what else the machine does falls on all of them alike."""
    times = {name: [] for name in commands}
    for n in range(runs + warm_up):
        for name, words in commands.items():
            took = spawn(words, env)
            if after:
                spawn(after, env)
            if n >= warm_up:
                times[name].append(took)
    return times


def rows(texts, times, aims):
    """A row for each command, of its median."""
    for name, taken in times.items():
        row(texts.format(name), statistics.median(taken), aim=aims.get(name, ""))


def row_over(what, times, name, base, aim):
    """How much longer one command takes than another in the same turn."""
    row(what, statistics.median(a - b for a, b in zip(times[name], times[base])), aim=aim, sign=True)


def of_process(pid, field):
    """A size of a process that lives, in MiB: VmRSS, or VmHWM for its peak."""
    return int(re.search(field + r":\s+(\d+)", open(f"/proc/{pid}/status").read())[1]) / 1024


def frame(kind, payload):
    return kind + len(payload).to_bytes(4, "big") + payload


class Home:
    """A user's home with an engine of its own, which ends with it."""

    def __init__(self, image, **environment):
        self.folder = tempfile.mkdtemp(prefix="docker-pass-bench")
        self.image = image
        self.env = {"HOME": self.folder, "SECRETS_ENGINE_HOME": self.folder + "/se", "PATH": os.environ["PATH"],
                    "A": "se://bench/1", "B": "se://bench/2", "C": "se://bench/3", **environment}
        self.socket = self.folder + "/se/run/cli.sock"
        os.makedirs(self.folder + "/se")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run([self.image + "/bin/docker-pass", "engine", "stop"], env=self.env, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def fill(self):
        for i in (1, 2, 3):
            subprocess.run([self.image + "/bin/docker-pass", "set", f"bench/{i}=value{i}"], env=self.env, check=True,
                           capture_output=True)

    def clients(self):
        """The clients of the installation by what the table calls them."""
        client, portable = (f"{self.image}/bin/docker-pass{suffix}" for suffix in ("", "-portable"))
        if os.path.islink(client) or not os.path.exists(portable):
            return {"portable": client}
        return {"native": client, "portable": portable}

    def ask(self, *words, variables=()):
        """One request without any client process: the engine's own share of a command."""
        request = [frame(b"H", b"1\x000.0")] + [frame(b"A", word.encode()) for word in words]
        request += [frame(b"E", variable.encode()) for variable in (*variables, "PATH=/usr/bin:/bin", "HOME=/")]
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(self.socket)
            s.sendall(b"".join(request) + frame(b"T", b"000") + frame(b"G", b""))
            answer = b""
            while piece := s.recv(65536):
                answer += piece
            return answer

    def share(self, *words, variables=(), runs=200):
        """Median ms of requests to a warm engine."""
        taken = []
        for _ in range(50 + runs):
            begin = time.perf_counter()
            self.ask(*words, variables=variables)
            taken.append((time.perf_counter() - begin) * 1000)
        return statistics.median(taken[50:])
