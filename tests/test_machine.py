"""What a container grants is told from its cgroup, whichever version it is of."""

from pathlib import Path

import pytest

from tillpost.machine import MEMORY_SHARE, machine

MIB = 1 << 20
WHOLE = machine()
V2 = "sys/fs/cgroup"
CASES = {
    "no cgroup at all": ({}, None, None),
    "version 2 in a container": (
        {
            "proc/self/cgroup": "0::/\n",
            f"{V2}/memory.max": f"{300 * MIB}\n",
            f"{V2}/cpu.max": "50000 100000\n",
        },
        1,
        300,
    ),
    "version 2 without limits": (
        {
            "proc/self/cgroup": "0::/\n",
            f"{V2}/memory.max": "max\n",
            f"{V2}/cpu.max": "max 100000\n",
        },
        None,
        None,
    ),
    "version 2 on the host: a group further up is narrower": (
        {
            "proc/self/cgroup": "0::/system.slice/tillpost.service\n",
            f"{V2}/system.slice/tillpost.service/memory.max": f"{400 * MIB}\n",
            f"{V2}/system.slice/memory.max": f"{200 * MIB}\n",
            f"{V2}/system.slice/cpu.max": "10000 100000\n",
        },
        1,
        200,
    ),
    "version 2 with a name from outside of the container": (
        {
            "proc/self/cgroup": "0::/kubepods/pod1/abc\n",
            f"{V2}/memory.max": f"{256 * MIB}\n",
        },
        None,
        256,
    ),
    "version 1 in a container": (
        {
            "proc/self/cgroup": "5:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/\n",
            f"{V2}/memory/memory.limit_in_bytes": f"{128 * MIB}\n",
            f"{V2}/cpu/cpu.cfs_quota_us": "100000\n",
            f"{V2}/cpu/cpu.cfs_period_us": "100000\n",
        },
        1,
        128,
    ),
    "version 1 without limits": (
        {
            "proc/self/cgroup": "5:memory:/\n3:cpu:/\n",
            f"{V2}/memory/memory.limit_in_bytes": "9223372036854771712\n",
            f"{V2}/cpu/cpu.cfs_quota_us": "-1\n",
            f"{V2}/cpu/cpu.cfs_period_us": "100000\n",
        },
        None,
        None,
    ),
    "more than there is": (
        {
            "proc/self/cgroup": "0::/\n",
            f"{V2}/memory.max": f"{1 << 60}\n",
            f"{V2}/cpu.max": "99900000 100000\n",
        },
        None,
        None,
    ),
    "files that say nothing": (
        {"proc/self/cgroup": "0::/\n", f"{V2}/memory.max": "\n", f"{V2}/cpu.max": "\n"},
        None,
        None,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_granted(case: str, tmp_path: Path) -> None:
    files, threads, mebibytes = CASES[case]
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    granted = machine(tmp_path)
    assert granted.threads == (threads or WHOLE.threads)
    assert granted.memory == (mebibytes * MIB if mebibytes else WHOLE.memory)
    assert granted.memory_share == int(granted.memory * MEMORY_SHARE)


def test_a_part_of_a_processor_is_a_thread(tmp_path: Path) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / V2).mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("0::/\n")
    (tmp_path / V2 / "cpu.max").write_text("110000 100000\n")
    assert machine(tmp_path).threads == min(2, WHOLE.threads)
