"""uv does not read pip's configuration: hand it what the user told pip about indexes, proxies and certificates."""

from __future__ import annotations

import ast
import os
import subprocess

from tools.paths import program

LAYERS = ("global", "install", ":env:")  # the later wins, as in pip
INDEX_SETTINGS = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "no-index": "UV_NO_INDEX"}
OTHER_SETTINGS = {
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}
OWN_INDEX = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_NO_INDEX", "UV_CONFIG_FILE")


def uv_environment() -> dict[str, str]:
    """The environment for uv: what the user set for uv wins, else what they set for pip."""
    env = dict(os.environ)
    env.setdefault("UV_SYSTEM_CERTS", "true")
    env.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")  # pip's way: every index may answer, the hashes decide
    names = dict(OTHER_SETTINGS)
    if not any(name in os.environ for name in OWN_INDEX):
        names |= INDEX_SETTINGS
    settings = pip_settings()
    for key, name in names.items():
        if value := settings.get(key):
            env.setdefault(name, ",".join(value.split()) if name == "UV_FIND_LINKS" else " ".join(value.split()))
    return env


def pip_settings() -> dict[str, str]:
    """pip's effective settings: "index-url" → value. Empty when pip cannot be asked."""
    asked = subprocess.run([program("python"), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    return read_settings(asked.stdout)


def read_settings(listing: str) -> dict[str, str]:
    """Read what ``pip config list`` prints: one ``layer.key='value'`` a line."""
    found: dict[str, dict[str, str]] = {layer: {} for layer in LAYERS}
    for line in listing.splitlines():
        name, _, value = line.partition("=")
        layer, _, key = name.partition(".")
        if layer in found and value:
            found[layer][key] = str(ast.literal_eval(value))
    merged: dict[str, str] = {}
    for layer in LAYERS:
        merged |= found[layer]
    return merged
