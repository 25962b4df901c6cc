"""The OCI runtime wrapper: its calls over those of plain runc, and docker run on a throw-away daemon."""
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time

from measure import Home, alternating, row, row_over, rows, skip

HERE = os.path.dirname(os.path.abspath(__file__))
SANDBOX = HERE + "/../it-tests/src/test/resources/sandbox.sh"
APPLETS = ("sh", "true", "sleep")


def root_filesystem(folder):
    os.makedirs(folder + "/bin")
    shutil.copy(shutil.which("busybox"), folder + "/bin/busybox")
    for applet in APPLETS:
        os.symlink("busybox", f"{folder}/bin/{applet}")


def bundle(folder, value):
    """A bundle with one variable of this value."""
    root_filesystem(folder + "/rootfs")
    subprocess.run(["runc", "spec", "--bundle", folder], check=True)
    with open(folder + "/config.json") as file:
        config = json.load(file)
    config["process"].update(terminal=False, args=["true"])
    config["process"]["env"].append("SECRET=" + value)
    with open(folder + "/config.json", "w") as file:
        json.dump(config, file)


def wrapper(home):
    return [home.image + "/bin/secrets-engine-runtime", "--se-uid=" + str(os.getuid()), "--se-socket=" + home.socket,
            "--se-runtime=" + shutil.which("runc")]


def calls(home):
    both = {"runc": ["runc", "--version"], "wrapper": [*wrapper(home), "--version"]}
    times = alternating(both, 200, home.env)
    rows("`{} --version`", {"runc": times["runc"]}, {})
    row_over("the same through the wrapper: passed through", times, "wrapper", "runc", "+1 ms")
    row("a reference of a container, the engine's share",
        home.share("__environment", variables=("SECRET=se://bench/1",)))
    folder = home.folder + "/oci"
    state = ["--root", folder + "/state"]
    bundle(folder + "/plain", "value1")
    bundle(folder + "/reference", "se://bench/1")
    both = {"runc": ["runc", *state, "create", "--bundle", folder + "/plain", "bench"],
            "without": [*wrapper(home), *state, "create", "--bundle", folder + "/plain", "bench"],
            "with": [*wrapper(home), *state, "create", "--bundle", folder + "/reference", "bench"]}
    times = alternating(both, 60, home.env, after=["runc", *state, "delete", "--force", "bench"])
    rows("`{} create`", {"runc": times["runc"]}, {})
    row_over("the same through the wrapper, no reference", times, "without", "runc", "+1 ms")
    row_over("the same through the wrapper, one reference", times, "with", "runc", "+3 ms")


@contextlib.contextmanager
def daemon(home):
    """A dockerd in namespaces of its own, with the image busybox; the environment for its client."""
    folder = tempfile.mkdtemp(prefix="bench-dk")
    address = f"unix://{folder}/sock"
    with open(folder + "/daemon.json", "w") as file:
        json.dump({"pidfile": folder + "/pid", "default-runtime": "se", "data-root": folder + "/root",
                   "exec-root": folder + "/exec", "runtimes": {"se": {"path": wrapper(home)[0],
                                                                      "runtimeArgs": wrapper(home)[1:]}}}, file)
    sandbox = subprocess.Popen(["unshare", "--net", "--mount", "--propagation", "private", "sh", SANDBOX, folder,
                                "dockerd", "--config-file", folder + "/daemon.json", "-H", address, "--group",
                                str(os.getgid())], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    env = {**home.env, "DOCKER_HOST": address}
    try:
        for _ in range(300):
            if subprocess.run(["docker", "version"], env=env, capture_output=True).returncode == 0:
                break
            time.sleep(0.1)
        root_filesystem(folder + "/image")
        tar = subprocess.run(["tar", "-C", folder + "/image", "-c", "."], check=True, capture_output=True)
        subprocess.run(["docker", "import", "-", "busybox"], env=env, input=tar.stdout, check=True,
                       capture_output=True)
        yield env
    finally:
        sandbox.stdin.close()
        sandbox.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def docker_run(home):
    with daemon(home) as env:
        run = ["docker", "run", "--rm", "--network", "none"]
        both = {"runc": [*run, "--runtime", "runc", "busybox", "true"], "wrapper": [*run, "busybox", "true"],
                "reference": [*run, "-e", "X=se://bench/1", "busybox", "true"]}
        times = alternating(both, 20, env)
        rows("`docker run --rm busybox true`, runtime {}", {"runc": times["runc"]}, {})
        row_over("the same with the wrapper as default runtime", times, "wrapper", "runc", "noise")
        row_over("the same with one reference", times, "reference", "runc", "noise")


def measure(image):
    missing = [tool for tool in ("runc", "busybox") if not shutil.which(tool)]
    if not os.path.exists(image + "/bin/secrets-engine-runtime"):
        skip("containers", "this installation was built without a C compiler")
    elif os.getuid() != 0:
        skip("containers", "runc and dockerd need root")
    elif missing:
        skip("containers", " and ".join(missing) + " missing: apt-get install runc busybox-static")
    else:
        with Home(image) as home:
            home.fill()
            calls(home)
            missing = [tool for tool in ("dockerd", "docker", "unshare", "iptables") if not shutil.which(tool)]
            if missing:
                skip("docker run", " and ".join(missing) + " missing: apt-get install docker.io iptables")
            else:
                docker_run(home)
