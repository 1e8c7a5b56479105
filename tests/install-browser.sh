#!/bin/sh
# What the browser test needs beside Python packages: Chromium and a font with Han glyphs, from Debian.
# Does nothing where they are present; never fails, since the test skips itself without them.

have_browser() { command -v chromium >/dev/null 2>&1; }
have_font() { ls /usr/share/fonts/opentype/noto/NotoSansCJK* >/dev/null 2>&1; }

if have_browser && have_font; then
    exit 0
fi

wanted="apt-get update && apt-get install -y chromium fonts-noto-cjk"
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "The browser test will be skipped: it needs Chromium. On Debian, as root: $wanted" >&2
    exit 0
fi

echo "Installing Chromium and a Chinese font for the browser test …" >&2
log=$(mktemp)
if apt-get -q update >"$log" 2>&1 &&
    DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends chromium fonts-noto-cjk >>"$log" 2>&1; then
    rm -f "$log"
else
    echo "The browser test will be skipped: Chromium could not be installed ($(tail -n 1 "$log")). Details: $log" >&2
fi
exit 0
