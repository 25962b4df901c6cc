#!/usr/bin/python3
"""prompter.py: shows the prompts of gnome-keyring to nobody, and answers each as the file ~/prompter says: with
"dismiss", "answer PASSWORD" or, until that changes, "wait". Writes a line to ~/prompts for each."""
import os

import gi

gi.require_version("Gcr", "3")
from gi.repository import Gcr, Gio, GLib  # noqa: E402

INTERFACE = """<node><interface name="org.gnome.keyring.internal.Prompter">
<method name="BeginPrompting"><arg type="o" direction="in"/></method>
<method name="PerformPrompt"><arg type="o" direction="in"/><arg type="s" direction="in"/>
<arg type="a{sv}" direction="in"/><arg type="s" direction="in"/></method>
<method name="StopPrompting"><arg type="o" direction="in"/></method>
</interface></node>"""
CALLBACK = "org.gnome.keyring.internal.Prompter.Callback"
HOME = os.path.expanduser("~/")
exchanges = {}


def behaviour():
    with open(HOME + "prompter", encoding="utf-8") as file:
        return file.read().strip()


def log(line):
    with open(HOME + "prompts", "a", encoding="utf-8") as file:
        print(line, file=file)


class Prompt:
    def __init__(self, bus, sender, path):
        self.bus, self.sender, self.path = bus, sender, path
        self.exchange = Gcr.SecretExchange.new(None)

    def tell(self, member, parameters):
        self.bus.call(self.sender, self.path, CALLBACK, member, parameters, None, 0, -1, None, None)

    def ready(self, reply, exchanged):
        self.tell("PromptReady", GLib.Variant("(sa{sv}s)", (reply, {}, exchanged)))

    def answer(self):
        """Whether to ask again."""
        if exchanges.get(self.path) is not self:
            return False
        mode = behaviour()
        if mode == "dismiss":
            self.ready("no", self.exchange.send(None, 0))
        elif mode.startswith("answer "):
            self.ready("yes", self.exchange.send(mode[len("answer "):], -1))
        return mode == "wait"


def called(bus, sender, _path, _interface, method, parameters, invocation):
    values = parameters.unpack()
    path = values[0]
    invocation.return_value(None)
    if method == "BeginPrompting":
        exchanges[path] = Prompt(bus, sender, path)
        exchanges[path].ready("", exchanges[path].exchange.begin())
    elif method == "PerformPrompt":
        log("prompt " + values[1] + " " + str(values[2].get("message")))
        exchanges[path].exchange.receive(values[3])
        if exchanges[path].answer():
            GLib.timeout_add(50, exchanges[path].answer)
    else:
        prompt = exchanges.pop(path, None)
        if prompt is not None:
            log("stop")
            prompt.tell("PromptDone", None)


def acquired(bus, _name):
    interface = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0]
    bus.register_object("/org/gnome/keyring/Prompter", interface, called, None, None)


Gio.bus_own_name(Gio.BusType.SESSION, "org.gnome.keyring.SystemPrompter", Gio.BusNameOwnerFlags.NONE, acquired, None,
                 None)
GLib.MainLoop().run()
