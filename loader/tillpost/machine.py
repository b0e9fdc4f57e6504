"""What this process may use of the machine: a container often grants less than there is."""

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MEMORY_SHARE = 0.5
"""The rest is for the ledger, for Python and for what DuckDB does not count."""
_GROUPS = Path("proc", "self", "cgroup")
_MOUNT = Path("sys", "fs", "cgroup")


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What is granted: processors, at least one, and bytes, or 0 where nobody knows."""

    threads: int
    memory: int

    @property
    def memory_share(self) -> int:
        """The bytes that a database may take where nobody says otherwise."""
        return int(self.memory * MEMORY_SHARE)


def machine(root: Path = Path("/")) -> Machine:
    """What the machine has, or what this process's cgroup and those around it leave of it.

    Args:
        root: where ``proc`` and ``sys`` are.
    """
    quotas = [math.ceil(quota) for quota in _limits(root, "cpu", _quota)]
    sizes = [int(size) for size in _limits(root, "memory", _size)]
    whole = [size for size in [_physical_memory()] if size]
    return Machine(
        threads=max(1, min([_processors(), *quotas])),
        memory=min([*whole, *sizes], default=0),
    )


def _limits(root: Path, controller: str, read: Callable[[Path], float]) -> Iterator[float]:
    """The limits of a controller, of version 1 or 2, on the way from our group to the top."""
    for line in _text(root / _GROUPS).splitlines():
        _, controllers, group = line.split(":", 2)
        # Version 2 has one hierarchy, and no name for it.
        if not controllers or controller in controllers.split(","):
            mount = root / _MOUNT / (controller if controllers else "")
            # Inside a container the group's name may be that outside of it: the top is what counts.
            for folder in (PurePosixPath(group), *PurePosixPath(group).parents):
                if limit := read(mount / str(folder).lstrip("/")):
                    yield limit


def _quota(folder: Path) -> float:
    """Processors; 0 where all may be used."""
    quota, period, *_ = [*_text(folder / "cpu.max").split(), "", ""]
    quota = quota or _text(folder / "cpu.cfs_quota_us").strip()
    period = period or _text(folder / "cpu.cfs_period_us").strip()
    is_limited = quota.isdecimal() and period.isdecimal() and int(period)
    return int(quota) / int(period) if is_limited else 0


def _size(folder: Path) -> float:
    """Bytes; 0 where there is no limit. Version 1 says so with a number that no machine has."""
    size = _text(folder / "memory.max") or _text(folder / "memory.limit_in_bytes")
    return int(size) if size.strip().isdecimal() else 0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _physical_memory() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 0
