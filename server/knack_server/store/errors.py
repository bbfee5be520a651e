"""What can go wrong with the store; each message is one line that a person at a laptop can act on.

StoreError
├── StoreMissing      there is no database, or no such event in it
├── StoreCorrupt      the file is no database, or a broken one
├── StoreNewer        a newer version of Knackpunkt has been here
├── StoreOlder        only a server may bring the schema up to date, and none has yet
├── StoreUnwritable   full disk, failing disk, read-only, locked by somebody else: trying again may help
└── StoreBroken       a fact contradicts what is stored: a bug of ours; trying again never helps
"""


class StoreError(Exception):
    """The store cannot do what it was asked."""


class StoreMissing(StoreError):
    """What was asked for does not exist."""


class StoreCorrupt(StoreError):
    """The database cannot be trusted any more; restore a backup."""


class StoreNewer(StoreError):
    """The schema is from a newer version; old code must not touch it."""


class StoreOlder(StoreError):
    """The schema is from an older version, and this opening may not change it."""


class StoreUnwritable(StoreError):
    """The world is in the way at the moment; nothing is lost, and trying again may help."""


class StoreBroken(StoreError):
    """A fact that cannot be: the process has to end, and the state be folded again from what is committed."""
