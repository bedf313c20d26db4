#!/bin/sh
# Starts a server with the options given to the container: `quorate server start …`, below tini where it is
# there and nothing else (`docker run --init`) is process 1 already.
set -eu
set -- quorate server start "$@"
if [ "$$" = 1 ] && command -v tini >/dev/null 2>&1; then set -- tini -- "$@"; fi
exec "$@"
