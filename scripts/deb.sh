#!/usr/bin/env bash
# Makes Debian packages of bin/roentgen and bin/afirgen, or of the one that is named: bin/roentgen_VERSION_ARCH.deb and its
# kin, with units, users, settings and completion. BIN is another folder of the programs, OUT of the packages;
# COMPRESSION is xz, zstd, gzip or none.
source "$(dirname "$0")/lib.sh"

bin=${BIN:-bin} out=${OUT:-bin}
has dpkg-deb || die "packages are made by dpkg-deb, which this machine lacks: apt-get install dpkg"
arch=$(dpkg --print-architecture)

# Debian wants a version to begin with a digit and has a meaning of its own for a hyphen: v1.2-3-gabc is 1.2+3.gabc.
version=${VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo dev)}
version=${version#v}
if [[ $version != [0-9]*.* ]]; then version=0~$version; fi
version=$(sed 's/-/+/; s/-/./g' <<<"$version")
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}

# put MODE FROM TO: one file of the package.
put() { install -D -m "$1" "$2" "$tree/$3"; }

# control NAME DESCRIPTION FIELD...: what dpkg knows of the package.
control() {
  local name=$1 text=$2
  shift 2
  {
    printf 'Package: %s\nVersion: %s\nArchitecture: %s\n' "$name" "$version" "$arch"
    printf 'Maintainer: Roentgen <packages@roentgen.invalid>\nSection: admin\nPriority: optional\n'
    printf 'Installed-Size: %s\n' "$(du -sk "$tree" | cut -f1)"
    printf '%s\n' "$@"
    printf 'Description: %s\n' "$text"
  } >"$tree/DEBIAN/control"
  (cd "$tree" && find etc -type f -printf '/%p\n' | sort) >"$tree/DEBIAN/conffiles"
}

# hooks NAME UNIT...: makes users and folders on installation, starts again what runs on an upgrade, stops on removal. Nothing is
# started or enabled by itself, and no data is ever removed.
hooks() {
  local name=$1
  shift
  mkdir -p "$tree/DEBIAN"
  cat >"$tree/DEBIAN/postinst" <<SCRIPT
#!/bin/sh
set -e
if [ "\$1" = configure ]; then
  systemd-sysusers $name.conf
  systemd-tmpfiles --create $name.conf
  if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    if [ -n "\$2" ]; then systemctl try-restart $*; fi
  fi
fi
SCRIPT
  cat >"$tree/DEBIAN/prerm" <<SCRIPT
#!/bin/sh
set -e
if [ "\$1" = remove ] && [ -d /run/systemd/system ]; then systemctl disable --now $*; fi
SCRIPT
  chmod 0755 "$tree/DEBIAN/postinst" "$tree/DEBIAN/prerm"
}

# units NAME SETTINGS UNIT...: what systemd needs. SETTINGS is the folder in /etc.
units() {
  local name=$1 settings=$2 unit file
  shift 2
  for unit in "$@"; do
    put 0644 "deploy/systemd/$unit.service" "usr/lib/systemd/system/$unit.service"
    file=$(sed -n "s|^EnvironmentFile=-/etc/$settings/||p" "deploy/systemd/$unit.service")
    put 0644 "deploy/systemd/$file" "etc/$settings/$file"
  done
  put 0644 "deploy/systemd/$name.sysusers" "usr/lib/sysusers.d/$name.conf"
  put 0644 "deploy/systemd/$name.tmpfiles" "usr/lib/tmpfiles.d/$name.conf"
  hooks "$name" "$@"
}

# finish NAME: the file.
finish() {
  put 0644 LICENSE "usr/share/doc/$1/copyright"
  find "$tree" -type d -exec chmod 0755 {} +
  dpkg-deb --root-owner-group -Z"${COMPRESSION:-xz}" --build "$tree" "$out/$1_${version}_$arch.deb" >/dev/null
  say "made $out/$1_${version}_$arch.deb"
}

make_roentgen() {
  local shell to
  put 0755 "$bin/roentgen" usr/bin/roentgen
  for shell in bash:bash-completion/completions/roentgen zsh:zsh/vendor-completions/_roentgen fish:fish/vendor_completions.d/roentgen.fish; do
    to="$tree/usr/share/${shell#*:}"
    mkdir -p "$(dirname "$to")"
    "$bin/roentgen" completion "${shell%%:*}" >"$to"
  done
  units roentgen roentgen roentgen roentgen-agent
  control roentgen "distributed tracing that speaks AWS X-Ray: server, console, agent and tools" "Depends: libc6, systemd (>= 250)"
  finish roentgen
}

make_afirgen() {
  local libc
  libc=$(ldd --version | sed -n '1s/.* //p')
  put 0755 "$bin/afirgen" usr/bin/afirgen
  units afirgen afirgen afirgen-main-backend afirgen-gguf-server afirgen-asr-ocr-server
  control afirgen "complaints to drafts of First Information Reports, traced from end to end" \
    "Depends: libc6 (>= $libc), libgcc-s1, libstdc++6, systemd (>= 250)" \
    "Recommends: tesseract-ocr, tesseract-ocr-eng, tesseract-ocr-hin, poppler-utils, pocketsphinx, pocketsphinx-en-us" \
    "Suggests: roentgen, default-mysql-server"
  finish afirgen
}

mkdir -p "$out"
tree=
trap 'rm -rf "$tree"' EXIT
for name in "${@:-all}"; do
  [[ $name =~ ^(roentgen|afirgen|all)$ ]] || die "there is no package $name to make"
  for package in roentgen afirgen; do
    if [ "$name" != all ] && [ "$name" != "$package" ]; then continue; fi
    [ -x "$bin/$package" ] || die "there is no $bin/$package: make build"
    tree=$(mktemp -d)
    "make_$package"
    rm -rf "$tree"
  done
done
