# shellcheck shell=sh
# Sourced by quickstart and verify: finds a JDK 25 and a Maven, and installs system packages where that is allowed.

say() { printf '%s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command as root: as we are, or by sudo when it asks nothing.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif have sudo && sudo -n true 2>/dev/null; then sudo -n "$@"
    else return 1
    fi
}

# Installs packages of the system, as far as it has a package manager that we know and the right to use it.
install_packages() {
    if have apt-get; then
        as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null 2>&1
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
    elif have dnf; then
        as_root dnf install -y -q "$@" >/dev/null 2>&1
    else
        return 1
    fi
}

is_jdk25() {
    [ -x "$1/bin/javac" ] && [ -r "$1/release" ] && grep -q '^JAVA_VERSION="25' "$1/release"
}

# Where people have their JDKs; the first that is a 25 is taken.
find_jdk25() {
    for candidate in "${JAVA_HOME:-}" "${JAVA25_HOME:-}" \
        /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* /usr/local/jdk* \
        "${HOME:-/nonexistent}"/.sdkman/candidates/java/* "${HOME:-/nonexistent}"/.asdf/installs/java/* \
        "${HOME:-/nonexistent}"/.local/share/mise/installs/java/* "${HOME:-/nonexistent}"/.jdks/* \
        "${HOME:-/nonexistent}"/.jenv/versions/*; do
        if [ -n "$candidate" ] && is_jdk25 "$candidate"; then
            say "$candidate"
            return 0
        fi
    done
    if have javac; then
        candidate=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
        if is_jdk25 "$candidate"; then say "$candidate"; return 0; fi
    fi
    return 1
}

find_maven() {
    if have mvn; then command -v mvn; return 0; fi
    for candidate in "${MAVEN_HOME:-}" /usr/share/maven /opt/maven /opt/apache-maven* \
        "${HOME:-/nonexistent}"/.sdkman/candidates/maven/current "${HOME:-/nonexistent}"/.asdf/installs/maven/* \
        "${HOME:-/nonexistent}"/.local/share/mise/installs/maven/*; do
        if [ -n "$candidate" ] && [ -x "$candidate/bin/mvn" ]; then say "$candidate/bin/mvn"; return 0; fi
    done
    return 1
}

# Sets MVN and JAVA25_HOME, or ends with one line on what to install.
find_tools() {
    JAVA25_HOME=$(find_jdk25) || {
        for package in openjdk-25-jdk-headless temurin-25-jdk java-25-openjdk-devel; do
            if install_packages "$package" && JAVA25_HOME=$(find_jdk25); then break; fi
        done
        [ -n "$JAVA25_HOME" ] || die "no JDK 25 is installed: install one (https://adoptium.net) and set JAVA_HOME to it"
    }
    export JAVA25_HOME
    # shellcheck disable=SC2034 # Read by whoever sources this.
    MVN=$(find_maven) || {
        install_packages maven || true
        MVN=$(find_maven) || die "no Maven is installed: install Maven 3.8.7 or newer (the package is called maven)"
    }
    # Maven itself runs on what it finds; where there is nothing, on the JDK 25.
    if ! have java && [ -z "${JAVA_HOME:-}" ]; then export JAVA_HOME="$JAVA25_HOME"; fi
}
