# Sourced by the scripts beside this folder; PCM_PYTHON may name the Python to use.
# `set_up runtime` or `set_up dev` makes .venv ready, at once when it is. A stamp, written last, says what .venv was
# made from, so a set-up that broke off is never taken for a whole one.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
venv=$root/.venv
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin # Debian keeps mosquitto and what apt needs there
export PATH

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "$*"
    exit 3
}

# Runs a command and shows what it printed only if it failed.
quietly() {
    local printed
    printed=$("$@" 2>&1 </dev/null) || {
        say "$printed"
        return 1
    }
}

apt_install() {
    command -v apt-get >/dev/null || return 1
    local as_root=() apt
    if [ "$(id -u)" != 0 ]; then
        sudo -n true 2>/dev/null || return 1
        as_root=(sudo -n)
    fi
    apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120
        -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20)
    {
        "${apt[@]}" install -y --no-install-recommends "$1" ||
            { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "$1"; }
    } >/dev/null 2>&1 </dev/null || return 1
    say "Installed $1."
}

# Prints the path and the version of a Python 3.11 or newer; fails for anything else.
describe_python() {
    "$1" -ISc 'import sys
print(sys.executable, sys.version.replace("\n", " "), sep="\n")
sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local candidate candidates=(python3 python3.14 python3.13 python3.12 python3.11)
    [ -z "${PCM_PYTHON:-}" ] || candidates=("$PCM_PYTHON")
    for candidate in "${candidates[@]}"; do
        python=$(describe_python "$candidate") && return
    done
    [ -z "${PCM_PYTHON:-}" ] || fail "PCM_PYTHON names $PCM_PYTHON, which is not a Python 3.11 or newer."
    fail "pcm-sim needs Python 3.11 or newer: install it, or name one in PCM_PYTHON."
}

need_venv_module() {
    local package
    "$1" -Ic 'import ensurepip, venv' 2>/dev/null && return
    package=$("$1" -ISc 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    apt_install "$package" && "$1" -Ic 'import ensurepip, venv' 2>/dev/null && return
    fail "$1 cannot make virtual environments: install the package $package (apt-get install $package), then start again."
}

# Sets what .venv should be made from (kind, environment, project) and whether it was (made_*).
plan() {
    kind=$1 made_kind='' made_environment='' made_project=''
    if [ -r "$venv/.stamp" ]; then
        { read -r made_kind && read -r made_environment && read -r made_project; } <"$venv/.stamp" || true
    fi
    [ "$made_kind" != dev ] || kind=dev # a developer's .venv serves both
    lock=$root/requirements.lock
    [ "$kind" != dev ] || lock=$root/requirements-dev.lock
    if [ -n "${PCM_PYTHON:-}" ] || ! python=$(describe_python "$venv/bin/python"); then
        find_python
    fi
    environment=$({ printf '%s\n' "$root" "${python#*$'\n'}" && cat "$lock"; } | sha256sum)
    project=$(sha256sum <"$root/pyproject.toml")
}

is_made() { [ "$made_kind/$made_environment/$made_project" = "$kind/$environment/$project" ]; }

make_environment() {
    # A Python inside .venv cannot rebuild the folder that it stands in.
    local base
    base=$("${python%%$'\n'*}" -ISc 'import os, sys; print(os.path.realpath(sys.executable))')
    need_venv_module "$base"
    say "Installing the packages of ${lock##*/} into .venv, for $base ..."
    rm -rf "$venv"
    quietly "$base" -Im venv "$venv" || fail "$base could not make .venv; its own words stand above."
    quietly "$venv/bin/python" -Im pip install --disable-pip-version-check --require-hashes -r "$lock" ||
        fail "The packages of ${lock##*/} could not be installed; pip's own words stand above."
}

install_project() {
    quietly "$venv/bin/python" -Im pip install --disable-pip-version-check --no-deps --no-build-isolation -e "$root" ||
        fail "pcm-sim itself could not be installed into .venv; pip's own words stand above."
    say "Installed pcm-sim into .venv."
}

set_up() {
    plan "$1"
    is_made && return
    # Two scripts may start at once: the second waits, then finds the work done.
    exec 9<"$root/scripts/lib/setup.sh"
    ! command -v flock >/dev/null || flock 9
    plan "$1"
    if ! is_made; then
        rm -f "$venv/.stamp"
        [ "$made_kind/$made_environment" = "$kind/$environment" ] || make_environment
        install_project
        printf '%s\n' "$kind" "$environment" "$project" >"$venv/.stamp.new"
        mv "$venv/.stamp.new" "$venv/.stamp"
    fi
    exec 9<&-
}

need_mosquitto() {
    command -v mosquitto >/dev/null && return
    # apt is asked once for each .venv, not at every start.
    [ ! -e "$venv/.no-mosquitto" ] && apt_install mosquitto && return
    touch "$venv/.no-mosquitto"
    say "mosquitto is not installed and could not be (apt-get install mosquitto); a broker inside the program stands in."
}
