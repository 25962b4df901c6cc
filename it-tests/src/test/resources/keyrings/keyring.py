#!/usr/bin/python3
"""keyring.py COMMAND ARGUMENTS...: one request to the Secret Service of this session. A collection is the last part of
its object path; the value of an item is sent in the clear, over a bus that only the test has."""
import hashlib
import sys
import time

from gi.repository import Gio, GLib

ROOT = "/org/freedesktop/secrets"
SECRET = "org.freedesktop.Secret."
SECRETS = "org.freedesktop.secrets"
INTERNAL = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"
# As in the file that KWallet keeps beside a wallet.
SALT = b"s" * 56
bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)


def call(name, path, interface, member, signature="()", *arguments):
    parameters = GLib.Variant(signature, arguments)
    return bus.call_sync(name, path, interface, member, parameters, None, 0, 60000, None).unpack()


def driver(member, *arguments):
    return call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", member,
                "(" + "s" * len(arguments) + ")", *arguments)[0]


def secrets(path, interface, member, signature="()", *arguments):
    return call(SECRETS, path, SECRET + interface, member, signature, *arguments)


def collection(name):
    return ROOT + "/collection/" + name


def get(path, interface, name):
    return call(SECRETS, path, "org.freedesktop.DBus.Properties", "Get", "(ss)", SECRET + interface, name)[0]


def secret(value):
    session = secrets(ROOT, "Service", "OpenSession", "(sv)", "plain", GLib.Variant("s", ""))[1]
    return (session, b"", value.encode(), "text/plain")


def until(condition):
    end = time.monotonic() + 60
    while not condition():
        if time.monotonic() > end:
            sys.exit("waited in vain: " + " ".join(sys.argv[1:]))
        time.sleep(0.02)


def reached(name, locked):
    """Whether a collection is there, without asking for the service to be started."""
    try:
        return driver("NameHasOwner", SECRETS) and get(collection(name), "Collection", "Locked") == locked
    except GLib.Error:
        return False


def commands():
    return {
        "pid": lambda name: print(driver("GetConnectionUnixProcessID", name)),
        "await-name": lambda name: until(lambda: driver("NameHasOwner", name)),
        "await-locked": lambda name: until(lambda: reached(name, True)),
        "await-unlocked": lambda name: until(lambda: reached(name, False)),
        "locked": lambda path: print(get(ROOT + "/collection/" + path, "Item" if "/" in path else "Collection",
                                         "Locked")),
        "lock": lambda name: secrets(ROOT, "Service", "Lock", "(ao)", [collection(name)]),
        # Of gnome-keyring only, without a prompt.
        "create": lambda label, password: print(call(SECRETS, ROOT, INTERNAL, "CreateWithMasterPassword",
                                                     "(a{sv}(oayays))", {SECRET + "Collection.Label": GLib.Variant(
                                                         "s", label)}, secret(password))[0]),
        "unlock": lambda name, password: call(SECRETS, ROOT, INTERNAL, "UnlockWithMasterPassword", "(o(oayays))",
                                              collection(name), secret(password)),
        "request-unlock": request_unlock,
        "delete": lambda name: secrets(collection(name), "Collection", "Delete"),
        "default": lambda name: secrets(ROOT, "Service", "SetAlias", "(so)", "default", collection(name)),
        "store": store,
        "items": items,
        "make-wallet": make_wallet,
        "open-wallet": open_wallet,
        "close-wallets": lambda: wallet("closeAllWallets"),
    }


def attributes(name):
    return {"service:group": "com.docker.pass.shared", "service:name": "docker-pass-cli", "id": name}


def store(name, identifier, value):
    properties = {SECRET + "Item.Label": GLib.Variant("s", identifier),
                  SECRET + "Item.Attributes": GLib.Variant("a{ss}", attributes(identifier))}
    secrets(collection(name), "Collection", "CreateItem", "(a{sv}(oayays)b)", properties, secret(value), False)


def items():
    """Every item of ours, in order: its collection, its ID and its value, which is - while it is locked."""
    session = secret("")[0]
    lines = []
    for path in get(ROOT, "Service", "Collections"):
        for item in get(path, "Collection", "Items"):
            identifier = get(item, "Item", "Attributes").get("id")
            if identifier is not None:
                locked = get(item, "Item", "Locked")
                value = "-" if locked else bytes(secrets(item, "Item", "GetSecret", "(o)", session)[0][2]).decode()
                lines.append(path.split("/")[-1] + " " + identifier + " " + value)
    print("\n".join(sorted(lines)))


def wallet(member, signature="()", *arguments):
    return call("org.kde.kwalletd5", "/modules/kwalletd5", "org.kde.KWallet", member, signature, *arguments)


def make_wallet(name):
    """Opens it as PAM does at a login with the password pw, and makes it where there is none."""
    wallet("pamOpen", "(sayi)", name, hashlib.pbkdf2_hmac("sha512", b"pw", SALT, 50000, 56), 0)


def open_wallet(name):
    """As above, and for the Secret Service too, which only a request opens."""
    make_wallet(name)
    request_unlock(name)


def request_unlock(name):
    """Unlocks as a program does, by a prompt; prints whether that was dismissed."""
    prompt = secrets(ROOT, "Service", "Unlock", "(ao)", [collection(name)])[1]
    if prompt == "/":
        return
    loop = GLib.MainLoop()
    bus.signal_subscribe(None, SECRET + "Prompt", "Completed", prompt, None, 0,
                         lambda *signal: (print(signal[-1].unpack()[0]), loop.quit()))
    secrets(prompt, "Prompt", "Prompt", "(s)", "")
    loop.run()


commands()[sys.argv[1]](*sys.argv[2:])
