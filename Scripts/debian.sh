# Debian's packages of other releases than the machine's own. Sourced after common.sh; needs apt.
# shellcheck shell=bash

# Lists, packages and what is made of them are kept here: the machine's own sources stay as they are.
DEBIAN_CACHE=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/spawnscope/debian
DEBIAN_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# The mirror that this machine's apt asks.
debian_mirror() {
    local mirror
    mirror=$(cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null |
        grep -oE '(https?|file)://[^ ]+/debian/?( |$)' | head -n 1 | sed 's,/* *$,,')
    [ -n "$mirror" ] || fail 69 "no mirror of Debian in /etc/apt: name one there"
    printf '%s\n' "$mirror"
}

# use_release RELEASE: reads that release's lists; what cannot be fetched ends the script. Sets DEBIAN_APT.
use_release() {
    local directory=$DEBIAN_CACHE/$1 mirror
    mirror=$(debian_mirror)
    mkdir -p -- "$directory/lists/partial" "$directory/archives/partial"
    echo "deb [signed-by=$DEBIAN_KEYRING] $mirror $1 main" >"$directory/sources.list"
    DEBIAN_APT=(-q -o "Dir::Etc::SourceList=$directory/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::Lists=$directory/lists" -o "Dir::Cache=$directory" -o APT::Sandbox::User=root
        -o Acquire::Languages=none -o Acquire::Retries=2 -o APT::Update::Error-Mode=any)
    apt-get "${DEBIAN_APT[@]}" update >&2 </dev/null || fail 69 "the lists of Debian $1 cannot be fetched from $mirror"
}

# fetch_packages DIRECTORY PACKAGE…: of the release in use, checked by apt.
fetch_packages() {
    local directory=$1
    shift
    (cd -- "$directory" && apt-get "${DEBIAN_APT[@]}" download "$@" >&2 </dev/null) || fail 69 "cannot be fetched: $*"
}
