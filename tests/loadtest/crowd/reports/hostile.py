"""What a scenario, a server or a player could write into a result, wherever it holds free text."""

from typing import Any

from hypothesis import strategies as st

SCRIPT = '</title></script></style><script>window.hacked = true</script><img src=x onerror="window.hacked = true">\'`|'
FORMULA = "=cmd|' /C calc'!A0"

TEXTS = (
    SCRIPT,
    FORMULA,
    "a\x00b\x1b[31m\ud800\u202egnp.exe",
    "]]> --> <!-- <![CDATA[ &lt; &amp; %00",
    "| a | b |\n\n# heading\n\n@everyone [x](javascript:alert(1)) ```",
    "x" * 5000,
)

_FORMED = {"format", "word", "weight", "outcome", "operator", "kind", "digest", "statistic"}
"""Keys whose texts come from a closed list; so do the columns of a timeline."""


_TABLES = {
    "connect_outcomes",
    "disconnects",
    "rejects",
    "contact_answers",
    "client_faults",
    "got",
    "overrides",
}
"""Objects whose keys are words that only the run knows."""

hostile_texts = st.one_of(
    st.sampled_from(TEXTS),
    st.text(st.characters(), min_size=1, max_size=40).filter(lambda text: text.strip() != ""),
)


def with_texts(value: Any, text: str, key: str = "") -> Any:
    """The same result, with this text in every place that may hold any."""
    if isinstance(value, dict):
        told = {name: with_texts(item, text, name) for name, item in value.items()}
        return {f"{name}{text}": item for name, item in told.items()} if key in _TABLES else told
    if isinstance(value, list):
        return value if key == "columns" else [with_texts(item, text, key) for item in value]
    return text if isinstance(value, str) and key not in _FORMED else value
