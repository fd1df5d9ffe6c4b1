# Sourced by run, test, bench and .ci/run: finds a Python that really starts, then brings .venv/ up to date.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV
export PYTHONUNBUFFERED=1

works() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# prepare LOCK…: installs the given lock files into .venv/, once per content.
prepare() {
    local python
    for python in .venv/bin/python python3.14 python3.13 python3.12 python3.11 python3; do
        if works "$python"; then
            "$python" launcher/environment.py "$@"
            return
        fi
    done
    echo "xenweb needs Python 3.11 or newer, and none was found on PATH." >&2
    echo "Debian and Ubuntu: apt-get install python3 python3-venv · Fedora and RHEL: dnf install python3.12" >&2
    return 1
}
