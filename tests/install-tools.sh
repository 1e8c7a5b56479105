#!/bin/sh
# What some tests need beside Python packages, from Debian: Chromium and a font with Han glyphs (the desk in a browser,
# scans made of text), LibreOffice (old Office files) and pdftotext (readers compared with another one).
# Does nothing where they are present; never fails, since the tests that need them skip themselves without them.

missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
ls /usr/share/fonts/opentype/noto/NotoSansCJK* >/dev/null 2>&1 || missing="$missing fonts-noto-cjk"
if command -v soffice >/dev/null 2>&1; then
    # each program of it is a package of its own
    for part in writer calc impress; do
        ls /usr/lib/libreoffice/program/libs"$(echo $part | sed 's/writer/w/; s/calc/c/; s/impress/d/')"lo.so >/dev/null 2>&1 ||
            missing="$missing libreoffice-$part-nogui"
    done
else
    missing="$missing libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui"
fi
command -v pdftotext >/dev/null 2>&1 || missing="$missing poppler-utils"

if [ -z "$missing" ]; then
    exit 0
fi

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "Some tests will be skipped. On Debian, as root: apt-get update && apt-get install -y$missing" >&2
    exit 0
fi

echo "Installing what some tests need:$missing …" >&2
log=$(mktemp)
if ! apt-get -q update >"$log" 2>&1; then
    echo "Some tests will be skipped: no package lists ($(tail -n 1 "$log")). Details: $log" >&2
    exit 0
fi
left=""
for package in $missing; do # one after the other, so that one that fails does not take the others along
    DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$package" >>"$log" 2>&1 ||
        left="$left $package"
done
if [ -n "$left" ]; then
    echo "Some tests will be skipped: could not install$left ($(tail -n 1 "$log")). Details: $log" >&2
else
    rm -f "$log"
fi
exit 0
