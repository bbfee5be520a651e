"""`knackpunkt serve` with slices so long that every pass of the fan-out is one: what the benchmark `ack` is held against."""

import sys

from knack_server.cli import main
from knack_server.shell.fanout import FanOut

UNSLICED_NS = 3600 * 1_000_000_000

if __name__ == "__main__":
    FanOut.slice_ns = UNSLICED_NS
    sys.argv = ["knackpunkt", "serve"]
    main()
