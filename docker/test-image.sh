#!/usr/bin/env bash
# Builds the image, makes a cluster of three containers, loses the leader's and then all of them without warning and
# checks that what was acknowledged is still there; then removes everything again (BuildKit keeps its cache). It needs
# a Docker engine, and nothing else where that engine can pull the base image. Settings, all optional:
#
#   BASE_IMAGE        the base image. Default: that of the Dockerfile when it is here or can be pulled; else one made
#                     with debootstrap and this machine's node (root on Debian).
#   KEEP_BASE_IMAGE   not empty: leave the base image that was made, as quorate-base:bookworm, and use it next time.
#   PREBUILT          1: copy node_modules and dist from here; 0: `npm ci` and the build inside the image. Default: 0
#                     when the npm registry answers, else 1.
#   CONTAINERS        compose or run (plain `docker run`). Default: compose when it is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

run=quorate-test-$$
image=$run:latest
own_base=quorate-base:bookworm
default_base=node:20-bookworm-slim
servers=(s1 s2 s3)
server_options=(--join "s1,s2,s3" --expect 3 --host 0.0.0.0 --insecure)
work=$(mktemp -d)
readonly run image own_base default_base servers server_options work

say() { printf '%s\n' "$*"; }
fail() { say "FAILED: $*" | tee "$work/failure" >&2; exit 1; }
now_ms() { date +%s%3N; }
seconds_since() { awk -v from="$1" -v to="$(now_ms)" 'BEGIN { printf "%.1f s", (to - from) / 1000 }'; }

# until_ok SECONDS COMMAND…: repeats the command until it succeeds.
until_ok() {
  local deadline=$(($(now_ms) + $1 * 1000))
  shift
  until "$@" >"$work/answer" 2>&1; do
    if [ "$(now_ms)" -gt "$deadline" ]; then
      cat "$work/answer" >&2
      return 1
    fi
    sleep 0.2
  done
  cat "$work/answer"
}

# ---- base image ----

can_use() { docker image inspect "$1" >/dev/null 2>&1 || timeout 120 docker pull -q "$1" >/dev/null 2>&1; }

# A minimal Debian with this machine's node and npm in it.
make_base() {
  command -v debootstrap >/dev/null || fail "no base image can be pulled and debootstrap is not installed"
  local root=$work/base mirror node npm changes=()
  mirror=$(apt-get indextargets --format "\$(CODENAME) \$(REPO_URI)" | awk '$1 == "bookworm" { print $2; exit }')
  debootstrap --variant=minbase --include=ca-certificates,libstdc++6,tini bookworm "$root" \
    "${mirror:-http://deb.debian.org/debian}" >"$work/debootstrap.log" 2>&1 ||
    { tail -20 "$work/debootstrap.log" >&2; fail "debootstrap"; }
  rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/* "$root"/usr/share/{doc,man,locale}/*
  node=$(readlink -f "$(command -v node)")
  npm=$(readlink -f "$(command -v npm)")
  npm=${npm%/bin/npm-cli.js}
  cp "$node" "$root/usr/local/bin/node"
  mkdir -p "$root/usr/local/lib/node_modules"
  cp -a "$npm" "$root/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  # A machine behind a proxy that has a certificate of its own: the build inside the image must trust it too.
  if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then
    cp "$NODE_EXTRA_CA_CERTS" "$root/etc/ssl/extra-ca.pem"
    changes=(--change "ENV NODE_EXTRA_CA_CERTS=/etc/ssl/extra-ca.pem")
  fi
  tar -C "$root" -c . | docker import ${changes[@]+"${changes[@]}"} - "$own_base" >/dev/null
  rm -rf "$root"
}

made_base=
choose_base() {
  if [ -n "${BASE_IMAGE:-}" ]; then
    base=$BASE_IMAGE
  elif docker image inspect "$own_base" >/dev/null 2>&1; then
    base=$own_base
  elif can_use "$default_base"; then
    base=$default_base
  else
    base=$own_base
    made_base=1
    make_base
  fi
}

# ---- image ----

# The context that the Dockerfile sees when it need not build anything.
prebuilt_context() {
  local context=$work/context
  [ -f dist/bin/quorate.js ] || fail "PREBUILT needs dist: npm run build"
  mkdir "$context"
  cp -a package.json package-lock.json .npmrc LICENSE proto docker dist node_modules "$context"
  (cd "$context" && npm prune --omit=dev --ignore-scripts --offline --no-audit --no-fund) >/dev/null
  printf '%s' "$context"
}

build_image() {
  local context=. prebuilt=${PREBUILT:-}
  if [ -z "$prebuilt" ]; then
    if npm ping >/dev/null 2>&1; then prebuilt=0; else prebuilt=1; fi
  fi
  [ "$prebuilt" = 0 ] || context=$(prebuilt_context)
  docker build --force-rm --network host --build-arg "BASE_IMAGE=$base" --build-arg "PREBUILT=${prebuilt#0}" \
    -f "$context/docker/Dockerfile" -t "$image" "$context" >"$work/build.log" 2>&1 ||
    { tail -40 "$work/build.log" >&2; fail "docker build"; }
}

# ---- containers ----

compose() { "${compose_command[@]}" -p "$run" -f docker/compose.yaml "$@"; }

find_compose() {
  compose_command=()
  [ "${CONTAINERS:-compose}" = compose ] || return 0
  if docker compose version >/dev/null 2>&1; then
    compose_command=(docker compose)
  elif command -v docker-compose >/dev/null; then
    compose_command=(docker-compose)
  elif [ -n "${CONTAINERS:-}" ]; then
    fail "compose is not installed"
  fi
}

uses_compose() { [ ${#compose_command[@]} -gt 0 ]; }

# What compose.yaml says, for an engine without compose.
run_server() {
  docker run -d --name "$run-$1" --hostname "$1" --network "$run" --network-alias "$1" \
    --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges:true \
    -v "$run-$1:/data" "$image" --id "$1" --advertise "$1" "${server_options[@]}" >/dev/null
}

start_cluster() {
  if uses_compose; then
    QUORATE_IMAGE=$image compose up -d --no-build >"$work/compose.log" 2>&1 ||
      { cat "$work/compose.log" >&2; fail "compose up"; }
    return
  fi
  docker network create "$run" >/dev/null
  for server in "${servers[@]}"; do run_server "$server"; done
}

container() { if uses_compose; then compose ps -q "$1"; else printf '%s' "$run-$1"; fi; }

declare -A containers
remember_containers() {
  for server in "${servers[@]}"; do containers[$server]=$(container "$server"); done
}

show_logs() {
  for server in "${!containers[@]}"; do
    say "---- $server" >&2
    docker logs --tail 30 "${containers[$server]}" >&2 || true
  done
}

clean_up() {
  local status=$?
  # The reason once more, below the servers' logs.
  [ $status -eq 0 ] || { show_logs; cat "$work/failure" >&2 || true; }
  {
    if uses_compose; then
      QUORATE_IMAGE=$image compose down -v --remove-orphans
    fi
    for server in "${servers[@]}" alone; do docker rm -fv "$run-$server"; done
    for server in "${servers[@]}"; do docker volume rm "$run-$server"; done
    docker network rm "$run"
    docker image rm "$image"
    docker image prune -f --filter label=quorate.stage=build
    if [ -n "$made_base" ] && [ -z "${KEEP_BASE_IMAGE:-}" ]; then docker image rm "$own_base"; fi
  } >/dev/null 2>&1 || true
  rm -rf "$work"
  exit $status
}

# ---- calls ----

is_ready() { docker exec "${containers[$1]}" node /opt/quorate/docker/healthcheck.js /readyz; }

# call METHOD SERVER PATH [BODY]: through that server's HTTP door, from inside its container.
call() {
  docker exec "${containers[$2]}" node -e '
    const [, method, path, body] = process.argv;
    const answer = await fetch(`http://127.0.0.1:7470${path}`, { method, body, signal: AbortSignal.timeout(5000) });
    console.log(await answer.text());
    process.exitCode = answer.ok ? 0 : 1;
  ' --input-type=module "$1" "$3" ${4+"$4"}
}

# reads SERVER KEY VALUE: succeeds when a linearizable read of that server gives the value.
reads() { call GET "$1" "/v1/kv/$2" | grep -q "\"$(printf '%s' "$3" | base64)\""; }

health() { docker inspect --format '{{.State.Health.Status}}' "${containers[$1]}"; }
is_healthy() { [ "$(health "$1")" = healthy ]; }

expect_inside() {
  local what=$1 wanted=$2 got
  shift 2
  got=$(docker exec "${containers[s1]}" "$@" 2>&1) || true
  [ "$got" = "$wanted" ] || fail "$what: \"$got\" instead of \"$wanted\""
}

# ---- what is tested ----

test_hardening() {
  expect_inside "user" 7470 id -u
  expect_inside "root file system" refused sh -c 'touch /x 2>/dev/null || echo refused'
  if docker exec "${containers[s1]}" sh -c 'command -v tini' >/dev/null; then
    expect_inside "process 1" tini cat /proc/1/comm
  fi
}

# leader SERVER: the leader as that server sees it.
leader() { call GET "$1" /v1/status | sed -n 's/.*"leaderId":"\([a-z0-9]*\)".*/\1/p'; }

# The worst container to lose is the leader's; `docker kill` is SIGKILL for everything in it.
test_loss() {
  local from lost others=()
  lost=$(leader s1)
  [ -n "$lost" ] || fail "s1 names no leader"
  for server in "${servers[@]}"; do [ "$server" = "$lost" ] || others+=("$server"); done
  call PUT "$lost" /v1/kv/harbour "anchor" >/dev/null || fail "a key could not be written"
  from=$(now_ms)
  docker kill "${containers[$lost]}" >/dev/null
  until_ok 60 reads "${others[0]}" harbour anchor || fail "${others[0]} does not give what $lost acknowledged"
  say "$lost (the leader) killed; its key was read through ${others[0]} after $(seconds_since "$from")"
  until_ok 60 call PUT "${others[1]}" /v1/kv/buoy "green" >/dev/null || fail "no writes without $lost"
  docker start "${containers[$lost]}" >/dev/null
  from=$(now_ms)
  until_ok 60 is_ready "$lost" || fail "$lost does not come back"
  say "$lost started again; ready after $(seconds_since "$from")"
  reads "$lost" buoy green || fail "$lost does not give what was written without it"
}

# The power fails for all of them. Started in another order, they get each other's addresses, too.
test_blackout() {
  local from at
  docker kill "${containers[@]}" >/dev/null
  from=$(now_ms)
  for ((at = ${#servers[@]} - 1; at >= 0; at--)); do docker start "${containers[${servers[$at]}]}" >/dev/null; done
  for server in "${servers[@]}"; do until_ok 90 is_ready "$server" || fail "$server does not come back"; done
  reads s1 harbour anchor || fail "what was acknowledged is gone after the loss of all servers"
  say "all killed and started again; ready after $(seconds_since "$from")"
}

test_ordered_stop() {
  local from code
  from=$(now_ms)
  docker stop -t 20 "${containers[s3]}" >/dev/null
  code=$(docker inspect --format '{{.State.ExitCode}}' "${containers[s3]}")
  [ "$code" = 0 ] || fail "docker stop ended s3 with status $code"
  say "s3 stopped in order in $(seconds_since "$from")"
}

# Base images without tini: the sentinel is process 1.
test_without_tini() {
  local alone=$run-alone code
  docker run -d --name "$alone" --read-only --tmpfs /tmp --entrypoint quorate "$image" server start >/dev/null
  containers[alone]=$alone
  until_ok 60 is_ready alone || fail "no server with the sentinel as process 1"
  docker stop -t 20 "$alone" >/dev/null
  code=$(docker inspect --format '{{.State.ExitCode}}' "$alone")
  [ "$code" = 0 ] || fail "the sentinel as process 1 ended with status $code"
}

main() {
  local from
  docker info >/dev/null 2>&1 || fail "no Docker engine answers"
  find_compose
  trap clean_up EXIT
  trap 'exit 130' INT TERM

  from=$(now_ms)
  choose_base
  say "base image $base${made_base:+ (made here)}: $(seconds_since "$from")"
  from=$(now_ms)
  build_image
  say "image built: $(seconds_since "$from"), $(docker image inspect --format '{{.Size}}' "$image" |
    awk '{ printf "%d MB", $1 / 1000000 }')"

  from=$(now_ms)
  # Any free port on loopback: several runs, and servers of this machine, do not meet.
  export QUORATE_HTTP_1='' QUORATE_HTTP_2='' QUORATE_HTTP_3='' QUORATE_GRPC_1='' QUORATE_GRPC_2='' QUORATE_GRPC_3=''
  start_cluster
  remember_containers
  say "three containers (${compose_command[*]:-docker run}): $(seconds_since "$from")"
  for server in "${servers[@]}"; do until_ok 90 is_ready "$server" || fail "$server is not ready"; done
  say "cluster of three ready: $(seconds_since "$from") after the start of the first container"

  test_hardening
  test_loss
  test_blackout
  for server in "${servers[@]}"; do
    until_ok 60 is_healthy "$server" || fail "$server: its health is $(health "$server")"
  done
  test_ordered_stop
  test_without_tini
  say "the image works"
}

main
