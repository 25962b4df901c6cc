"""Measures an installation and prints a Markdown table. Run by bench/run."""
import sys

import commands
import containers
import engine
import plugins
import sdk
from measure import print_table

PARTS = {"commands": commands, "engine": engine, "plugins": plugins, "containers": containers, "sdk": sdk}

image, *parts = sys.argv[1:]
for name in parts or PARTS:
    PARTS[name].measure(image)
print_table()
