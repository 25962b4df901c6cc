package dev.secretsengine.it;

import java.io.IOException;

/** gnome-keyring in a session of its own, with the password pw. Closing it ends the session. */
final class GnomeKeyring implements AutoCloseable {

    private static final String DAEMON = "gnome-keyring-daemon --foreground --components=secrets";

    private final KeyringSession session;

    /** How a keyring is brought up. */
    @FunctionalInterface
    private interface Setup {

        void run(GnomeKeyring keyring) throws IOException;
    }

    private GnomeKeyring(KeyringSession session, Setup setup) throws Exception {
        Tools.require("gnome-keyring-daemon");
        this.session = session;
        try {
            setup.run(this);
        } catch (Exception | AssertionError e) {
            close();
            throw e;
        }
    }

    /** With an unlocked login keyring. Its prompts are answered as {@link #answer} says, at first dismissed. */
    static GnomeKeyring scripted() throws Exception {
        return new GnomeKeyring(KeyringSession.plain(), keyring -> {
            keyring.startPrompter();
            keyring.startUnlocked();
        });
    }

    /** With scripted prompts too, but without any keyring yet. */
    static GnomeKeyring empty() throws Exception {
        return new GnomeKeyring(KeyringSession.plain(), keyring -> {
            keyring.startPrompter();
            keyring.start();
        });
    }

    /** With an unlocked login keyring, and prompts of its own, which are windows. */
    static GnomeKeyring onScreen() throws Exception {
        return new GnomeKeyring(KeyringSession.withScreen(), GnomeKeyring::startUnlocked);
    }

    private void startPrompter() throws IOException {
        answer("dismiss");
        session.daemon("prompter", "prompter.py");
        session.keyring("await-name", "org.gnome.keyring.SystemPrompter");
    }

    private void startUnlocked() throws IOException {
        session.daemon("keyring", DAEMON + " --unlock </run/keyrings/password.txt");
        session.keyring("await-unlocked", "login");
    }

    private void start() throws IOException {
        session.daemon("keyring", DAEMON + " --start");
        session.keyring("await-name", "org.freedesktop.secrets");
    }

    /** Ends the daemon and starts another one, locked as after a login without a password. */
    void restart() throws IOException {
        session.kill(pid());
        start();
        session.keyring("await-locked", "login");
    }

    KeyringSession session() {
        return session;
    }

    /** The daemon's pid inside. */
    String pid() throws IOException {
        return session.keyring("pid", "org.freedesktop.secrets");
    }

    void lock() throws IOException {
        session.keyring("lock", "login");
    }

    void unlock() throws IOException {
        session.keyring("unlock", "login", "pw");
    }

    /** What the scripted prompter does from now on: "dismiss", "answer PASSWORD" or, until this changes, "wait". */
    void answer(String behaviour) throws IOException {
        session.sh("echo '" + behaviour + "' >prompter.new && mv prompter.new prompter").ok();
    }

    /** How many prompts the scripted prompter was told to show so far. */
    int prompts() throws IOException {
        return Integer.parseInt(session.sh("cat prompts 2>/dev/null | grep -c ^prompt || true").ok().strip());
    }

    @Override
    public void close() throws IOException {
        session.close();
    }
}
