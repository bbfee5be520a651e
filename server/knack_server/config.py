"""Every setting once: name, default, unit, help.

Settings are environment variables, `KNACK_` before the name in capitals; an empty one counts as not given. They are read
once, at start, into a frozen object. One that is unknown or makes no sense stops the start: a typing error in
`KNACK_PUBLIC_URL` must not be found out when the hall is full.

`Settings` is the table. The text of `knackpunkt serve --help` and the table in docs/operations.md are made from it.
"""

import os
import re
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from knack_protocol.ids import ID_LENGTH_MAX, is_id

PREFIX = "KNACK_"

LogLevel = Literal["debug", "info", "warning", "error"]

_DEFAULT_PORTS = {"http": 80, "https": 443}


class ConfigError(Exception):
    """Settings that the server does not start with; printed as it is, one line a setting."""

    def __init__(self, *faults: str) -> None:
        """Take a line for each setting, `KNACK_PORT: …`."""
        super().__init__("\n".join(f"knackpunkt: {fault}" for fault in faults))


def _host(text: str) -> str:
    try:
        return str(ip_address(text.removeprefix("[").removesuffix("]")))
    except ValueError:
        if re.fullmatch(r"(?!-)[A-Za-z0-9.-]{1,253}", text) and not re.fullmatch(r"[0-9.]+", text):
            return text
        raise ValueError("must be an IP address or a host name of this machine") from None


def _origin(text: str) -> str:
    """Reduce to what browsers send as `Origin`: lower case, no default port, no path."""
    try:
        url = urlsplit(text)
        port, host = url.port, url.hostname
    except ValueError:
        raise ValueError("must be an address like https://knack.example") from None
    if url.scheme not in _DEFAULT_PORTS or not host or not re.fullmatch(r"[a-z0-9.:_-]+", host):
        raise ValueError("must be an address like https://knack.example (other letters as xn--…)")
    if url.path not in {"", "/"} or "?" in text or "#" in text or "@" in url.netloc:
        raise ValueError("must be an origin only: no path, query or user")
    shown = f"[{host}]" if ":" in host else host
    return f"{url.scheme}://{shown}" + ("" if port in {None, _DEFAULT_PORTS[url.scheme]} else f":{port}")


def _event(text: str) -> str:
    if not is_id(text):
        raise ValueError(f"must be 1 to {ID_LENGTH_MAX} of a-z, 0-9 and -")
    return text


def _title(text: str) -> str:
    if len(text) > 80 or not text.isprintable() or not text.strip():
        raise ValueError("must be 1 to 80 visible characters")
    return text.strip()


def _networks(text: str) -> str:
    try:
        return ",".join(str(ip_network(part.strip())) for part in text.split(","))
    except ValueError:
        raise ValueError(
            "must be IP addresses or networks like 10.0.0.0/8, with commas between them"
        ) from None


def _endpoint(text: str) -> str:
    found = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):([0-9]{1,5})", text)
    try:
        address = ip_address((found[1] or found[2]) if found else "")
    except ValueError:
        address = None
    if found is None or address is None or int(found[3]) > 65535:
        raise ValueError("must be an IP address and a port, like 127.0.0.1:9100 or [::1]:9100")
    return f"[{address}]:{int(found[3])}" if address.version == 6 else f"{address}:{int(found[3])}"


def _setting(default: Any, unit: str, text: str, whole: tuple[int, int] | None = None) -> Any:
    """Write one line of the table; `whole` bounds a whole number, both ends included."""
    lowest, highest = whole or (None, None)
    return Field(default, ge=lowest, le=highest, description=text, json_schema_extra={"unit": unit})


Host = Annotated[str, AfterValidator(_host)]
Origin = Annotated[str, AfterValidator(_origin)]
EventName = Annotated[str, AfterValidator(_event)]
Title = Annotated[str, AfterValidator(_title)]
Endpoint = Annotated[str, AfterValidator(_endpoint)]
Networks = Annotated[str, AfterValidator(_networks)]
Folder = Annotated[Path, AfterValidator(Path.expanduser)]


class Settings(BaseSettings):
    """What can be set, as the server runs with it."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, str_strip_whitespace=True
    )

    host: Host = _setting(
        "127.0.0.1", "address", "Where to listen; 0.0.0.0 lets phones in the same network join."
    )
    port: int = _setting(8000, "port", "Where to listen; 0 takes any free one.", whole=(0, 65535))
    data_dir: Folder = _setting(
        Path("data"), "folder", "Database, master seed and lock; made at the first start. Back it up whole."
    )
    public_url: Origin | None = _setting(
        None,
        "origin",
        "What players type and the QR code says, if a proxy or a name stands before the server.",
    )
    demo_event: EventName = _setting(
        "demo", "event id", "The event made at the first start on an empty data folder, open for play."
    )
    demo_title: Title = _setting("Knackpunkt", "text", "The title of that event.")
    retention_days: int = _setting(
        180,
        "days",
        "How long contact requests and players' names are kept; a daily job deletes what is due.",
        whole=(1, 3650),
    )
    publish_interval_ms: int = _setting(
        250, "ms", "How often standings that changed are sent to screens.", whole=(20, 5000)
    )
    runs_max: int | None = _setting(
        None,
        "runs",
        "Runs a player may start in a course of an event made from now on; as many as they like when not given.",
        whole=(1, 1_000_000),
    )
    connections_max: int = _setting(
        20_000,
        "connections",
        "Connections at once, pages' requests and WebSockets together; more get 503. At 4 frames a second and 10 µs a frame "
        "as many keep a core busy. The system's limit on open files, less 256, counts before it.",
        whole=(1, 1_000_000),
    )
    address_connections_max: int = _setting(
        10_000,
        "connections",
        "The same of one address, which may be a whole hall's; half of all, so that others still get in.",
        whole=(1, 1_000_000),
    )
    address_connections_per_s: int = _setting(
        1000,
        "connections a second",
        "How many may come from one address on average, which takes a fifth of a core; as many as it may have may come at once.",
        whole=(1, 1_000_000),
    )
    trusted_proxy: Networks | None = _setting(
        None,
        "addresses",
        "Proxies that are believed when they say in `X-Forwarded-For` for whom they speak, like 127.0.0.1; nobody else is.",
    )
    metrics: Endpoint | None = _setting(
        None,
        "address:port",
        "Where Prometheus may ask, like 127.0.0.1:9100; nowhere when not given. It tells no names, but is not for visitors.",
    )
    log_level: LogLevel = _setting(
        "info", "level", "What is logged: debug, info, warning, error, and what is graver."
    )


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One line of the table, for people."""

    name: str
    """As in the environment: `KNACK_PORT`."""
    default: str
    """Empty when there is none."""
    unit: str
    help: str


def setting_rows() -> list[SettingRow]:
    """List all settings in the order of the table."""
    return [
        SettingRow(
            _variable(name),
            "" if field.default is None else str(field.default),
            _unit(field),
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def render_settings() -> str:
    """Render the table for a terminal, two lines a setting."""
    return "\n".join(
        f"  {row.name}  [{row.unit}{f', {row.default}' if row.default else ''}]\n      {row.help}"
        for row in setting_rows()
    )


def render_settings_markdown() -> str:
    """Render the table for docs/operations.md."""
    head = ["| Setting | Default | Unit | Meaning |", "|---|---|---|---|"]
    rows = [
        f"| `{row.name}` | {f'`{row.default}`' if row.default else '–'} | {row.unit} | {row.help} |"
        for row in setting_rows()
    ]
    return "\n".join([*head, *rows])


def load_settings(**given: object) -> Settings:
    """Read the settings from the environment; what is `given` by name counts before it.

    Errors: ConfigError with a line for every setting that is unknown or wrong.
    """
    known = {_variable(name) for name in Settings.model_fields}
    unknown = sorted(
        name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known
    )
    faults = [f"{name}: no such setting (`knackpunkt serve --help` lists them)" for name in unknown]
    try:
        settings = Settings(**given)  # type: ignore[arg-type]  # pydantic is about to check them
    except ValidationError as error:
        faults += [_fault(str(fault["loc"][0]), fault) for fault in error.errors()]
    if faults:
        raise ConfigError(*faults)
    return settings


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _unit(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    assert isinstance(extra, dict)
    return str(extra["unit"])


def _fault(name: str, fault: Any) -> str:
    """Put pydantic's finding into the words of somebody who set a variable."""
    field = Settings.model_fields.get(name)
    if field is None:
        return f"{_variable(name)}: no such setting"
    if fault["type"] == "value_error":
        wanted = str(fault["ctx"]["error"])
    elif get_origin(field.annotation) is Literal:
        wanted = f"must be one of {', '.join(get_args(field.annotation))}"
    else:
        lowest, highest = (bound for bound in map(_bound, field.metadata) if bound is not None)
        wanted = f"must be a whole number from {lowest} to {highest}"
    return f"{_variable(name)}: {wanted} (it is {str(fault['input'])!r})"


def _bound(constraint: object) -> int | None:
    """Return the number in pydantic's `ge` or `le`."""
    return getattr(constraint, "ge", getattr(constraint, "le", None))
