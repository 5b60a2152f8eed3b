#!/bin/sh
# Installs jackin-exec for this user, from the files of a release:
#
#   curl -fsSL https://github.com/jackin-project/jackin-exec/releases/latest/download/install.sh | sh
#   … | sh -s -- --uninstall
#
# It writes below ~/.local (--prefix DIR: another folder) and nowhere else, and nothing before the checksum and the
# signature of what it fetched are right. Needs curl or wget, tar, openssl, and sha256sum or shasum.

set -eu
umask 022

# A release puts its public key here: packaging/release.
key=''
repository=https://github.com/jackin-project/jackin-exec

usage() {
  cat <<'USAGE'
usage: install.sh [--version X.Y.Z] [--prefix DIR] [--from URL]
       install.sh --uninstall [--prefix DIR]

  --version X.Y.Z  that release; otherwise the latest
  --prefix DIR     install into DIR/bin and DIR/share; otherwise ~/.local
  --from URL       the folder that has the release's files
  --uninstall      remove what was installed
USAGE
}

fail() {
  echo "install.sh: $1" >&2
  [ -z "${2:-}" ] || echo "hint: $2" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

fetch() {
  if has curl; then
    curl --fail --silent --show-error --location --output "$2" "$1"
  elif has wget; then
    wget -q -O "$2" "$1"
  else
    fail "neither curl nor wget is installed"
  fi || fail "cannot fetch $1"
}

sum() {
  if has sha256sum; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# The target whose artefact runs here.
target() {
  case $(uname -s) in
    Linux) system=unknown-linux-musl ;;
    Darwin) system=apple-darwin ;;
    *) fail "there is no build for $(uname -s)" "build from source: $repository#install" ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) machine=x86_64 ;;
    aarch64 | arm64) machine=aarch64 ;;
    *) fail "there is no build for $(uname -m)" "build from source: $repository#install" ;;
  esac
  # A shell that Rosetta translates says x86_64.
  if [ "$system" = apple-darwin ] && [ "$(sysctl -n hw.optional.arm64 2>/dev/null)" = 1 ]; then machine=aarch64; fi
  echo "$machine-$system"
}

# Makes the folder $1 and remembers which folders it had to make, the deepest first.
folder() {
  made=$1
  while [ ! -d "$made" ]; do
    echo "$made" >> "$scratch/folders"
    made=$(dirname "$made")
  done
  mkdir -p "$1"
}

# Puts the file $1 at $2, whole, and remembers it.
put() {
  folder "$(dirname "$2")"
  cp "$1" "$2.new"
  chmod "$3" "$2.new"
  mv -f "$2.new" "$2"
  echo "$2" >> "$scratch/list"
}

remove() {
  [ -f "$list" ] || fail "nothing is installed below $prefix" "--prefix DIR names another folder"
  while IFS= read -r file; do
    rm -f "$file"
  done < "$list"
  # Folders that were made for it, unless something else is in them now; the deepest first.
  sort -r "$list.folders" > "$scratch/folders"
  rm -f "$list" "$list.folders"
  while IFS= read -r made; do
    rmdir "$made" 2>/dev/null || :
  done < "$scratch/folders"
  echo "removed; the configuration in ~/.config/jackin is left as it is"
}

add() {
  [ -n "$key" ] || fail "this copy has no key to verify a release with" "take install.sh from a release: $from"
  has openssl || fail "openssl is not installed, which verifies the signature" "install it, or use a package: $repository#install"
  has sha256sum || has shasum || fail "neither sha256sum nor shasum is installed, which verify the checksum"
  target=$(target)
  archive=jackin-exec-$target.tar.gz

  fetch "$from/SHA256SUMS" "$scratch/SHA256SUMS"
  fetch "$from/SHA256SUMS.sig" "$scratch/SHA256SUMS.sig"
  printf '%s\n' "$key" > "$scratch/key.pem"
  openssl dgst -sha256 -verify "$scratch/key.pem" -signature "$scratch/SHA256SUMS.sig" "$scratch/SHA256SUMS" \
    >/dev/null 2>&1 || fail "the signature of SHA256SUMS is wrong; nothing was installed"
  expected=$(sed -n "s/^\([0-9a-f]\{64\}\)  $archive\$/\1/p" "$scratch/SHA256SUMS")
  [ -n "$expected" ] || fail "the release has no $archive; nothing was installed"
  fetch "$from/$archive" "$scratch/$archive"
  [ "$(sum "$scratch/$archive")" = "$expected" ] || fail "the checksum of $archive is wrong; nothing was installed"
  tar -xzf "$scratch/$archive" -C "$scratch"
  files=$scratch/jackin-exec-$target
  said=$("$files/bin/jackin-exec" --version) || fail "the program does not run on this machine; nothing was installed"
  # An old release has a good signature, too.
  if [ -n "$release" ]; then
    case $said in
      "jackin-exec $release "*) ;;
      *) fail "$from has another release than $release; nothing was installed" ;;
    esac
  fi

  put "$files/bin/jackin-exec" "$prefix/bin/jackin-exec" 755
  put "$files/share/man/man1/jackin-exec.1" "$prefix/share/man/man1/jackin-exec.1" 644
  hint=
  case ${SHELL##*/} in
    bash) put "$files/completions/jackin-exec.bash" "$prefix/share/bash-completion/completions/jackin-exec" 644 ;;
    zsh)
      put "$files/completions/_jackin-exec" "$prefix/share/zsh/site-functions/_jackin-exec" 644
      hint="for completions, add to ~/.zshrc before compinit: fpath=($prefix/share/zsh/site-functions \$fpath)"
      ;;
    fish) put "$files/completions/jackin-exec.fish" "$fish/jackin-exec.fish" 644 ;;
  esac

  # What an earlier version installed, and this one does not, goes.
  if [ -f "$list" ]; then
    while IFS= read -r file; do
      grep -Fqx "$file" "$scratch/list" || rm -f "$file"
    done < "$list"
  fi
  folder "$(dirname "$list")"
  cat "$scratch/folders" >> "$list.folders"
  cp "$scratch/list" "$list"

  echo "installed $prefix/bin/jackin-exec"
  echo "$said"
  case :$PATH: in
    *":$prefix/bin:"*) ;;
    *) echo "hint: $prefix/bin is not in PATH" ;;
  esac
  [ -z "$hint" ] || echo "hint: $hint"
}

# A function, so that a script that arrives in part does nothing.
main() {
  : "${HOME:?is not set}"
  prefix=$HOME/.local
  from=
  release=
  task=add
  while [ $# -gt 0 ]; do
    case $1 in
      --version | --prefix | --from)
        [ -n "${2:-}" ] || fail "$1 needs a value"
        case $1 in
          --version) release=$2 ;;
          --prefix) prefix=$2 ;;
          --from) from=${2%/} ;;
        esac
        shift
        ;;
      --uninstall) task=remove ;;
      -h | --help)
        usage
        exit 0
        ;;
      *)
        usage >&2
        fail "unknown option: $1"
        ;;
    esac
    shift
  done
  case $prefix in /*) ;; *) fail "--prefix is not an absolute path" ;; esac
  fish=$prefix/share/fish/vendor_completions.d
  [ "$prefix" != "$HOME/.local" ] || fish=${XDG_CONFIG_HOME:-$HOME/.config}/fish/completions
  if [ -z "$from" ]; then
    if [ -n "$release" ]; then from=$repository/releases/download/v$release; else from=$repository/releases/latest/download; fi
  fi
  SHELL=${SHELL:-}
  list=$prefix/share/jackin-exec/installed
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 1' HUP INT TERM
  : > "$scratch/list"
  : > "$scratch/folders"
  "$task"
}

main "$@"
