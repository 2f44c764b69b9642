#!/bin/sh
# Builds a package with maintainer scripts, and installs and purges it below a directory of its own: package.sh DIRECTORY
set -eu
cd -- "$1"
mkdir -p package/DEBIAN package/usr/share/example root/var/lib/dpkg
mkdir -p root/var/lib/dpkg/info root/var/lib/dpkg/updates root/var/lib/dpkg/triggers
: >root/var/lib/dpkg/status
printf 'Package: example\nVersion: 1\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: an example\n' \
    >package/DEBIAN/control
for script in preinst postinst prerm postrm; do
    # shellcheck disable=SC2016  # expanded when the script runs
    printf '#!/bin/sh\nset -e\n/bin/true\necho "$0" >/dev/null\n' >"package/DEBIAN/$script"
    chmod 755 "package/DEBIAN/$script"
done
echo example >package/usr/share/example/file
dpkg-deb --root-owner-group --build package example.deb
dpkg --force-script-chrootless --root="$PWD/root" --log=/dev/null --install example.deb
dpkg --root="$PWD/root" --status example >/dev/null
dpkg --force-script-chrootless --root="$PWD/root" --log=/dev/null --purge example
