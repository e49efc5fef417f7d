# What deploy/install, deploy/restore, deploy/upgrade and deploy/rollback share. They source it; by itself it does nothing.

umask 077
export DEBIAN_FRONTEND=noninteractive
unset CDPATH
here=$(pwd -P) # where the operator stands: never a folder that Python imports from, or that a program finds files in
cd /
PLACE=/opt/streetlight # the code: releases/VERSION, and the links current and previous
STATE=/var/lib/streetlight
SETTINGS=/etc/streetlight/environment
LOCAL=/etc/streetlight/place # what is local, as the operator edits it
LAID=/etc/streetlight/laid # checksums of the files that were laid outside the code, as they were laid
SERVICE=streetlight        # the user and the group
POSTGRES_HERE='postgres:///streetlight?host=/var/run/postgresql' # the database that deploy/install makes
COMMAND=/usr/local/sbin/streetlight # deploy/manage of the release that serves
export MANAGE_COMMAND=streetlight

step() { printf '\n== %s\n' "$*"; }
say() { printf '   %s\n' "$*"; }
stop() {
    printf '\n%s\n' "$*" >&2
    exit 1
}

# absolute FILE: its whole path, as the operator means it.
absolute() { case $1 in /*) printf '%s\n' "$1" ;; *) printf '%s/%s\n' "$here" "$1" ;; esac; }

be_root() { [ "$(id -u)" = 0 ] || stop 'Run this as root, for example with sudo.'; }

# one_at_a_time: two of these commands at once would undo each other's work. What this one calls goes on with its lock.
one_at_a_time() {
    [ -z "${STREETLIGHT_DEPLOYS:-}" ] || return 0
    exec 9>/run/streetlight.lock
    flock -n 9 || stop 'Another deploy command is running on this server. Wait until it has ended, then run this again.'
    export STREETLIGHT_DEPLOYS=1
}

# ask_secret QUESTION: $answer is what the person at the terminal types, which it does not show.
ask_secret() {
    printf '   %s ' "$1"
    shown=$(stty -g)
    trap 'stty "$shown"' EXIT
    trap 'exit 130' INT TERM HUP
    stty -echo
    IFS= read -r answer || answer=''
    stty "$shown"
    trap - EXIT INT TERM HUP
    printf '\n'
}

as_postgres() { runuser -u postgres -- "$@"; }
ask_postgres() { as_postgres psql -qtA -v ON_ERROR_STOP=1 "$@"; }
has_database() { ask_postgres -c "SELECT 1 FROM pg_database WHERE datname = '$1'" | grep -q 1; }

# version_of FOLDER: the version of the code in a folder.
version_of() { sed -n 's/^version = "\(.*\)"$/\1/p' "$1/pyproject.toml" | head -n 1; }

# has_setting NAME: whether the settings file names it, or the file that holds its value.
has_setting() { grep -q "^$1\(_FILE\)\{0,1\}=" "$SETTINGS" 2>/dev/null; }

# setting NAME: the value that the settings give it, in whichever quotes; nothing if they give none.
setting() {
    file=$(line_of "$1_FILE")
    if [ -n "$file" ]; then cat "$file"; else line_of "$1"; fi
}

line_of() {
    [ ! -e "$SETTINGS" ] || sed -n "s/^$1=//p" "$SETTINGS" | tail -n 1 |
        sed "s/[[:space:]]*\$//; s/^\([\"']\)\(.*\)\1\$/\2/"
}

# set_setting NAME VALUE: note it for write_settings, unless the settings have it. Empty: none, and not to be asked again.
new_settings=''
set_setting() {
    case $2 in *"'"* | *'
'*) stop "$1 cannot have a single quote or a second line. Nothing was written." ;; esac
    if [ -n "$(setting "$1")" ] || { [ -z "$2" ] && has_setting "$1"; }; then return; fi
    new_settings="$new_settings$1='$2'
"
}

# write_settings: add what was noted; the file is the old one or the new one, never a part of it.
write_settings() {
    made=$(mktemp "$SETTINGS.XXXXXX") # 0600
    if [ -e "$SETTINGS" ]; then
        sed '$a\' "$SETTINGS" # which ends its last line
    else
        echo "# Streetlight's settings. deploy/environment.example explains them all."
    fi >"$made"
    printf '%s' "$new_settings" >>"$made"
    if ! { sync "$made" && mv -f "$made" "$SETTINGS"; }; then
        rm -f "$made"
        stop "$SETTINGS cannot be written. It was not changed."
    fi
}

# awaits_restore: whether deploy/install --without-desk left this machine to a backup that has not been restored yet.
awaits_restore() {
    [ -e "$STATE/desk/restoring" ] || { [ -e /etc/streetlight/awaits-restore ] && [ ! -e "$STATE/desk/keyring.age" ]; }
}
say_restore() {
    say "Nothing was started. Restore the desk's backup first, with $PLACE/current/deploy/restore FOLDER."
}

# laid_by_us FILE: whether it is as we laid it, or as its Debian package did.
laid_by_us() {
    sum=$(sha256sum "$1" | cut -d ' ' -f 1)
    grep -qxF "$sum  $1" "$LAID" 2>/dev/null && return
    sum=$(md5sum "$1" | cut -d ' ' -f 1)
    package=$(dpkg-query -S "$1" 2>/dev/null | cut -d : -f 1)
    [ -n "$package" ] && dpkg-query -W -f '${Conffiles}\n' "$package" | grep -qF " $1 $sum"
}

# lay FILE TARGET [MODE]: put a file in its place; one that was edited there stays, and the new one is laid beside it.
# Whether anything changed is $changed.
lay() {
    changed=
    if [ -e "$2" ] && ! cmp -s "$1" "$2"; then
        if ! laid_by_us "$2"; then
            install -m "${3:-644}" "$1" "$2.new"
            say "$2 was edited on this server, so it was not replaced. The new file is $2.new."
            edited=${edited:-}${edited:+ }$2
            return 1
        fi
        [ -e "$2.before-streetlight" ] || cp -p "$2" "$2.before-streetlight"
    fi
    if ! cmp -s "$1" "$2"; then
        install -D -m "${3:-644}" "$1" "$2"
        changed=yes
        say "wrote $2"
    fi
    sum="$(sha256sum "$2" | cut -d ' ' -f 1)  $2"
    grep -qxF "$sum" "$LAID" 2>/dev/null || printf '%s\n' "$sum" >>"$LAID"
}

say_edited() {
    [ -z "${edited:-}" ] || say "These files were edited on this server, so they were not replaced: $edited. Compare each with the .new file beside it."
}

# code_of FOLDER: what tells its code from other code of the same version: git's commit, or else a checksum.
code_of() {
    if [ -e "$1/.git" ] && git -c safe.directory='*' -C "$1" rev-parse --verify -q HEAD; then return; fi
    whole "$1" --sort=name --mtime=@0 --numeric-owner --owner=0 --group=0 --mode=u=rwX,go=rX | sha256sum | cut -c 1-40
}

# whole FOLDER [option ...]: an archive of its code without what a trial left.
whole() {
    folder=$1
    shift
    tar -c -C "$folder" --exclude ./.git --exclude ./.venv --exclude ./.tools --exclude ./var --exclude ./static-built "$@" .
}

# lay_release FOLDER: lay its code into releases/VERSION, with the locked dependencies; $release is that folder. Where
# that has other code of the same version, it is releases/VERSION-CODE.
lay_release() {
    version=$(version_of "$1")
    [ -n "$version" ] || stop "There is no pyproject.toml with a version in $1."
    release=$PLACE/releases/$version
    case $1 in
    "$PLACE"/releases/*) release=$1 ;;
    *)
        code=$(code_of "$1")
        if [ -e "$release/.code" ] && [ "$(cat "$release/.code")" != "$code" ]; then
            release=$release-$(printf '%.7s' "$code")
            say "release $version is installed with other code, so this one is $release"
        fi
        if [ ! -e "$release/.release" ]; then
            unpack "$1"
            printf '%s\n' "$code" >"$release/.code"
        fi
        ;;
    esac
    if [ "$(cat "$release/.release" 2>/dev/null)" = "$version" ]; then
        say "release $version is already installed"
        return
    fi
    say "installing the locked dependencies (a minute or two) ..."
    (
        umask 022
        cd "$release"
        python3 -I -m venv .venv
        .venv/bin/python -I -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
            -r requirements.txt
        .venv/bin/python -I -m compileall -q config core newsroom reports manage.py # the service may not write beside the code
        printf '%s\n' "$version" >.release
    )
    say "release $version is complete: $release"
}

# unpack FOLDER: copy its code to $release: what git has in it, or without git all but what a trial left; no tests.
unpack() {
    (
        umask 022
        mkdir -p "$release"
        if git -c safe.directory='*' -C "$1" rev-parse HEAD >/dev/null 2>&1 && [ -e "$1/.git" ]; then
            git -c safe.directory='*' -C "$1" archive HEAD | tar -x -C "$release"
        else
            whole "$1" | tar -x --no-same-owner -C "$release"
        fi
        rm -rf "$release/tests"
        chmod -R u=rwX,go=rX "$release"
    )
    say "copied the code to $release"
}

# lay_static_files: make the folder for them, with those of the release that serves now: its pages still name them.
lay_static_files() {
    install -d -m 755 -o "$SERVICE" -g "$SERVICE" "$release/static-built"
    before=$(readlink -f "$PLACE/current" || true)
    if [ -d "$before/static-built" ] && [ "$before" != "$release" ]; then
        runuser -u "$SERVICE" -- cp -R -p --update=none "$before/static-built/." "$release/static-built/"
    fi
}

# lay_units: the services, sockets and timers of a release; those that are to start are enabled.
lay_units() {
    renewed=
    for unit in "$release"/deploy/*.service "$release"/deploy/*.socket "$release"/deploy/*.timer; do
        [ -e "$unit" ] || continue
        lay "$unit" "/etc/systemd/system/$(basename "$unit")" || true
        renewed=$renewed$changed
    done
    lay_mirror
    lay_memory
    [ -z "$renewed" ] || systemctl daemon-reload
}

# lay_mirror: let what writes to OUTBOX_MIRROR do so. The dash: a disk that is not there must not keep the service down.
lay_mirror() {
    mirror=$(setting OUTBOX_MIRROR)
    [ -n "$mirror" ] || return 0
    made=$(mktemp)
    printf '[Service]\nReadWritePaths=-%s\n' "$mirror" >"$made"
    for unit in streetlight streetlight-maintenance streetlight-backup; do
        lay "$made" "/etc/systemd/system/$unit.service.d/mirror.conf" || true
        renewed=$renewed$changed
    done
    rm -f "$made"
}

# lay_memory: let the service take what its processes (WORKERS) with their threads (THREADS) and pictures may, in MiB: of
# each process 2,956 and 8 a thread, 1,024 for uploads and unlocks. The unit has the numbers for the settings' defaults.
lay_memory() {
    workers=$(setting WORKERS) threads=$(setting THREADS) drop_in=/etc/systemd/system/streetlight.service.d/memory.conf
    [ -n "$workers$threads" ] || [ -e "$drop_in" ] || return 0
    case $workers$threads in *[!0-9]*) stop "WORKERS and THREADS in $SETTINGS have to be whole numbers." ;; esac
    high=$((${workers:-2} * (2956 + ${threads:-32} * 8) + 1024))
    made=$(mktemp)
    printf '[Service]\nMemoryHigh=%sM\nMemoryMax=%sM\n' "$high" "$((high + 512))" >"$made"
    lay "$made" "$drop_in" || true
    renewed=$renewed$changed
    rm -f "$made"
}

# enable_units: those with an [Install] section start with the machine; sockets and timers start now.
enable_units() {
    for unit in "$release"/deploy/*.socket "$release"/deploy/*.service "$release"/deploy/*.timer; do
        if ! grep -qs '^\[Install\]' "$unit"; then continue; fi
        # The desk's machine makes the backups.
        if [ "$(setting SITE_ROLE)" = public ] && [ "${unit##*/}" = streetlight-backup.timer ]; then continue; fi
        case $unit in *.service) now='' ;; *) now=--now ;; esac
        systemctl enable --quiet ${now:+"$now"} "$(basename "$unit")"
    done
}

# lay_nginx: the whole configuration, with the options that deploy/install was given; tested before it is laid.
lay_nginx() {
    made=$(mktemp)
    make_nginx >"$made"
    nginx -t -q -c "$made" || stop "nginx does not accept the new configuration, $made. It keeps the present one."
    if lay "$made" /etc/nginx/nginx.conf; then use_nginx; fi
    rm -f "$made"
}

# make_nginx: print it. root's nginx loads it, so the service's user, whom somebody may have taken over, has no part in it.
make_nginx() {
    # shellcheck disable=SC2046 # a list of options
    as_nobody .venv/bin/python manage.py edition_nginx --name "$(host)" $(cat /etc/streetlight/nginx-options) --to -
}

# loads: whether gunicorn can load the release's application. Nothing of it serves, and the state folder is not touched.
loads() { as_nobody .venv/bin/gunicorn --check-config --config config/gunicorn.py config.wsgi; }

# as_nobody COMMAND ...: run it in the release, from root's code and place, with the three settings that headers follow
# and no secret.
as_nobody() {
    folder=$(mktemp -d) code=0
    cp -R "$LOCAL" "$folder/place"
    chown -R nobody "$folder"
    (cd "$release" && runuser -u nobody -- env -i PATH="$PATH" PYTHONDONTWRITEBYTECODE=1 SECRET_KEY=none STATE_DIR="$folder" \
        SITE_ORIGIN="$(setting SITE_ORIGIN)" HSTS_SUBDOMAINS="$(setting HSTS_SUBDOMAINS)" \
        ONION_ADDRESS="$(setting ONION_ADDRESS)" "$@") || code=$?
    rm -rf "$folder"
    return "$code"
}

host() { setting SITE_ORIGIN | sed 's#^https*://##; s#[:/].*##'; }

use_nginx() {
    nginx -t -q || stop 'nginx does not accept its configuration. The earlier one is /etc/nginx/nginx.conf.before-streetlight.'
    systemctl enable --quiet --now nginx.service
    systemctl reload nginx.service
}

# switch RELEASE: let the link current lead there; previous then leads to the release that served before.
switch() {
    now=$(readlink "$PLACE/current" || true)
    [ "$now" = "releases/$(basename "$1")" ] && return
    if [ -n "$now" ]; then ln -sfn "$now" "$PLACE/previous"; fi
    ln -sfn "releases/$(basename "$1")" "$PLACE/current.new"
    mv -T "$PLACE/current.new" "$PLACE/current"
    ln -sfn "$PLACE/current/deploy/manage" "$COMMAND"
    say "current is now $(readlink "$PLACE/current")"
}

# health: the status that /healthz answers with; nothing while nobody answers.
health() {
    "$PLACE/current/.venv/bin/python" -I - "$(host)" <<'PYTHON' 2>/dev/null || true
import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=5)
connection.request("GET", "/healthz", headers={"Host": sys.argv[1], "X-Forwarded-Proto": "https"})
print(connection.getresponse().status)
PYTHON
}

# restart STATUS: connections wait in the socket until then. Whether the new processes say that a tip could be received
# is the result, or that they answer at all where STATUS says that none could be received before.
restart() {
    # A service that was set up without the socket holds its port.
    systemctl is-active --quiet streetlight.socket || systemctl stop streetlight.service 2>/dev/null || true
    systemctl restart streetlight.service || return 1
    tries=0
    until status=$(health) && { [ "$status" = 200 ] || { [ "${status:-none}" = "$1" ] && [ "$tries" -ge 5 ]; }; }; do
        tries=$((tries + 1))
        [ "$tries" -lt 15 ] || return 1
        sleep 1
        [ "$tries" -lt 3 ] || systemctl is-active --quiet streetlight.service || return 1
    done
    say "the service answers: $status"
}

# go_back STATUS: let $release, an earlier one, serve again, with its own units and pages.
go_back() {
    switch "$release"
    lay_units
    restart "$1" || return 1
    "$release/deploy/manage" edition
}

# look_over: the whole machine on one page.
look_over() {
    "$release/deploy/manage" doctor
}
