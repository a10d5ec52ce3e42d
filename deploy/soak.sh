#!/usr/bin/env bash
# What takes too long for every change: the load run and the soak, with the real
# program, nginx and PostgreSQL on this machine. Usage: deploy/soak.sh [TIME]
# TIME is how long the soak takes, 30m unless said otherwise. It installs nginx
# and PostgreSQL from Debian when they are missing, and prints the figures that
# stand in deploy/README.md.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PATH:/usr/sbin"
command -v nginx >/dev/null && ls /usr/lib/postgresql/*/bin/initdb >/dev/null || { apt-get update -qq && apt-get install -y -qq nginx-light postgresql; }
OPTOUTBOT_LOAD=${OPTOUTBOT_LOAD:-20000} go test -count=1 -run '^TestLoad$' -v -timeout 40m ./cmd/optoutbot
OPTOUTBOT_SOAK=${1:-30m} go test -count=1 -run '^TestSoak$' -v -timeout 120m ./cmd/optoutbot
