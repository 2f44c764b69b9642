# Boots a kernel of Debian's on this machine's own files, emulated in software: no KVM is needed. Sourced after debian.sh.
# shellcheck shell=bash

# What finds the files: virtio, 9p and the overlay over them. In the order in which they are loaded; a kernel has some built in.
MODULES=(drivers/virtio/virtio drivers/virtio/virtio_ring drivers/virtio/virtio_pci_legacy_dev
    drivers/virtio/virtio_pci_modern_dev drivers/virtio/virtio_pci fs/netfs/netfs fs/fscache/fscache
    net/9p/9pnet net/9p/9pnet_virtio fs/9p/9p fs/overlayfs/overlay)

GUEST_PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# fetch_kernel RELEASE: the newest kernel of a release. Sets KERNEL to a directory with vmlinuz and modules/, and KERNEL_VERSION.
fetch_kernel() {
    local package packages=() deb base name
    use_release "$1"
    package=$(apt-cache "${DEBIAN_APT[@]}" depends linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p')
    [ -n "$package" ] || fail 69 "Debian $1 has no linux-image-amd64"
    KERNEL_VERSION=${package#linux-image-}
    base=$DEBIAN_CACHE/kernels-$1
    KERNEL=$base/$KERNEL_VERSION
    if [ -e "$KERNEL/vmlinuz" ]; then return; fi
    # Newer ones are in packages of their own.
    for name in "linux-binary-$KERNEL_VERSION" "linux-modules-$KERNEL_VERSION"; do
        if apt-cache "${DEBIAN_APT[@]}" show "$name" >/dev/null 2>&1; then packages+=("$name"); fi
    done
    [ ${#packages[@]} -gt 0 ] || packages=("$package")
    # Older ones are not needed any more.
    rm -rf -- "$base"
    mkdir -p -- "$base/new/packages" "$base/new/modules"
    fetch_packages "$base/new/packages" "${packages[@]}"
    for deb in "$base"/new/packages/*.deb; do unpack_kernel "$deb" "$base/new"; done
    rm -rf -- "$base/new/packages"
    [ -e "$base/new/vmlinuz" ] || fail 69 "no kernel in ${packages[*]}"
    mv -- "$base/new" "$KERNEL"
}

# unpack_kernel PACKAGE DIRECTORY: the kernel and the modules that the machine starts with.
unpack_kernel() {
    local file module names=()
    for module in "${MODULES[@]}"; do names+=("*/kernel/$module.ko" "*/kernel/$module.ko.xz"); done
    mkdir -p -- "$2/tree"
    # tar fails where a name matches nothing.
    dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2/tree" --wildcards '*/vmlinuz*' "${names[@]}" 2>/dev/null || true
    while read -r file; do mv -- "$file" "$2/vmlinuz"; done < <(find "$2/tree" -type f -name 'vmlinuz*')
    while read -r file; do
        case $file in
        *.xz) xz -dc "$file" >"$2/modules/$(basename "$file" .xz)" ;;
        *) mv -- "$file" "$2/modules/" ;;
        esac
    done < <(find "$2/tree" -type f -name '*.ko*')
    rm -rf -- "$2/tree"
}

# make_initramfs KERNEL-DIRECTORY FILE COMMAND: runs COMMAND there, with $SHARED of this machine at /run/shared and nothing else to write to.
make_initramfs() {
    local root module loaded=''
    root=$(mktemp -d "$SCRATCH/initramfs.XXXXXX")
    mkdir -p "$root"/{bin,proc,sys,dev,modules,root,host,layer}
    cp -- "$(command -v busybox)" "$root/bin/busybox"
    for module in "${MODULES[@]##*/}"; do
        if [ -e "$1/modules/$module.ko" ]; then
            cp -- "$1/modules/$module.ko" "$root/modules/"
            loaded+=" $module"
        fi
    done
    cat >"$root/init" <<END
#!/bin/busybox sh
b=/bin/busybox
m="\$b mount -t"
\$m proc proc /proc; \$m sysfs sys /sys; \$m devtmpfs dev /dev
for module in$loaded; do \$b insmod /modules/\$module.ko || echo "insmod \$module failed"; done
\$m 9p -o trans=virtio,version=9p2000.L,ro,msize=524288,cache=loose host /host
\$m tmpfs -o size=2g tmpfs /layer; \$b mkdir -p /layer/upper /layer/work
\$m overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work overlay /root
\$m proc proc /root/proc; \$m sysfs sys /root/sys; \$m devtmpfs dev /root/dev; \$m tmpfs tmpfs /root/run
\$b mkdir /root/dev/shm; \$m tmpfs tmpfs /root/dev/shm; \$b ln -s /proc/self/fd /root/dev/fd
\$m tracefs nodev /root/sys/kernel/tracing; \$m cgroup2 none /root/sys/fs/cgroup; \$m bpf none /root/sys/fs/bpf
\$b mkdir /root/run/shared; \$m 9p -o trans=virtio,version=9p2000.L,msize=524288 shared /root/run/shared
\$b ip link set lo up
\$b chroot /root /usr/bin/env -i PATH=$GUEST_PATH HOME=/root LC_ALL=C.UTF-8 $3
\$b sync; \$b poweroff -f
END
    chmod +x "$root/init"
    (cd -- "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$2"
    rm -rf -- "$root"
}

# emulate KERNEL-DIRECTORY SECONDS COMMAND: boots the kernel, runs COMMAND and shuts down. The console goes to $SHARED/console.
emulate() {
    make_initramfs "$1" "$SCRATCH/initramfs.img" "$3"
    timeout "$2" qemu-system-x86_64 -M q35 -accel tcg,thread=multi -cpu max -smp 2 -m 3072 -nographic -no-reboot -nic none \
        -kernel "$1/vmlinuz" -initrd "$SCRATCH/initramfs.img" -append 'console=ttyS0 quiet panic=-1 mitigations=off' \
        -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
        -virtfs "local,path=$SHARED,mount_tag=shared,security_model=none" >"$SHARED/console" 2>&1 </dev/null
}
