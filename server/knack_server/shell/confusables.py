"""Reads the vendored table of confusable characters (`vendor/unicode/VENDORED.md`)."""

import gzip
import hashlib
from importlib.resources import files

from knack_server.core.names import Skeletons

SHA256 = "95bd0aad6dced5ebc63436f459c06ab21a8d107cd842fb57f5c3a1e91bca8611"
"""Of the unpacked file, Unicode 16.0.0."""


def load_confusables() -> Skeletons:
    """Read the table of look-alikes; some 10 ms, once at start."""
    packed = files("knack_server").joinpath("vendor", "unicode", "confusables.txt.gz").read_bytes()
    unpacked = gzip.decompress(packed)
    assert hashlib.sha256(unpacked).hexdigest() == SHA256, "vendor/unicode/confusables.txt.gz was changed"
    return Skeletons.parse(unpacked.decode("utf-8-sig"))
