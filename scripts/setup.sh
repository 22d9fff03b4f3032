#!/usr/bin/env bash
# setup.sh up|up-full|test|long|console: installs what `make up`, `make up-full`, `make test`, `make test-long` or `make console` needs
# and this machine lacks, and says what it installs.
# On a machine that has everything it changes nothing, and needs neither root nor network.
source "$(dirname "$0")/lib.sh"

# The engine of model files is C and C++, and Go's race detector is C: without compilers neither builds.
has_compiler() { has g++ && has gcc; }
has_certificates() { [ -n "${SSL_CERT_FILE:-}${SSL_CERT_DIR:-}" ] || [ -s /etc/ssl/certs/ca-certificates.crt ]; }
has_language() { has tesseract && tesseract --list-langs 2>&1 | grep -x "$1" >/dev/null; }
has_speech() { has pocketsphinx_continuous && [ -d /usr/share/pocketsphinx/model/en-us ]; }
# Its programs are not on the PATH of ordinary users.
has_mariadb() { [ -x /usr/sbin/mariadbd ] || has mariadbd; }
has_hindi_font() { has fc-list && [ -n "$(fc-list :lang=hi)" ]; }
has_node() { has node && has npm; }
# Debian's Python: another that comes first on the PATH does not see Debian's packages.
has_python() { [ -x /usr/bin/python3 ] && /usr/bin/python3 -c "import $1" 2>/dev/null; }
has_prometheus() { has prometheus && has promtool; }

missing=()
need() { # need PACKAGE[,PACKAGE] CHECK...: one line of the list of what this machine lacks.
  local packages
  IFS=, read -ra packages <<<"$1"
  shift
  "$@" || missing+=("${packages[@]}")
}

install_missing() {
  [ ${#missing[@]} -gt 0 ] || return 0
  local root=()
  has apt-get || die "this machine lacks ${missing[*]} (Debian's names) and has no apt-get; install them and run make again"
  if [ "$(id -u)" -ne 0 ]; then
    has sudo || die "this machine lacks ${missing[*]}, and installing needs root; run as root: apt-get install ${missing[*]}"
    root=(sudo)
  fi
  say "setup: installing Debian packages: ${missing[*]}"
  local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120)
  "${apt[@]}" update || die "updating the package lists: apt-get said why above"
  "${apt[@]}" install --no-install-recommends "${missing[@]}" ||
    die "installing ${missing[*]}: apt-get said why above"
}

# install_node_modules FOLDER: npm ci there, unless what is installed came from this very lock file.
install_node_modules() {
  local lock=$1/package-lock.json stamp=$1/node_modules/.installed-from
  if [ ! -f "$lock" ] || cmp -s "$lock" "$stamp"; then return 0; fi
  say "setup: installing the Node packages of $lock into $1/node_modules"
  (cd "$1" && npm ci --no-audit --no-fund) || die "installing the Node packages of $lock: npm said why above"
  mkdir -p "$(dirname "$stamp")" && cp "$lock" "$stamp"
}

need_for_up() {
  need ca-certificates has_certificates
  need gcc,g++,libc6-dev has_compiler # ggml, which computes GGUF models, is C++
  need tesseract-ocr has tesseract
  need tesseract-ocr-eng has_language eng
  need tesseract-ocr-hin has_language hin
  need poppler-utils has pdftoppm # complaints that come as PDF; the tests read afirgen/pdf's back
  need pocketsphinx,pocketsphinx-en-us has_speech
}

need_for_up_full() {
  need_for_up
  need mariadb-server has_mariadb
}

need_for_test() {
  need_for_up_full
  need nodejs,npm has_node
  need chromium has chromium
  need fontconfig,fonts-noto-core has_hindi_font # the clerk's page and letters in Hindi
  need espeak-ng has espeak-ng # speaks the samples that are recognised
  need systemd has systemd-analyze # reads the units of deploy/systemd; nothing of it runs
  # What the guides show: docs/guides/README.md.
  need curl has curl
  need python3 has_python sys
  need jq has jq
  need openssl has openssl
  need python3-flask,python3-aws-xray-sdk has_python flask,aws_xray_sdk
  need python3-botocore has_python botocore # the models that the AWS CLI is built on
  need prometheus has_prometheus # asks what deploy/grafana and deploy/prometheus ask, of running services
}

# The images are built for both kinds of processor.
need_for_long() {
  need_for_test
  need g++-x86-64-linux-gnu has x86_64-linux-gnu-g++
  need g++-aarch64-linux-gnu has aarch64-linux-gnu-g++
}

has go || die "Go is not on the PATH; install Go 1.26 or later from https://go.dev/dl/"
case "${1:-}" in
  up)
    need_for_up
    install_missing
    ;;
  up-full)
    need_for_up_full
    install_missing
    ;;
  test | long)
    "need_for_$1"
    install_missing
    for folder in "${node_folders[@]}"; do install_node_modules "$folder"; done
    ;;
  console)
    need nodejs,npm has_node
    install_missing
    install_node_modules console/web
    ;;
  *) die "say for what: setup.sh up, up-full, test, long or console" ;;
esac
