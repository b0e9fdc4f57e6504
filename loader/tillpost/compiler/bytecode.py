"""What Jinja compiles, kept from command to command."""

import marshal
import pickle
from contextlib import suppress
from pathlib import Path

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket, bc_magic


class Bytecode(FileSystemBytecodeCache):
    """Jinja's own files, in a folder that is the user's alone, each read as a whole.

    Out of an open file `marshal` takes each small piece by itself, four times as long.
    """

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take the code of a template, if what is kept is of the same text."""
        head = bc_magic + pickle.dumps(bucket.checksum, 2)
        with suppress(OSError, EOFError, ValueError, TypeError):
            kept = Path(self._get_cache_filename(bucket)).read_bytes()
            if kept.startswith(head):
                bucket.code = marshal.loads(kept[len(head) :])  # noqa: S302  the user's own


def kept_bytecode() -> Bytecode | None:
    """The files of this user, or nothing where no such folder can be had.

    They are never in the project, since a stranger's folder could then bring code of its own.
    """
    try:
        return Bytecode(pattern="tillpost-%s.cache")
    except (OSError, RuntimeError):
        return None
