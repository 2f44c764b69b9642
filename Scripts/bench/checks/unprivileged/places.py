"""Where someone without rights records, and how a command is run there."""

import pathlib
import shutil
from dataclasses import dataclass

NOBODY = 65534
# Programs leave files there, which another user's run could not replace.
OWN_TMP = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs tmpfs /tmp && exec "$@"', "sh"]
AS_NOBODY = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--no-new-privs", "--"]
# As on every machine, whatever its storage; a container of a container may raise no limit.
PODMAN = ["podman", "--cgroup-manager", "cgroupfs", "--storage-driver", "vfs", "--runtime", "runc", "run", "--rm", "--network", "none"]
LIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"]
TITLES = {
    "user": "a user of the machine without capabilities, who can get none (`setpriv --no-new-privs`)",
    "userns": "the same in a user namespace of its own, where it is root (`unshare --user --map-root-user`)",
    "podman": "`podman run` with default rights, and with /usr of this machine",
    "bwrap": "bubblewrap, by the same user (`bwrap --unshare-all`)",
}
NEEDS = {"user": ("setpriv", "unshare"), "userns": ("setpriv", "unshare"), "podman": ("podman", "runc"), "bwrap": ("setpriv", "bwrap")}


@dataclass
class Places:
    """`tools` can be read everywhere, `results` be written."""

    scratch: pathlib.Path
    tools: pathlib.Path
    results: pathlib.Path

    def words(self, name):
        """What a command is run by in a place; in that of root it has a /tmp of its own and nothing else."""
        return {
            "root": lambda: OWN_TMP,
            "user": lambda: [*OWN_TMP, *AS_NOBODY],
            "userns": lambda: [*OWN_TMP, *AS_NOBODY, "unshare", "--user", "--map-root-user", "--"],
            "podman": self.podman,
            "bwrap": self.bubblewrap,
        }[name]()

    def podman(self):
        root = self.scratch / "rootfs"
        if not root.exists():
            make_root(root)
        volumes = [f"{path}:{path}{how}" for path, how in (("/usr", ":ro"), (self.tools, ":ro"), (self.results, ""))]
        return [*PODMAN, *LIMITS, *(word for volume in volumes for word in ("-v", volume)), "--rootfs", root]

    def bubblewrap(self):
        files = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--bind", self.results, self.results]
        return [*AS_NOBODY, "bwrap", *files, "--unshare-all", "--"]


def missing_program(name):
    """What a place needs and is not installed; nothing where all is there."""
    return next((program for program in NEEDS[name] if not shutil.which(program)), None)


def make_root(root):
    """A container's files: links into /usr, and what programs look for besides."""
    for name in ("usr", "proc", "sys", "dev", "run", "etc", "var", "tmp"):
        (root / name).mkdir(parents=True)
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / name).symlink_to(f"usr/{name}")
    (root / "tmp").chmod(0o1777)
    for name in ("passwd", "group"):
        shutil.copy(f"/etc/{name}", root / "etc")
    if pathlib.Path("/etc/alternatives").is_dir():
        shutil.copytree("/etc/alternatives", root / "etc/alternatives", symlinks=True)
