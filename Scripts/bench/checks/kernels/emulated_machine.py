"""Boots a kernel of Debian's on this machine's own files, emulated in software: no KVM is needed."""

import lzma
import pathlib
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass

from bench.checks.debian import CACHE, Release
from bench.failure import UNAVAILABLE, Failure
from bench.processes import output_of

# What finds the files: virtio, 9p and the overlay over them. In the order in which they are loaded; a kernel has some built in.
MODULES = [
    f"{directory}/{name}"
    for directory, names in (
        ("drivers/virtio", ("virtio", "virtio_ring", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci")),
        ("fs", ("netfs/netfs", "fscache/fscache")),
        ("net/9p", ("9pnet", "9pnet_virtio")),
        ("fs", ("9p/9p", "overlayfs/overlay")),
    )
    for name in names
]
GUEST_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# With SHARED of this machine at /run/shared, and nothing else to write to.
INIT = r"""#!/bin/busybox sh
b=/bin/busybox
m="$b mount -t"
$m proc proc /proc; $m sysfs sys /sys; $m devtmpfs dev /dev
for module in {modules}; do $b insmod /modules/$module.ko || echo "insmod $module failed"; done
$m 9p -o trans=virtio,version=9p2000.L,ro,msize=524288,cache=loose host /host
$m tmpfs -o size=2g tmpfs /layer; $b mkdir -p /layer/upper /layer/work
$m overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work overlay /root
$m proc proc /root/proc; $m sysfs sys /root/sys; $m devtmpfs dev /root/dev; $m tmpfs tmpfs /root/run
$b mkdir /root/dev/shm; $m tmpfs tmpfs /root/dev/shm; $b ln -s /proc/self/fd /root/dev/fd
$m tracefs nodev /root/sys/kernel/tracing; $m cgroup2 none /root/sys/fs/cgroup; $m bpf none /root/sys/fs/bpf
$b mkdir /root/run/shared; $m 9p -o trans=virtio,version=9p2000.L,msize=524288 shared /root/run/shared
$b ip link set lo up
# As the root of the mounts: whoever is below it may make no user namespace.
cd /root; $b mount -o move . /
$b chroot . /usr/bin/env -i PATH={path} HOME=/root LC_ALL=C.UTF-8 {command}
$b sync; $b poweroff -f
"""


@dataclass
class Kernel:
    """A directory with vmlinuz and modules/."""

    directory: pathlib.Path
    version: str


def fetch_kernel(name):
    """The newest kernel of a release."""
    release = Release(name)
    depends = [
        line.split(":")[1].strip() for line in release.ask("depends", "linux-image-amd64").splitlines() if "Depends: linux-image-" in line
    ]
    if not depends:
        raise Failure(f"Debian {name} has no linux-image-amd64", UNAVAILABLE)
    version = depends[0].removeprefix("linux-image-")
    base = CACHE / f"kernels-{name}"
    kernel = Kernel(base / version, version)
    if (kernel.directory / "vmlinuz").exists():
        return kernel
    # Newer ones are in packages of their own.
    split = [package for package in (f"linux-binary-{version}", f"linux-modules-{version}") if release.ask("show", package)]
    # Older ones are not needed any more.
    shutil.rmtree(base, ignore_errors=True)
    new = base / "new"
    (new / "modules").mkdir(parents=True)
    release.fetch(new / "packages", split or depends[:1])
    for package in (new / "packages").glob("*.deb"):
        unpack_kernel(package, new)
    shutil.rmtree(new / "packages")
    if not (new / "vmlinuz").exists():
        raise Failure(f"no kernel in {' '.join(split or depends[:1])}", UNAVAILABLE)
    new.rename(kernel.directory)
    return kernel


def unpack_kernel(package, directory):
    """The kernel and the modules that the machine starts with."""
    wanted = [f"*/kernel/{module}.ko{suffix}" for module in MODULES for suffix in ("", ".xz")]
    tree = directory / "tree"
    tree.mkdir()
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as archive:
        # tar fails where a name matches nothing.
        words = ["tar", "-x", "-C", tree, "--wildcards", "*/vmlinuz*", *wanted]
        subprocess.run(words, stdin=archive.stdout, stderr=subprocess.DEVNULL)
    for path in [path for path in tree.rglob("*") if path.is_file()]:
        if path.name.startswith("vmlinuz"):
            path.rename(directory / "vmlinuz")
        elif path.name.endswith(".ko.xz"):
            (directory / "modules" / path.name.removesuffix(".xz")).write_bytes(lzma.decompress(path.read_bytes()))
        elif path.name.endswith(".ko"):
            path.rename(directory / "modules" / path.name)
    shutil.rmtree(tree)


def make_initramfs(kernel, scratch, command):
    """An initramfs that runs the command."""
    root = pathlib.Path(tempfile.mkdtemp(prefix="initramfs.", dir=scratch))
    for name in ("bin", "proc", "sys", "dev", "modules", "root", "host", "layer"):
        (root / name).mkdir()
    shutil.copy(shutil.which("busybox"), root / "bin/busybox")
    loaded = []
    for module in (pathlib.Path(name).name for name in MODULES):
        path = kernel.directory / "modules" / f"{module}.ko"
        if path.exists():
            shutil.copy(path, root / "modules")
            loaded.append(module)
    (root / "init").write_text(INIT.format(modules=" ".join(loaded), path=GUEST_PATH, command=command))
    (root / "init").chmod(0o755)
    image = scratch / "initramfs.img"
    output_of(["sh", "-c", 'cd "$1" && find . | cpio -o -H newc --quiet | gzip -1 >"$2"', "sh", root, image])
    shutil.rmtree(root)
    return image


# Both CPUs wait for each other for ever, which happens to some kernels where the emulator runs their patching of code.
LOCKED = "soft lockup"


def emulate(kernel, scratch, shared, seconds, command):
    """Boots the kernel, runs the command and shuts down, or is ended after the time or when its CPUs are locked. The console goes to a file
    of that name in `shared`."""
    image = make_initramfs(kernel, scratch, command)
    options = [
        "-M",
        "q35",
        "-accel",
        "tcg,thread=multi",
        "-cpu",
        "max",
        "-smp",
        "2",
        "-m",
        "3072",
        "-nographic",
        "-no-reboot",
        "-nic",
        "none",
    ]
    files = [
        *("-virtfs", "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap"),
        *("-virtfs", f"local,path={shared},mount_tag=shared,security_model=none"),
    ]
    boot = [
        "-kernel",
        kernel.directory / "vmlinuz",
        "-initrd",
        image,
        "-append",
        "console=ttyS0 loglevel=5 panic=-1 mitigations=off no_timer_check",
    ]
    with open(shared / "console", "wb") as console:
        words = ["qemu-system-x86_64", *options, *boot, *files]
        end = time.monotonic() + seconds
        with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT) as machine:
            try:
                while machine.poll() is None and time.monotonic() < end and LOCKED not in text_of(shared / "console"):
                    time.sleep(1)
            finally:
                # An emulator left behind takes a CPU from the next one.
                machine.kill()


def text_of(path):
    return path.read_text(errors="replace")
