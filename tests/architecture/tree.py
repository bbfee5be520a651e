"""The repository as a tree of files, for the tests that hold its shape."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]

FOLDERS = {
    "protocol": {"knack_protocol", "vectors"},
    "server": {"knack_server"},
    "client": {"knack_client", "web"},
    "loadtest": {"knack_loadtest"},
}
"""What may stand in each of the four fixed folders, beside documents."""

WEB = ROOT / "client" / "web"


def ours(*patterns: str, below: str = "") -> list[Path]:
    """List our own files of the four folders: nothing vendored, nothing generated."""
    return sorted(
        path
        for folder in FOLDERS
        if (ROOT / folder / below).is_dir()
        for pattern in patterns
        for path in (ROOT / folder / below).rglob(pattern)
        if not {"vendor", "__pycache__"} & set(path.parts)
    )


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


_JS_TOKEN = re.compile(
    r"""(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|(?P<comment>//[^\n]*|/\*.*?\*/)""",
    re.DOTALL,
)


def without_comments(source: str) -> str:
    """Drop the comments of JavaScript or CSS and keep its texts."""
    return _JS_TOKEN.sub(lambda found: found["text"] or " ", source)
