# Shared by the commands of this folder: sourced, never run.
# Sets strict mode, the folders, the pinned Node in PATH, and a few words to speak with.

set -euo pipefail

export HOME=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}
export WAXSEAL_CACHE=${WAXSEAL_CACHE:-$HOME/.cache/waxseal}

waxseal_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
waxseal_cache=$WAXSEAL_CACHE

# What the bootstrap installed comes first, whatever Node the machine has besides.
export PATH=$waxseal_cache/node/node_modules/.bin:$PATH

# A clone elsewhere finds in the compiler cache what another one compiled.
export CCACHE_BASEDIR=$waxseal_root CCACHE_NOHASHDIR=1

# npm says what it did and nothing else; it does not phone home either.
export npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false

# Everything said goes to stderr, so that stdout carries only what was asked for (a summary line, a URL).
say() { printf '%s\n' "$*" >&2; }

die() {
  say "error: $*"
  exit 1
}

# step 2 5 "Node": a line that says how far we are.
step() { say "[$1/$2] ${*:3}"; }

# show_end_of FILE: the lines of a log that name an error, for a compiler says much after them, and its end.
show_end_of() {
  say "---- from $1"
  grep -m 10 -E '^CMake Error|^FAILED:|\berror:' "$1" >&2 && say "  ..." || true
  tail -n 40 "$1" >&2
  say "----"
}

# seconds_since START: for the times after the steps; START is a value of $SECONDS.
seconds_since() { printf '%d s' $((SECONDS - $1)); }

# Prints the comment under a script's first line: every command's --help is its own first paragraph.
print_help() { sed -n '2,/^$/{s/^# \{0,1\}//;p}' "$1"; }
