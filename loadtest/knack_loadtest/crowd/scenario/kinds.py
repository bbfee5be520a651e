"""Kinds of values in a scenario: each reads a TOML value, says what is wrong with one that is none, and describes itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from knack_loadtest.crowd.units import NoQuantity, duration_ms, per_second

Schema = dict[str, Any]


class WrongValue(ValueError):
    """A value that is none of its kind; the text says what it must be."""


class Kind(Protocol):
    """What a key holds."""

    def read(self, value: Any) -> Any:
        """Return the value as the model has it.

        Raises:
            WrongValue: it is no such value.
        """

    def schema(self) -> Schema:
        """Return this kind as JSON schema."""


@dataclass(frozen=True, slots=True)
class Text:
    """Any text."""

    longest: int = 400

    def read(self, value: Any) -> str:
        """Return the text."""
        if not isinstance(value, str) or not 0 < len(value) <= self.longest:
            raise WrongValue(f"must be a text of 1 to {self.longest} characters")
        return value

    def schema(self) -> Schema:
        """Return `string`."""
        return {"type": "string", "minLength": 1, "maxLength": self.longest}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number, both ends included."""

    least: int = 0
    most: int = 1_000_000

    def read(self, value: Any) -> int:
        """Return the number."""
        if type(value) is not int or not self.least <= value <= self.most:
            raise WrongValue(f"must be a whole number from {self.least} to {self.most}")
        return value

    def schema(self) -> Schema:
        """Return `integer`."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, 0 to 1."""

    def read(self, value: Any) -> float:
        """Return the share."""
        if type(value) not in {int, float} or not 0 <= value <= 1:
            raise WrongValue("must be a share from 0 to 1")
        return float(value)

    def schema(self) -> Schema:
        """Return `number`."""
        return {"type": "number", "minimum": 0, "maximum": 1}


@dataclass(frozen=True, slots=True)
class Truth:
    """Yes or no."""

    def read(self, value: Any) -> bool:
        """Return it."""
        if type(value) is not bool:
            raise WrongValue("must be true or false")
        return value

    def schema(self) -> Schema:
        """Return `boolean`."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Duration:
    """A time such as `"90s"`, in whole ms."""

    def read(self, value: Any) -> int:
        """Return the ms."""
        try:
            return duration_ms(value if isinstance(value, str) else "")
        except NoQuantity:
            raise WrongValue('must be a time such as "90s", "5m" or "250ms"') from None

    def schema(self) -> Schema:
        """Return `string` with a pattern."""
        return {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*(us|ms|s|m|min|h)\s*$"}


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate such as `"10/s"` or `"1/20s"`, each second."""

    def read(self, value: Any) -> float:
        """Return the number each second."""
        try:
            return per_second(value if isinstance(value, str) else "")
        except NoQuantity:
            raise WrongValue('must be a rate such as "10/s" or "1/20s"') from None

    def schema(self) -> Schema:
        """Return `string` with a pattern."""
        return {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*/\s*(\d+(\.\d+)?)?\s*(us|ms|s|m|min|h)\s*$"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, value: Any) -> str:
        """Return the word."""
        if not isinstance(value, str) or value not in self.words:
            raise WrongValue(f"must be one of {', '.join(self.words)}")
        return value

    def schema(self) -> Schema:
        """Return `enum`."""
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class Choices:
    """Some of a few words; `all` stands for all of them."""

    words: tuple[str, ...]

    def read(self, value: Any) -> tuple[str, ...]:
        """Return the words in the order of the table."""
        if not isinstance(value, list) or not value:
            raise WrongValue(f"must be a list of some of all, {', '.join(self.words)}")
        unknown = [word for word in value if word not in (*self.words, "all")]
        if unknown:
            raise WrongValue(f"{unknown[0]!r} is none of all, {', '.join(self.words)}")
        return tuple(word for word in self.words if word in value or "all" in value)

    def schema(self) -> Schema:
        """Return an array of `enum`."""
        return {"type": "array", "minItems": 1, "items": {"enum": ["all", *self.words]}}


@dataclass(frozen=True, slots=True)
class Mix:
    """One of a few words, or several of them with their shares, which make 1 together."""

    words: tuple[str, ...]

    def read(self, value: Any) -> tuple[tuple[str, float], ...]:
        """Return the words with their shares, in the order of the table."""
        if isinstance(value, str):
            value = {value: 1}
        if not is_table(value) or not value:
            raise WrongValue(f"must be one of {', '.join(self.words)}, or some with their shares")
        unknown = [word for word in value if word not in self.words]
        if unknown:
            raise WrongValue(f"{unknown[0]!r} is none of {', '.join(self.words)}")
        shares = {word: Share().read(share) for word, share in value.items()}
        if abs(sum(shares.values()) - 1) > 1e-6:
            raise WrongValue(f"has shares that make {sum(shares.values()):g} together, and not 1")
        return tuple((word, shares[word]) for word in self.words if word in shares)

    def schema(self) -> Schema:
        """Return a text with a pattern, or an object of shares."""
        return {
            "type": ["string", "object"],
            "pattern": f"^({'|'.join(self.words)})$",
            "additionalProperties": False,
            "properties": {word: Share().schema() for word in self.words},
        }


@dataclass(frozen=True, slots=True)
class Texts:
    """A list of texts."""

    def read(self, value: Any) -> tuple[str, ...]:
        """Return the texts."""
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise WrongValue("must be a list of texts")
        return tuple(value)

    def schema(self) -> Schema:
        """Return an array of `string`."""
        return {"type": "array", "items": {"type": "string"}}


def is_table(value: Any) -> bool:
    """Tell whether a TOML value is a table."""
    return isinstance(value, Mapping)
